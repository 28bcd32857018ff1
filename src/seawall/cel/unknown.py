"""A value that stands for "not known": every operation on it raises `CelUnknown`.

Programs pay nothing for it: the operations that they do on data anyway (a key, a comparison, a call) run into the raising
methods below. `&&`, `||` and `?:` absorb the exception as the CEL specification says.
"""

from typing import Any, NoReturn

from seawall.cel.errors import CelUnknown


class Unknown:
    """The type of `UNKNOWN`; one instance is enough."""

    __slots__ = ()

    def _refuse(self, *_: Any) -> NoReturn:
        raise CelUnknown

    # What generated code and the function library do with data, all of it refused.
    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __call__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __int__ = __float__ = __index__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # the machinery of Python (copy, pickle, mocks) asks for names that we do not have
            raise AttributeError(name)
        raise CelUnknown

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> "Unknown":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unknown":
        return self


UNKNOWN = Unknown()
