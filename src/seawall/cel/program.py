"""From the text of an expression to a Python function, and the form in which a compiled program is kept.

The work of one program is bounded: an expression has at most `TEXT_LIMIT` characters, loops stand at most
`generate.LOOP_DEPTH_LIMIT` deep, nested loops stop after `operators.ITERATION_LIMIT` rounds, strings and lists stop growing at
`operators.SIZE_LIMIT`, and regular expressions are RE2's. What exceeds a bound while it runs ends in a `CelLimitError`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from seawall.cel.environment import Environment
from seawall.cel.errors import CompileError
from seawall.cel.linking import assemble, link, restore, store

if TYPE_CHECKING:
    from seawall.cel.checked import Checked

TEXT_LIMIT: Final = 100_000

# Kubernetes takes `exists_one` with two variables for `existsOne`; the front end knows the second name only.
_TWO_VARIABLES = re.compile(r"\.exists_one(\s*\(\s*\w+\s*,\s*\w+\s*,)")
_LOCATION = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


class Program(msgspec.Struct, frozen=True, eq=False):
    """A compiled expression.

    `function` takes the values of the environment's variables in their order: plain data as decoded from YAML or JSON, or
    `UNKNOWN`. It returns a plain value (or one of `seawall.cel.values`) and raises `CelError` or `CelUnknown`. `uses` are the
    variables that the expression reads; the others may be anything. `result_type` is the checker's
    (`bool`, `dyn`, `list(string)`…).
    """

    text: str
    result_type: str
    function: Callable[..., Any]
    uses: frozenset[str]
    _code: CodeType
    _needs: frozenset[str]

    def to_cache(self) -> bytes:
        """The program as bytes for a cache that only its owner can write: they hold code, like a `.pyc` file."""
        return store(self._code, self._needs, self.text, self.result_type, sorted(self.uses))


def from_cache(data: bytes) -> Program | None:
    """The program that `to_cache` gave; None when another version of the engine or of Python wrote it, or it is damaged.

    Neither the front end nor the parser is imported.
    """
    stored = restore(data)
    if stored is None:
        return None
    code, needs, text, result_type, uses = stored
    return Program(text, result_type, link(code, needs), frozenset(uses), code, frozenset(needs))


def compile_expression(text: str, environment: Environment, *, expect: str | None = None) -> Program:
    """Compile `text` over the variables of `environment`.

    `expect` is the type that the result must have, or several of them with `|` between (`string|null_type`); as in the API
    server, `dyn` is not enough. Raises `CompileError` with line and column.
    """
    from seawall.cel.generate import Unsupported, generate
    from seawall.cel.literals import check_literals
    from seawall.cel.scopes import free_variables

    checked = check(text, environment)
    if expect is not None and checked.root.type not in expect.split("|"):
        raise CompileError(f"must evaluate to {expect.replace('|', ' or ')}, not to {checked.root.type}", 1, 1)
    try:
        check_literals(checked.root, exact=environment.exact_literals)
        source = generate(checked, environment.variables, environment.types)
        code = assemble(source.text)
    except Unsupported as error:
        line, column = place(text, checked.positions.get(error.node.id, 0))
        raise CompileError(str(error), line, column) from None
    except (RecursionError, MemoryError, OverflowError) as error:
        raise CompileError(f"the expression is nested too deeply ({type(error).__name__})", 1, 1) from None
    uses = frozenset(free_variables(checked.root, frozenset(environment.variables)))
    return Program(text, checked.root.type, link(code, source.needs), uses, code, source.needs)


@lru_cache(maxsize=1024)
def check(text: str, environment: Environment) -> "Checked":
    """Parse and check `text` with the official front end. The tree must not be changed. Raises `CompileError`.

    The latest are kept: a rule's text is compiled alone, fused with others, and read for its variables.
    """
    if len(text) > TEXT_LIMIT:
        raise CompileError(f"the expression has {len(text)} characters, more than {TEXT_LIMIT}", 1, 1)
    try:
        return environment.check(text)
    except RuntimeError as error:
        rewritten = _TWO_VARIABLES.sub(r".existsOne \1", text)
        if rewritten != text:
            return check(rewritten, environment)
        _refuse(error)


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column, both from 1, of the character at `offset`."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _refuse(error: RuntimeError) -> NoReturn:
    found = _LOCATION.search(str(error))
    if found is None:
        raise CompileError(str(error)) from None
    raise CompileError(found[3], int(found[1]), int(found[2])) from None
