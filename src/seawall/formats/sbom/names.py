"""What Seawall writes into an SBOM beyond its format's own words, so that it can be read back.

They are names of properties in CycloneDX, and lines of an annotation in SPDX.
"""

from typing import Final

SOURCE_NAME: Final = "seawall:source:name"
SOURCE_VERSION: Final = "seawall:source:version"
DISTRO: Final = "seawall:distro"
ECOSYSTEM: Final = "seawall:ecosystem"
ARCHITECTURE: Final = "seawall:architecture"
LAYER: Final = "seawall:image:layer"
INSTRUCTION: Final = "seawall:image:instruction"
SCOPE: Final = "seawall:package:scope"
DIRECT: Final = "seawall:package:direct"
FILE: Final = "seawall:package:file"
LINE: Final = "seawall:package:line"
KIND: Final = "seawall:target:kind"
