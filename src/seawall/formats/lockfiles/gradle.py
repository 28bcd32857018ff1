"""``gradle.lockfile``: ``group:artifact:version=configuration,…`` a line (Gradle, dependency locking)."""

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import PackageList, collect
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked modules; one that only configurations of tests need is for development."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    for number, text in enumerate(split_lines(data), 1):
        line = text.strip()
        if not line or line.startswith(("#", "empty=")):
            continue
        module, _, configurations = line.partition("=")
        parts = module.split(":")
        if len(parts) != 3 or not all(parts):
            packages.refuse(f"is no group:artifact:version: {module[:100]!r}", number)
            continue
        names = [name for name in configurations.lower().split(",") if name]
        dev = bool(names) and all("test" in name for name in names)
        packages.add(
            "maven",
            parts[1],
            parts[2],
            namespace=parts[0],
            shown=f"{parts[0]}:{parts[1]}",
            line=number,
            scope="dev" if dev else "",
        )
