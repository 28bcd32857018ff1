"""The names that an expression may use, and the official front end that parses and checks against them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

_NO_TYPES: Mapping[str, str] = MappingProxyType({})


class Environment:
    """Variables in the order in which a program takes them; each is `dyn` unless `types` names its CEL type.

    A type other than `dyn` is relied on: the caller promises data of that type.
    """

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
        from cel_expr_python import cel  # type: ignore[import-untyped]

        from seawall.cel.declarations import front_end_configuration

        configuration = cel.NewEnvConfigFromYaml(front_end_configuration())
        kinds = {name: cel.Type(self.types[name]) if name in self.types else cel.Type.DYN for name in self.variables}
        return cel.NewEnv(config=configuration, variables=kinds)


ADMISSION = Environment(("object", "oldObject", "request", "params", "namespaceObject", "variables", "authorizer"))
