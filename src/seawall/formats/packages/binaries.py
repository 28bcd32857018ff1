"""Packages that compilers write into executables: Go's build information, and cargo-auditable's list.

A file that is no executable, or one of neither, holds no packages and is no problem.
"""

import zlib

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.packages.executables import Executable, ExecutableError, is_executable, programs
from seawall.formats.packages.go_build_info import GoBuildInfoError, find_build_info
from seawall.formats.packages.go_modules import add_module, add_standard_library
from seawall.formats.untyped import flag, rows, text
from seawall.model.package import ParsedPackages

MAX_BYTES = 4 * 1024 * 1024 * 1024
"""Largest executable. Little of it is looked at; programs of 700 MB are shipped."""

MAX_LIST = 16 * 1024 * 1024
"""Most bytes of a cargo-auditable list when inflated; its specification advises 8 MB for servers."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the modules and crates that an executable was built from."""
    return collect(path, data, _read, most=MAX_BYTES)


def _read(packages: PackageList, data: bytes) -> None:
    if not is_executable(data[:8]):
        return
    try:
        for program in programs(data):
            _read_go(packages, program)
            _read_rust(packages, program)
    except ExecutableError as error:
        raise MalformedError(f"is a broken executable: {error}") from error


def _read_go(packages: PackageList, program: Executable) -> None:
    """Add the modules; the main one is what the others belong to, so which of them it asks for directly is not known."""
    try:
        info = find_build_info(program)
    except GoBuildInfoError as error:
        raise MalformedError(f"is a Go executable with broken build information: {error}") from error
    if info is None:
        return
    version, modules = info
    add_standard_library(packages, version)
    path = module = ""
    pending: tuple[str, str] | None = None
    for line in modules.split("\n"):
        kind, *fields = line.split("\t")
        if kind in ("dep", "mod", "=>") and fields:
            module = fields[1] if len(fields) > 1 else ""
            path = fields[0]
            if kind == "=>" and pending is not None:
                # A replacement by a folder (``./lib (devel)``) is no module, and has no version that could be known.
                add_module(packages, *((path, module) if module not in ("", "(devel)") else (pending[0], "")))
                pending = None
                continue
            if pending is not None:
                add_module(packages, *pending)
            pending = path, module
    if pending is not None:
        add_module(packages, *pending)


def _read_rust(packages: PackageList, program: Executable) -> None:
    section = next((section for section in program.sections if section.name == ".dep-v0"), None)
    if section is None:
        return
    inflate = zlib.decompressobj()
    try:
        listed = inflate.decompress(program.content(section), MAX_LIST)
    except zlib.error as error:
        raise MalformedError(f"has a list of crates that cannot be inflated: {error}") from error
    if inflate.unconsumed_tail:
        raise MalformedError(f"has a list of crates of more than {MAX_LIST // 1024 // 1024} MB")
    entries = rows(decode_json(listed), "packages")
    numbers = []
    for entry in entries:
        name, version = text(entry, "name"), text(entry, "version")
        if not name or not version:
            packages.refuse("a crate in the executable's list has no name or no version")
            numbers.append(-1)
            continue
        scope = "dev" if text(entry, "kind") == "build" else ""
        numbers.append(packages.add("cargo", name, version, scope=scope))
    for entry, parent in zip(entries, numbers, strict=True):
        root = flag(entry, "root")
        if root:
            packages.root(parent)
        for index in rows(entry, "dependencies"):
            if type(index) is not int or not 0 <= index < len(numbers):
                packages.refuse("a crate in the executable's list requires one that is not in it")
            elif root:
                packages.root(numbers[index])
                packages.require(parent, numbers[index])
            else:
                packages.require(parent, numbers[index])
