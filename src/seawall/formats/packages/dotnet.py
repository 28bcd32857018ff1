"""Published .NET applications: ``*.deps.json`` (the runtime's own format).

``libraries`` lists every package, ``targets`` what requires what and which files of each are deployed; entries of type
``project`` are the application's own. A package of which no target deploys a file (a bundle of references, or what the runtime
has itself) is not there.
"""

from seawall.formats.lockfile_text import decode_json, json_key_lines
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import table, text
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the packages, direct where a project of the application requires them."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no deps.json: the top is no object", 1)
    lines = json_key_lines(data)
    absent = _without_files(value)
    numbers: dict[str, int] = {}
    projects = set()
    for key, library in table(value, "libraries").items():
        name, slash, version = key.partition("/")
        if text(library, "type") == "project":
            projects.add(key)
        elif text(library, "type") == "package" and key not in absent:
            if slash and name and version:
                numbers[key] = packages.add("nuget", name, version, line=lines.get(key, 0))
            else:
                packages.refuse(f"the library {key!r} has no version", lines.get(key, 0))
    for target in table(value, "targets").values():
        for key, entry in table(target).items():
            for name, version in table(entry, "dependencies").items():
                child = numbers.get(f"{name}/{version}", -1)
                if key in projects:
                    packages.root(child)
                else:
                    packages.require(numbers.get(key, -1), child)


_FILES = ("runtime", "native", "runtimeTargets", "resources")


def _without_files(value: object) -> set[str]:
    """Return the packages that targets name and of which no target deploys a file; none where no target says files at all."""
    named: set[str] = set()
    deployed: set[str] = set()
    for target in table(value, "targets").values():
        for key, entry in table(target).items():
            named.add(key)
            if any(table(entry, kind) for kind in _FILES):
                deployed.add(key)
    return named - deployed if deployed else set()
