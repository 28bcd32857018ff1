"""Go modules as packages: what a module path and a version become, in executables and in go.mod alike."""

from typing import Any

from seawall.formats.package_list import PackageList


def add_module(packages: PackageList, module: str, version: str, **fields: Any) -> int:
    """Add `module`; ``(devel)`` is no version: built from a checkout that had none."""
    namespace, _, name = module.rpartition("/")
    known = "" if version == "(devel)" else version
    return packages.add("golang", name, known, namespace=namespace, shown=module, **fields)


def add_standard_library(packages: PackageList, version: str, **fields: Any) -> int:
    """Add Go's standard library, which OSV calls ``stdlib``; `version` is ``go1.22.3 X:boringcrypto`` or ``1.22``.

    A toolchain of a commit (``devel go1.23-…``) has no version that advisories speak of.
    """
    number = version.removeprefix("go").partition(" ")[0].partition("-")[0]
    return packages.add("golang", "stdlib", number if number[:1].isdigit() else "", **fields)
