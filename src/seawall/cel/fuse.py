"""Many tests on one value, or on each element of its lists, as one Python function.

Rules ask a pod the same things: does it have a security context, which containers, what do their settings say. Run one by
one, each pays for a call and walks the same path again; in one function a path that several of them read is read once, the
loop over the list is shared, and no call is left. What is written for one test is the fast form of `generate`; a test that
meets an exception is handed back as a doubt, for the caller to ask its own program, which has the exact form.
"""

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, Final

import msgspec

from seawall.cel.environment import Environment
from seawall.cel.linking import assemble, link, restore, store

# A path that is read this often is worth a name of its own, even where some of its readers might not have come to it.
_SHARED_FROM: Final = 2


class FusedTest(msgspec.Struct, frozen=True):
    """One test: it fails where all of `conditions` are true and `text` is false. All are CEL of type bool."""

    conditions: tuple[str, ...]
    text: str


class Walk(msgspec.Struct, frozen=True):
    """The lists to walk: `outer` below the value and, where it is not None, `inner` below each of its elements."""

    outer: tuple[str, ...]
    inner: tuple[str, ...] | None = None


Found = tuple[int, Any, Any, tuple[int, ...]]
"""The number of a test, the element, the element of the outer list, and the positions in the lists."""


class Fused(msgspec.Struct, frozen=True, eq=False):
    """The function for many tests: ``function(value, failures, doubts)`` appends a `Found` for each test that is false to
    `failures`, and for each that its own program must decide to `doubts`. It raises where the value is not built as
    the tests take for granted; then nothing that it appended counts.
    """

    function: Callable[[Any, list[Found], list[Found]], None]
    _code: CodeType
    _needs: frozenset[str]

    def to_cache(self) -> bytes:
        """The function as bytes, with the same care as `Program.to_cache`."""
        return store(self._code, self._needs)


def fused_from_cache(data: bytes) -> Fused | None:
    """What `Fused.to_cache` wrote; None when another version wrote it or it is damaged."""
    stored = restore(data)
    if stored is None:
        return None
    code, needs = stored
    return Fused(link(code, needs), code, frozenset(needs))


def fuse(
    tests: Sequence[FusedTest],
    environment: Environment,
    walk: Walk | None = None,
    present: frozenset[str] = frozenset(),
) -> Fused:
    """Compile `tests` into one function.

    `environment` has three variables, in this order: the value, the element, the element of the outer list. `present` are
    the fields that every value has. Raises `CompileError` where a test does not compile.
    """
    from seawall.cel.generate_fused import FusedWriter

    counting = FusedWriter(environment.variables, present=present)
    counting.write(tests, environment, walk)
    chosen = {key for key, count in counting.seen.items() if count >= _SHARED_FROM}
    writer = FusedWriter(environment.variables, present=present, chosen=chosen, definitions=counting.definitions)
    text = writer.write(tests, environment, walk)
    code = assemble(text)
    needs = frozenset(writer.needs)
    return Fused(link(code, needs), code, needs)
