"""What there is to say of a kind of facts: its subject, its fields, and the function that derives it. See `facts.catalogue`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

import msgspec

from seawall.model.fact import Fact
from seawall.model.resource import Resource


class FactKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fact.

    `function` is ``module:function`` below `seawall.facts`: ``Resource -> Iterator[Fact]`` for `scope` ``resource``,
    ``Sequence[Resource] -> Iterator[Fact]`` for ``set``; for ``project``, ``package``, ``image``, ``file``, ``tree`` and
    ``outcome`` the stage calls it with what it is about. `fields` documents the value. `kinds` are the ``group/Kind``s that
    yield it (empty: any). `cel` maps each field to an expression over the admitted ``object`` and what stands before it, as
    ``variables.<name>``; it is empty when there is none.
    """

    name: str
    scope: str
    function: str
    about: str
    fields: Mapping[str, str]
    kinds: tuple[str, ...] = ()
    cel: Mapping[str, str] = {}

    def load(self) -> Callable[[Resource | Sequence[Resource]], Iterator[Fact]]:
        """Import and return the deriving function."""
        module, _, function = self.function.partition(":")
        loaded: Callable[[Resource | Sequence[Resource]], Iterator[Fact]] = getattr(
            import_module(f"seawall.facts.{module}"), function
        )
        return loaded
