"""What Seawall writes into an SBOM beyond its format's own words, so that it can be read back.

They are names of properties in CycloneDX, and lines of an annotation in SPDX.
"""

import re
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
ONE_LICENCE: Final = "seawall:package:one-licence"
"""In SPDX: the declared licence is one that is stated, although it reads as several."""
INCOMPLETE: Final = "Incomplete:"
"""How the comment of a document in SPDX begins that does not list all."""

_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def escape(value: str) -> str:
    """Return `value` as one line, as it stands in an annotation of SPDX."""
    return re.sub(r"[\\\n\r]", lambda found: _ESCAPES[found[0]], value)


def unescape(value: str) -> str:
    """Return what was escaped."""
    return re.sub(r"\\([\\nr])", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), value)
