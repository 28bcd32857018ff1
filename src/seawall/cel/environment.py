"""The names that an expression may use, and the official front end that parses and checks against them."""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from seawall.cel.checked import Checked

_NO_TYPES: Mapping[str, str] = MappingProxyType({})


class Environment:
    """Variables in the order in which a program takes them; each is `dyn` unless `types` names its CEL type.

    A type other than `dyn` is relied on: the caller promises data of that type. Where `exact_literals` is set, the types of
    all variables are those of the API server, and lists and maps are held to one type as it does.
    """

    exact_literals = False

    def __init__(self, variables: Sequence[str], *, types: Mapping[str, str] = _NO_TYPES) -> None:
        self.variables = tuple(variables)
        self.types = dict(types)

    @property
    def key(self) -> str:
        """A text that is equal for equal environments, for caches."""
        return ",".join(f"{name}:{self.types.get(name, 'dyn')}" for name in self.variables)

    @cached_property
    def front_end(self) -> Any:
        """The official environment (`cel_expr_python.cel.Env`); made at first use."""
        return front_end(self.variables, self.types)

    def check(self, text: str) -> "Checked":
        """Parse and check `text`. Raises `RuntimeError` with the front end's message where it is not valid."""
        from seawall.cel.checked import decode

        return decode(self.front_end.compile(text).serialize())


@cache
def _configuration() -> Any:
    from cel_expr_python import cel  # type: ignore[import-untyped]

    from seawall.cel.declarations import front_end_configuration

    return cel.NewEnvConfigFromYaml(front_end_configuration())


def front_end(variables: Sequence[str], types: Mapping[str, str]) -> Any:
    """An official environment with `variables`, each `dyn` unless `types` names its type (`list(string)`…)."""
    from cel_expr_python import cel

    from seawall.cel.declarations import TYPE_NAMES

    kinds = dict.fromkeys(TYPE_NAMES, cel.Type.DYN) | {
        name: _kind(types[name]) if name in types else cel.Type.DYN for name in {**dict.fromkeys(variables), **types}
    }
    return cel.NewEnv(config=_configuration(), variables=kinds)


def _kind(text: str) -> Any:
    """The front end's type for a type as `Node.type` writes it; what it cannot declare for a variable is `dyn`."""
    from cel_expr_python import cel

    name, _, rest = text.partition("(")
    if not rest:
        simple = _SIMPLE.get(name)
        if simple is not None:
            return getattr(cel.Type, simple)
        return cel.Type(name) if name.startswith(("kubernetes.", "net.")) else cel.Type.DYN
    if name == "list":
        return cel.Type.List(_kind(rest[:-1]))
    if name == "map":
        key, _, value = rest[:-1].partition(", ")  # the type of a key has no parameters
        return cel.Type.Map(_kind(key), _kind(value))
    return cel.Type.DYN


_SIMPLE: Final = {
    "bool": "BOOL",
    "int": "INT",
    "uint": "UINT",
    "double": "DOUBLE",
    "string": "STRING",
    "bytes": "BYTES",
    "null_type": "NULL",
    "timestamp": "TIMESTAMP",
    "duration": "DURATION",
}


ADMISSION = Environment(("object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer"))
