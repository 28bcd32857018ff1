"""Installed Python packages: ``*.dist-info/METADATA``, ``*.egg-info/PKG-INFO`` and ``*.egg-info`` files (core metadata, PyPA)."""

from collections.abc import Mapping

from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.stanzas import stanzas
from seawall.model.package import ParsedPackages

MAX_LICENCE = 80
"""Longest ``License`` that is taken for a name."""

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
    packages.add("pypi", name, version, line=header.line, licences=_licences(header, data))


def _licences(header: Mapping[str, str], data: bytes) -> list[str]:
    """Return the licence expression, else a short ``License`` (some put the whole text there), else the classifiers."""
    stated = header.get("license-expression", "") or header.get("license", "")
    if stated and stated != "UNKNOWN" and len(stated) <= MAX_LICENCE:
        return [stated]
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    return [
        line.rpartition(" :: ")[2].strip() for line in head.split("\n") if line.startswith("Classifier: License :: ")
    ]
