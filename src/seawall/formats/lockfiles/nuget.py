"""``packages.lock.json`` of NuGet, versions 1 and 2: for each framework every package, direct or transitive."""

from seawall.formats.lockfile_text import decode_json, json_key_lines
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import table, text
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages of all frameworks, each version once; a project is no package."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no packages.lock.json: the top is no object", 1)
    lines = json_key_lines(data)
    numbers: dict[tuple[str, str], int] = {}
    packages.rooted = True
    for framework in table(value, "dependencies").values():
        here: dict[str, int] = {}
        for name, entry in table(framework).items():
            kind, version = text(entry, "type"), text(entry, "resolved")
            if kind.lower() == "project":
                continue
            if not version:
                packages.refuse(f"{name[:100]!r} has no resolved version", lines.get(name, 0))
                continue
            number = numbers.get((name, version))
            if number is None:
                number = numbers[name, version] = packages.add("nuget", name, version, line=lines.get(name, 0))
            here[name.lower()] = number
            if kind.lower() == "direct":
                packages.root(number)
        for name, entry in table(framework).items():
            for required in table(entry, "dependencies"):
                child = here.get(required.lower(), -1)
                if text(entry, "type").lower() == "project":
                    packages.root(child)
                else:
                    packages.require(here.get(name.lower(), -1), child)
