"""What import-linter cannot see: calls. The core takes bytes, values and `now`; it opens nothing and asks no clock.

Each test walks the syntax tree of every product module and lists what it finds, so that a failure names file and line.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "seawall"
EXAMPLES = SOURCE / "rules"  # of rules about code: data
MODULES = sorted(path for path in SOURCE.rglob("*.py") if EXAMPLES not in path.parents)
CORE = ("model", "cel", "formats", "trust", "facts", "policy")
CORE_MODULES = [path for path in MODULES if path.relative_to(SOURCE).parts[0] in CORE]

# Generated functions have to be made somewhere: here, from a tree that the official checker typed, and nowhere else.
MAY_EXECUTE_GENERATED_CODE = {"cel/linking.py"}
MAXIMUM_LINES = 400

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
FILE_METHODS = {
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "iterdir",
    "glob",
    "rglob",
    "mkdir",
    "unlink",
    "touch",
    "urlopen",
    "getenv",
}
MODULES_OF_THE_WORLD = {"os", "pathlib", "glob", "io", "urllib.request", "fileinput", "logging"}

Check = Callable[[ast.AST], str | None]


def _violations(paths: list[Path], check: Check) -> list[str]:
    found: list[str] = []
    for path in paths:
        tree = ast.parse(path.read_bytes(), filename=str(path))
        for node in ast.walk(tree):
            what = check(node)
            if what is not None:
                found.append(f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 1)}: {what}")
    return found


def _called(node: ast.AST) -> tuple[str, str]:
    """Return (owner, name) of a call: ``("", "open")`` for ``open(…)``, ``("datetime", "now")`` for ``datetime.now(…)``."""
    if not isinstance(node, ast.Call):
        return "", ""
    if isinstance(node.func, ast.Name):
        return "", node.func.id
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        return (owner.id if isinstance(owner, ast.Name) else "?"), node.func.attr
    return "", ""


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _touches_the_world(node: ast.AST) -> str | None:
    owner, name = _called(node)
    if (owner, name) == ("", "open") or name in FILE_METHODS:
        return f"calls {name}(), which reaches a file or the environment"
    if name in CLOCKS and owner in ("time", "datetime", "date", "dt", "_dt"):
        return f"calls {owner}.{name}(), which asks a clock"
    if (owner, name) in (("", "print"), ("", "input")):
        return f"calls {name}()"
    for module in _imported(node):
        if module in MODULES_OF_THE_WORLD:
            return f"imports {module}"
    return None


def _asserts(node: ast.AST) -> str | None:
    return "has an assert, which `python -O` removes" if isinstance(node, ast.Assert) else None


def _executes_text(node: ast.AST) -> str | None:
    owner, name = _called(node)
    if not owner and name in ("eval", "exec", "compile", "__import__"):
        return f"calls {name}()"
    return None


def _is_unsafe(node: ast.AST) -> str | None:
    owner, name = _called(node)
    # An image's configuration has a field of that name: the shell that its build used.
    if (
        isinstance(node, ast.Call)
        and name != "ImageConfig"
        and any(
            keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
            for keyword in node.keywords
        )
    ):
        return "starts a shell"
    if (owner, name) in (("os", "system"), ("os", "popen")):
        return "starts a shell"
    if owner == "yaml" and name in ("load", "load_all", "full_load", "unsafe_load"):
        return f"calls yaml.{name}(), which can build objects"
    for module in _imported(node):
        if module.split(".")[0] in ("pickle", "shelve", "dill", "cloudpickle"):
            return f"imports {module}, which runs what it reads"
    return None


def test_the_core_reaches_no_file_clock_or_environment() -> None:
    assert CORE_MODULES
    assert _violations(CORE_MODULES, _touches_the_world) == []


def test_product_code_has_no_assert() -> None:
    assert _violations(MODULES, _asserts) == []


def test_only_the_expression_engine_executes_generated_code() -> None:
    others = [path for path in MODULES if path.relative_to(SOURCE).as_posix() not in MAY_EXECUTE_GENERATED_CODE]
    assert _violations(others, _executes_text) == []


def test_no_shell_no_pickle_no_object_building_yaml() -> None:
    assert _violations(MODULES, _is_unsafe) == []


def test_every_file_answers_one_question_in_four_hundred_lines() -> None:
    lengths = {path.relative_to(SOURCE).as_posix(): len(path.read_bytes().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAXIMUM_LINES} == {}


def test_every_module_but_the_empty_ones_says_its_contract_first() -> None:
    silent = [
        path.relative_to(SOURCE).as_posix()
        for path in MODULES
        if (tree := ast.parse(path.read_bytes())).body and ast.get_docstring(tree) is None
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (_touches_the_world, "open('x')"),
        (_touches_the_world, "path.read_text()"),
        (_touches_the_world, "datetime.now()"),
        (_touches_the_world, "time.time()"),
        (_touches_the_world, "import os"),
        (_touches_the_world, "from urllib.request import urlopen"),
        (_asserts, "assert x"),
        (_executes_text, "exec(text)"),
        (_is_unsafe, "subprocess.run('x', shell=True)"),
        (_is_unsafe, "yaml.load(data)"),
        (_is_unsafe, "import pickle"),
    ],
)
def test_the_checks_see_what_they_are_there_for(check: Check, text: str) -> None:
    assert any(check(node) for node in ast.walk(ast.parse(text)))
