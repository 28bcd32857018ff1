"""Installed Python packages: ``*.dist-info/METADATA``, ``*.egg-info/PKG-INFO`` and ``*.egg-info`` files (core metadata, PyPA)."""

from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.stanzas import stanzas
from seawall.model.package import ParsedPackages

_FIELDS = frozenset(("name", "version", "license", "license-expression"))


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the one package whose metadata it is."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    header = next(stanzas(data, _FIELDS), None)  # the description follows after a blank line
    name = header.get("name", "") if header else ""
    version = header.get("version", "") if header else ""
    if header is None or not name or not version:
        packages.refuse("the metadata has no Name or no Version", 1)
        return
    licence = header.get("license-expression", "") or header.get("license", "")
    packages.add("pypi", name, version, line=header.line, licences=() if licence == "UNKNOWN" else (licence,))
