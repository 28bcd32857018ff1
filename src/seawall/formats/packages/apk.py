"""Alpine packages as apk lists them: ``lib/apk/db/installed`` (apk-v2), one letter a field.

``P`` name, ``V`` version, ``A`` architecture, ``L`` licence, ``o`` origin: the source package that secdb and OSV speak of.
"""

from seawall.formats.lockfile_text import refuse_large
from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.stanzas import Stanza
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the installed packages; the purl says Alpine until the distribution is known."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    # Most of the file's lines are files of packages. The bytes are scanned, and only what is wanted is decoded.
    refuse_large(data)
    current: Stanza | None = None
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            _add(packages, current)
            current = None
        elif line[1:2] == b":":
            if current is None:
                current = Stanza(number)
            if line[0] in b"PVALo":
                current.setdefault(chr(line[0]), line[2:].decode("utf-8", "replace").strip())
    _add(packages, current)


def _add(packages: PackageList, fields: Stanza | None) -> None:
    if fields is None:
        return
    name, version = fields.get("P", ""), fields.get("V", "")
    if not name or not version:
        packages.refuse("an entry has no name (P:) or no version (V:)", fields.line)
        return
    architecture = fields.get("A", "")
    packages.add(
        "apk",
        name,
        version,
        namespace="alpine",
        shown=name,
        line=fields.line,
        qualifiers={"arch": architecture},
        licences=(fields.get("L", ""),),
        source_name=fields.get("o", name),
        source_version=version,
        architecture=architecture,
    )
