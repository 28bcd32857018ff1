"""``go.mod`` (Go modules reference). From Go 1.17 on it lists every module that the build needs; ``// indirect`` marks what the
module's own code does not import.

``go.sum`` is not read: it has checksums of what was ever looked at, not what is chosen. ``replace`` is applied, ``exclude`` and
``retract`` choose nothing.
"""

from collections.abc import Iterator

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.go_modules import add_module, add_standard_library
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the required modules, and the standard library where a toolchain or a release of Go is named."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    required: list[tuple[str, str, int, bool]] = []
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    go = toolchain = ("", 0)
    for line, verb, words, comment in _statements(data):
        if verb == "go" and words:
            go = (words[0], line)
        elif verb == "toolchain" and words:
            toolchain = (words[0], line)
        elif verb == "require":
            if len(words) != 2:
                packages.refuse("a requirement is not a module and a version", line)
                continue
            required.append((words[0], words[1], line, "indirect" not in comment.replace(";", " ").split()))
        elif verb == "replace" and "=>" in words:
            at = words.index("=>")
            left, right = words[:at], words[at + 1 :]
            if left and right:
                replaced[left[0], left[1] if len(left) > 1 else ""] = (right[0], right[1] if len(right) > 1 else "")
    packages.rooted = True
    for path, version, line, direct in required:
        new = replaced.get((path, version)) or replaced.get((path, "")) or (path, version)
        # A folder in place of a module: its code is in the repository, and its version nowhere.
        number = add_module(packages, *(new if new[1] else (path, "")), line=line)
        if direct:
            packages.root(number)
    _add_go(packages, go, toolchain)
    if required and _is_before_1_17(go[0]):
        packages.refuse(
            "is of Go before 1.17 and does not list what is required indirectly: `go mod tidy -go=1.17` adds it", go[1]
        )


def _add_go(packages: PackageList, go: tuple[str, int], toolchain: tuple[str, int]) -> None:
    """Add the standard library. ``go 1.22`` is a language, ``go 1.22.3`` the least release that may build it."""
    stated, line = toolchain if toolchain[0].startswith("go") else go
    if stated.count(".") >= 2:
        packages.root(add_standard_library(packages, stated, line=line))


def _is_before_1_17(version: str) -> bool:
    numbers = version.split(".")
    return (
        len(numbers) > 1
        and numbers[0] == "1"
        and numbers[1].isascii()
        and numbers[1].isdigit()
        and int(numbers[1][:4]) < 17
    )


def _statements(data: bytes) -> Iterator[tuple[int, str, list[str], str]]:
    """Yield line, verb, words and comment of each statement; those of a block have the verb of its opening line."""
    block = ""
    for number, text in enumerate(split_lines(data), 1):
        code, _, comment = text.partition("//")
        words = [word.strip('"`') for word in code.split()]
        if not words:
            continue
        if words[0] == ")":
            block = ""
        elif block:
            yield number, block, words, comment
        elif words[-1] == "(":
            block = words[0]
        else:
            yield number, words[0], words[1:], comment
