"""Generated modules: the only place where text becomes code, and the form in which that code is kept."""

import marshal
import sys
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any, Final

from seawall.cel.errors import CompileError

# Equal versions read each other's cached programs. The interpreter is part of it because code objects are its own.
ENGINE_VERSION: Final = f"seawall-cel-6/{sys.implementation.cache_tag}/{sys.hexversion:x}"


def assemble(text: str) -> CodeType:
    """The code of a generated module. Raises `CompileError` where it is nested deeper than Python compiles."""
    try:
        return compile(text, "<cel>", "exec", dont_inherit=True, optimize=2)
    except (RecursionError, SyntaxError, MemoryError, OverflowError) as error:
        raise CompileError(f"the expression is nested too deeply ({type(error).__name__})", 1, 1) from None


def store(code: CodeType, needs: Iterable[str], *about: str | list[str]) -> bytes:
    """A generated module as bytes for a cache that only its owner can write: they hold code, like a `.pyc` file."""
    return marshal.dumps((ENGINE_VERSION, code, sorted(needs), *about))


def restore(data: bytes | memoryview) -> tuple[Any, ...] | None:
    """What `store` wrote, without the version; None when another version of the engine wrote it or it is damaged."""
    try:
        version, *rest = marshal.loads(data)  # noqa: S302 (the caller guards the file)
    except (EOFError, ValueError, TypeError):
        return None
    if version != ENGINE_VERSION or not rest or not isinstance(rest[0], CodeType):
        return None
    return tuple(rest)


_shared: dict[str, Any] = {}


def link(code: CodeType, needs: Iterable[str]) -> Callable[..., Any]:
    """Run the generated module with the names that it needs; returns its `program`."""
    from seawall.cel.names import load

    names: dict[str, Any] = {"__builtins__": _BUILTINS}
    for name in needs:
        if name not in _shared:
            try:
                _shared[name] = load(name)
            except ModuleNotFoundError as error:
                library = str(error.name).rpartition(".")[2]
                raise CompileError(
                    f"the function library {library!r} is not in this version of Seawall", 1, 1
                ) from None
        names[name] = _shared[name]
    exec(code, names)  # noqa: S102 (our own generated code, see generate)
    function: Callable[..., Any] = names["program"]
    return function


def kept_function(data: bytes | memoryview) -> Callable[..., Any] | None:
    """The function that `store` keeps, linked; None where `restore` gives none. What it needs is imported, no compiler."""
    stored = restore(data)
    return None if stored is None else link(stored[0], stored[1])


def when_called(load: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """A function that is loaded at its first call: most programs of a run are never asked alone."""
    function: Callable[..., Any] | None = None

    def run(*arguments: Any) -> Any:
        nonlocal function
        if function is None:
            function = load()
        return function(*arguments)

    return run


# All that generated code may use of Python itself.
_BUILTINS: Final[dict[str, Any]] = {
    builtin.__name__: builtin for builtin in (list, len, float, bool, int, str, dict, Exception, TypeError)
}
