"""``go.sum`` (Go modules reference, "go.sum files"): which modules' code the build may hold, where ``go.mod`` does not say it.

A line with ``/go.mod`` is the checksum of a module's requirements, which Go reads of every module of the whole graph, also of
those that nothing imports. A line without it is that of a module's code: a module that has none cannot be in the build (Go stops
for the missing checksum). Of several versions Go takes the highest that anything requires. The file may hold lines of before,
since only ``go mod tidy`` takes them out.
"""

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import PackageList
from seawall.formats.versions import VersionError, compare

MAX_MODULES = 50_000
"""Most modules with code. The largest repositories of Go have about 2,000."""


def read_sums(packages: PackageList, path: str, data: bytes) -> dict[str, tuple[str, int]]:
    """Return version and line of each module whose code ``go.sum`` has a checksum of, the highest version of each.

    What is no line of such a file is a problem of `packages`, at `path`.
    """
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(split_lines(data), 1):
        words = line.split()
        if not words:
            continue
        if len(words) != 3:
            packages.refuse("a line of go.sum is not a module, a version and a checksum", number, path=path)
            continue
        module, version, _ = words
        if version.endswith("/go.mod"):
            continue
        if len(found) >= MAX_MODULES:
            packages.refuse(f"names more than {MAX_MODULES:,} modules; the rest is not read", number, path=path)
            break
        known = found.get(module)
        if known is None or _newer(version, known[0]):
            found[module] = (version, number)
    return found


def _newer(left: str, right: str) -> bool:
    try:
        return compare("Go", left, right) > 0
    except VersionError:  # the file has versions in their order
        return True
