"""``Pipfile.lock``: the sections ``default`` and ``develop``, without what requires what."""

from seawall.formats.lockfile_text import decode_json, json_key_lines
from seawall.formats.lockfiles.declared import collect_with, in_pipfile
from seawall.formats.lockfiles.python_names import comparable
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import table, text
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages; one from a repository (``git``) or a path has no version."""
    return collect(path, data, _read)


def parse_with(path: str, data: bytes, beside: bytes) -> ParsedPackages:
    """Return the same; `beside` is Pipfile, which says what is required directly."""
    return collect_with(path, data, _read, in_pipfile(beside), comparable)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no Pipfile.lock: the top is no object", 1)
    lines = json_key_lines(data)
    for section in value:
        if section == "_meta":
            continue
        scope = "dev" if section in ("develop", "dev-packages") else "" if section == "default" else "optional"
        for name, entry in table(value, section).items():
            version = text(entry, "version")
            packages.add(
                "pypi",
                name,
                version.removeprefix("==") if version.startswith("==") else "",
                line=lines.get(name, 0),
                scope=scope,
            )
