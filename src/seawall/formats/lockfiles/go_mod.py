"""``go.mod`` (Go modules reference). From Go 1.17 on it lists every module that the build needs; ``// indirect`` marks what the
module's own code does not import. Before, it lists what nothing else requires already, and ``go.sum`` has the others.

``replace`` is applied, ``exclude`` and ``retract`` choose nothing. Of a file from Go 1.17 on ``go.sum`` is not read: it has lines
of what was ever looked at, and adds nothing that is in the build.
"""

from collections.abc import Iterator

import msgspec

from seawall.formats.lockfile_text import split_lines
from seawall.formats.lockfiles.go_sum import read_sums
from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.go_modules import add_module, add_standard_library
from seawall.model.package import ParsedPackages


class _Required(msgspec.Struct, frozen=True):
    path: str
    version: str
    line: int
    direct: bool


class _GoMod(msgspec.Struct):
    """What a go.mod says; `go` and `toolchain` with their lines."""

    go: tuple[str, int] = ("", 0)
    toolchain: tuple[str, int] = ("", 0)
    required: list[_Required] = []
    replaced: dict[tuple[str, str], tuple[str, str]] = {}

    def replacement(self, path: str, version: str) -> tuple[str, str]:
        """Return path and version of what is built for a module; no version where a folder is."""
        new = self.replaced.get((path, version)) or self.replaced.get((path, "")) or (path, version)
        # A folder in place of a module: its code is in the repository, and its version nowhere.
        return new if new[1] else (path, "")


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the required modules, and the standard library where a toolchain or a release of Go is named."""
    return collect(path, data, lambda packages, content: _read(packages, content, None))


def parse_with(path: str, data: bytes, sums: bytes) -> ParsedPackages:
    """Return the same, and what ``go.sum`` beside the file adds: modules with its path and line, which are not direct."""
    return collect(path, data, lambda packages, content: _read(packages, content, sums))


def says_all(data: bytes) -> bool:
    """Tell whether the file lists what is required indirectly, too."""
    found = _statements_of(PackageList(""), data)
    return not (found.required and _is_before_1_17(found.go[0]))


def _read(packages: PackageList, data: bytes, sums: bytes | None) -> None:
    found = _statements_of(packages, data)
    packages.rooted = True
    listed: set[str] = set()
    for required in found.required:
        new = found.replacement(required.path, required.version)
        listed.update((required.path, new[0]))
        number = add_module(packages, *new, line=required.line)
        if required.direct:
            packages.root(number)
    _add_go(packages, found)
    if not found.required or not _is_before_1_17(found.go[0]):
        return
    if sums is None:
        packages.refuse(
            "is of Go before 1.17 and does not list what is required indirectly, and there is no go.sum beside it: "
            "`go mod tidy -go=1.17` adds it",
            found.go[1],
        )
    else:
        _add_sums(packages, found, listed, sums)


def _add_sums(packages: PackageList, found: _GoMod, listed: set[str], data: bytes) -> None:
    path = f"{packages.path.rpartition('go.mod')[0]}go.sum"
    sums = read_sums(packages, path, data)
    if listed.isdisjoint(sums) and any(found.replacement(one.path, one.version)[1] for one in found.required):
        packages.refuse("has nothing of what go.mod requires: `go mod tidy` writes it anew", path=path)
    for module, (version, line) in sums.items():
        new = found.replacement(module, version)
        if module not in listed and new[0] not in listed:
            listed.add(new[0])
            add_module(packages, *new, line=line, path=path)


def _statements_of(packages: PackageList, data: bytes) -> _GoMod:
    found = _GoMod()
    for line, verb, words, comment in _statements(data):
        if verb == "go" and words:
            found.go = (words[0], line)
        elif verb == "toolchain" and words:
            found.toolchain = (words[0], line)
        elif verb == "require":
            if len(words) != 2:
                packages.refuse("a requirement is not a module and a version", line)
                continue
            direct = "indirect" not in comment.replace(";", " ").split()
            found.required.append(_Required(words[0], words[1], line, direct))
        elif verb == "replace" and "=>" in words:
            at = words.index("=>")
            left, right = words[:at], words[at + 1 :]
            if left and right:
                old = (left[0], left[1] if len(left) > 1 else "")
                found.replaced[old] = (right[0], right[1] if len(right) > 1 else "")
    return found


def _add_go(packages: PackageList, found: _GoMod) -> None:
    """Add the standard library. ``go 1.22`` is a language, ``go 1.22.3`` the least release that may build it."""
    stated, line = found.toolchain if found.toolchain[0].startswith("go") else found.go
    if stated.count(".") >= 2:
        packages.root(add_standard_library(packages, stated, line=line))


def _is_before_1_17(version: str) -> bool:
    """Tell whether the language is older. A file that says none is of Go 1.16 (reference, "go directive")."""
    numbers = (version or "1.16").split(".")
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
