"""Runs deptry over a Python project: what it declares, what it imports. Nothing of the project is executed.

deptry parses the project's files; it runs in Python's isolated mode, so that neither the current directory nor the environment
adds to what is imported. What is installed beside Seawall says nothing of the project: see `seawall.formats.deptry_report`.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence

from seawall.formats.deptry_report import Imports, read_report
from seawall.model.errors import SourceError
from seawall.sources.programs import run_program

SECONDS = 60.0
"""It reads a thousand files a second."""

MAX_REPORT_BYTES = 64 << 20

NO_CODE = r"(?:.*/)?(?:venv|\.venv|\.direnv|\.git|\.tox|\.nox|node_modules|site-packages)/"
"""What is not the project's own code, besides what git ignores. Tests are code: what they import is no dead weight to them."""


def find_imports(
    directory: str,
    *,
    requirements: Sequence[str],
    own_modules: Iterable[str],
    modules: Mapping[str, Iterable[str]],
) -> Imports:
    """Return what the project in `directory` declares without importing, and imports without declaring.

    `requirements` are its requirement files, for a project whose ``pyproject.toml`` does not say. `own_modules` are the names
    of its own packages and modules, `modules` what distributions are imported as. Paths in the result are relative to
    `directory`. Raises `SourceError` where deptry cannot tell.
    """
    with tempfile.TemporaryDirectory(prefix="seawall-") as scratch:
        report = os.path.join(scratch, "report.json")
        arguments = [
            sys.executable, "-I", "-m", "deptry", ".",
            "--no-ansi", "--enforce-posix-paths",
            "--json-output", report,
            "--exclude", NO_CODE,
            "--ignore", "DEP004,DEP005",
        ]  # fmt: skip
        if modules:
            spelled = ",".join(f"{name}={'|'.join(found)}" for name, found in sorted(modules.items()))
            arguments += ["--package-module-name-map", spelled]
        if requirements:
            arguments += ["--requirements-files", ",".join(requirements)]
        for module in sorted(set(own_modules)):
            arguments += ["--known-first-party", module]
        output = run_program(arguments, SECONDS, directory=os.path.abspath(directory))
        try:
            with open(report, "rb") as stream:
                data = stream.read(MAX_REPORT_BYTES)
        except FileNotFoundError:
            # It exits with 1 both for what it found and for an error of Python's: only the report tells which.
            lines = [line for line in output.errors.splitlines() if line.strip()]
            reason = lines[-1].strip() if lines else f"it ended with status {output.status}"
            raise SourceError(f"deptry cannot tell what the project imports: {reason[:300]}") from None
        try:
            return read_report(data)
        except ValueError as error:
            raise SourceError(str(error)) from None
