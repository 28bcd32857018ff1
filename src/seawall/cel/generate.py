"""From a checked expression to the source of a Python module with two functions.

`program` is the fast form: it does on data what Python does natively (`value["key"]`, `len(value)`), which is right whenever it
succeeds, because every native operation that is used raises on a value that CEL would treat differently. On any exception the
program starts again in `careful`, the exact form, where every operation checks its operands and `&&` and `||` absorb
errors and unknowns as CEL says. Expressions have no effects, so nothing is lost but a few microseconds on the rare path.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from seawall.cel.checked import Checked, Comprehension, Const, Ident, Node
from seawall.cel.macros import Macro, Shape, recognise
from seawall.cel.names import NAMES, resolve_function

# Part of every cache key: raise it when generated code changes.
GENERATOR_VERSION = 1

# Beyond this depth of loops within loops the cost of a policy cannot be judged; Kubernetes' cost limit refuses it too.
LOOP_DEPTH_LIMIT = 8

# What the API server charges for one question to an authorizer, of the 1,000,000 that an expression may cost there: the third
# one is refused. Iterations count 1 each (`operators.ITERATION_LIMIT`); other costs are not followed.
CHECK_COST = 350_000


class Unsupported(Exception):  # noqa: N818 (the compiler turns it into a CompileError)
    """The tree has something that the environment does not offer; `node` says where."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.node = node


def parameter(variable: str) -> str:
    """The Python name of a variable of the environment, whose own name may hold dots (`authorizer.requestResource`)."""
    return f"v_{variable.replace('.', '__')}"


@dataclass(slots=True)
class Source:
    """A generated module: its text, and the names that it takes from the function library."""

    text: str
    needs: frozenset[str]


@dataclass
class Writer:
    """Collects statements and hands out names; the two forms derive from it."""

    variables: Sequence[str]
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    loops: int = 0
    counts: bool = False
    counter: int = 0
    needs: set[str] = field(default_factory=set)
    scope: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope.update((name, parameter(name)) for name in self.variables)

    def emit(self, line: str) -> None:
        """Add one statement at the current indentation."""
        self.lines.append("    " * self.depth + line)

    def fresh(self, stem: str = "t") -> str:
        """A name that nothing else has."""
        self.counter += 1
        return f"{stem}{self.counter}"

    def use(self, name: str) -> str:
        """Note that the module needs `name` of the function library."""
        if name not in NAMES:
            raise KeyError(name)
        self.needs.add(name)
        return name

    def captured(self, node: Node, *, deeper: int = 1) -> tuple[str, list[str]]:
        """The expression for `node` and the statements that must come before it, which are not yet emitted."""
        outer, self.lines = self.lines, []
        self.depth += deeper
        try:
            text = self.expression(node)
        finally:
            statements, self.lines = self.lines, outer
            self.depth -= deeper
        return text, statements

    def expression(self, node: Node) -> str:
        """The Python expression for `node`; statements that it needs are emitted first."""
        raise NotImplementedError

    def named(self, node: Node) -> str:
        """Like `expression`, but the result is a plain name or literal that may be used more than once."""
        text = self.expression(node)
        if text.isidentifier() or isinstance(node, Const):
            return text
        name = self.fresh()
        self.emit(f"{name} = {text}")
        return name

    def ident(self, node: Ident) -> str:
        """A variable, or a type as a value."""
        local = self.scope.get(node.name)
        if local is not None:
            return local
        return self.constant("T", f"{self.use('CelType')}({node.name!r})")

    def constant(self, stem: str, text: str) -> str:
        """The name of a module-level constant with the value `text`."""
        if text not in self.constants:
            self.constants[text] = f"{stem}_{len(self.constants)}"
        return self.constants[text]

    def literal(self, node: Const) -> str:
        """A literal as Python writes it."""
        value = node.value
        if type(value).__name__ == "Uint":
            return self.constant("U", f"{self.use('Uint')}({int(value)})")
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            return f"float({str(value)!r})"
        if isinstance(value, int | float) and value < 0:
            return f"({value!r})"
        return repr(value)

    def call(self, function: str, count: int, member: bool, node: Node) -> str:
        """The library function for a CEL function of that many operands."""
        name = resolve_function(function, count, member)
        if name is None:
            raise Unsupported(f"undeclared reference to '{function}'", node)
        if function == "check":
            self._charge(CHECK_COST)
        return self.use(name)

    def _charge(self, cost: int) -> None:
        self.counts = True
        self.emit(f"n += {cost}")
        self.emit(f"if n > {self.use('ITERATION_LIMIT')}: raise {self.use('over_limit')}()")

    def loop(self, node: Comprehension, *, careful: bool) -> tuple[Macro, str]:
        """Recognise the macro of a loop and account for its depth."""
        macro = recognise(node)
        if macro is None:
            raise Unsupported("unsupported comprehension", node)
        if macro.shape is not Shape.BIND and self.loops >= LOOP_DEPTH_LIMIT:
            raise Unsupported(f"more than {LOOP_DEPTH_LIMIT} comprehensions within one another", node)
        return macro, "careful" if careful else "fast"

    def bind(self, name: str, local: str, kind: str = "dyn") -> tuple[str | None, str]:
        """Give a comprehension variable its Python name; returns what `unbind` needs to restore the outer one."""
        before = self.scope.get(name), self.types.get(local, "dyn")
        self.scope[name] = local
        self.types[local] = kind
        return before

    def unbind(self, name: str, before: tuple[str | None, str]) -> None:
        """End the scope of a comprehension variable."""
        if before[0] is None:
            self.scope.pop(name, None)
        else:
            self.scope[name] = before[0]

    def count(self, items: str) -> None:
        """Add the length of a list to the iterations of this evaluation, inside other loops only: one loop is bounded by data."""
        if self.loops:
            self.counts = True
            self.emit(f"n += len({items})")
            self.emit(f"if n > {self.use('ITERATION_LIMIT')}: raise {self.use('over_limit')}()")


def generate(checked: Checked, variables: Sequence[str], types: dict[str, str]) -> Source:
    """The module for a checked expression over `variables`, in the order of their positions."""
    from seawall.cel.fold import fold
    from seawall.cel.generate_careful import CarefulWriter
    from seawall.cel.generate_fast import FastWriter

    parameters = ", ".join(map(parameter, variables))
    parts: list[str] = []
    needs: set[str] = set()
    constants: dict[str, str] = {}
    writers: list[tuple[str, Writer]] = [
        ("careful", CarefulWriter(variables, constants=constants)),
        (
            "program",
            FastWriter(variables, constants=constants, depth=2, types={parameter(k): v for k, v in types.items()}),
        ),
    ]
    root = fold(checked.root)
    for name, writer in writers:
        result = writer.expression(root)
        needs |= writer.needs
        parts.append(f"def {name}({parameters}):")
        if name == "program":
            parts.append("    try:")
        if writer.counts:
            parts.append("    " * writer.depth + "n = 0")
        parts.extend(writer.lines)
        parts.append("    " * writer.depth + f"return {result}")
        if name == "program":
            parts.append("    except Exception:")
            parts.append(f"        return careful({parameters})")
    head = [f"{name} = {text}" for text, name in constants.items()]
    return Source("\n".join(head + parts) + "\n", frozenset(needs))
