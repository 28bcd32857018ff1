"""The typed reading and writing of an object, as Go's decoder and encoder do it, and the walk that sets its defaults.

Each type becomes three functions, made of its fields once: a reader, a writer, and a setter of defaults. Between reading and
writing a value is as the Go decoder holds it: no nulls, no unknown fields, no zero scalars, every structure there.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from seawall.formats.admitted_defaults import DEFAULTS
from seawall.formats.kubernetes_quantities import canonical_quantity
from seawall.formats.kubernetes_types import Kind, fields_of
from seawall.model.errors import SeawallError
from seawall.model.field_path import FieldPath, format_field_path

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]
Setter = Callable[[Any], None]


class WrongShapeError(SeawallError):
    """The API server could not read the object: at `field`, it wants something else."""

    def __init__(self, wanted: str, field: FieldPath) -> None:
        super().__init__(f"the API server would refuse it: {format_field_path(field) or 'the object'} is not {wanted}")
        self.wanted = wanted
        self.field = field


def copy_plain(value: Any) -> Any:
    """Return a copy of plain data."""
    if isinstance(value, Mapping):
        return {key: copy_plain(item) for key, item in value.items()}
    return [copy_plain(item) for item in value] if isinstance(value, list) else value


# ---- reading

_SCALARS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "string": ((str,), "text"),
    "bytes": ((str,), "text"),
    "time": ((str,), "text"),
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a number"),
    "float": ((int, float), "a number"),
    "intstr": ((int, str), "a number or text"),
}


@cache
def reader_of(name: str) -> Read:
    """Return what reads a value of the type `name`; it raises `WrongShapeError`."""
    readers: dict[str, tuple[Read, bool]] = {}
    structures: list[tuple[str, Read]] = []

    def read(value: Any) -> Any:
        if not readers:  # at the first call, for types may hold themselves
            for key, field in fields_of(name).items():
                reader = _reader(field.kind)
                readers[key] = (reader, field.kind.form == "scalar" and field.kind.name != "intstr")
                if field.kind.form == "struct":
                    structures.append((key, reader))
        if not isinstance(value, dict):
            raise WrongShapeError("a map", ())
        result: dict[str, Any] = {}
        for key, item in value.items():
            found = readers.get(key)
            if found is None or item is None:
                continue
            try:
                item = found[0](item)
            except WrongShapeError as error:
                raise WrongShapeError(error.wanted, (key, *error.field)) from None
            if item or not found[1]:
                result[key] = item
        for key, reader in structures:
            if key not in result:
                result[key] = reader({})
        return result

    return read


@cache
def _reader(kind: Kind) -> Read:
    if kind.form == "struct":
        return reader_of(kind.name)
    if kind.inner is None:
        return _scalar_reader(kind.name)
    if kind.form == "pointer":
        return _reader(kind.inner)
    if kind.form == "list":
        return _list_reader(_reader(kind.inner), of_structures=kind.inner.form == "struct")
    # An amount in a list of resources is rounded up to thousandths.
    inner = _resource if kind.inner.name == "quantity" else _reader(kind.inner)
    return _map_reader(inner, nulls=kind.inner.name == "any")


def _scalar_reader(name: str) -> Read:
    if name == "any":
        return copy_plain
    if name == "quantity":
        return _quantity
    types, wanted = _SCALARS[name]
    booleans = bool in types

    def read(value: Any) -> Any:
        if not isinstance(value, types) or (value is True or value is False) is not booleans:
            raise WrongShapeError(wanted, ())
        return value

    return read


def _quantity(value: Any, smallest: int = -9) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise WrongShapeError("an amount", ())
    return canonical_quantity(value, smallest=smallest)


def _resource(value: Any) -> str:
    return _quantity(value, -3)


def _list_reader(inner: Read, *, of_structures: bool) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise WrongShapeError("a list", ())
        result = []
        for index, item in enumerate(value):
            try:
                # A null in a list of structures is an empty one.
                result.append(inner({} if item is None and of_structures else item))
            except WrongShapeError as error:
                raise WrongShapeError(error.wanted, (index, *error.field)) from None
        return result

    return read


def _map_reader(inner: Read, *, nulls: bool) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise WrongShapeError("a map", ())
        result = {}
        for key, item in value.items():
            if item is None and not nulls:
                continue
            try:
                result[key] = inner(item)
            except WrongShapeError as error:
                raise WrongShapeError(error.wanted, (key, *error.field)) from None
        return result

    return read


# ---- writing

_ZERO: Final[dict[str, Any]] = {"string": "", "bool": False, "int": 0, "float": 0, "quantity": "0", "intstr": 0}
# Structures with a form of their own: Go writes them whatever omitempty says.
_OWN_FORM: Final = frozenset(("quantity", "intstr", "time", "any"))


@cache
def writer_of(name: str) -> Write:
    """Return what writes a value of the type `name`."""
    writers: dict[str, tuple[Write | None, bool]] = {}
    structures: list[tuple[str, Write, bool]] = []
    zeros: list[tuple[str, Any]] = []

    def prepare() -> None:
        for key, field in fields_of(name).items():
            kind = field.kind
            if kind.form == "struct":
                structures.append((key, writer_of(kind.name), field.drop))
                continue
            always = field.keep or (kind.form == "scalar" and kind.name in _OWN_FORM)
            writers[key] = (_writer(kind), always or kind.form == "pointer")
            if always and not field.drop:
                zeros.append((key, _ZERO.get(kind.name)))

    def write(value: Any) -> Any:
        if not writers and not structures:
            prepare()
        written: dict[str, Any] = {}
        for key, item in value.items():
            found = writers.get(key)
            if found is not None and (item or found[1]):
                writer = found[0]
                written[key] = item if writer is None else writer(item)
        for key, structure, drop in structures:
            item = structure(value.get(key, {}))
            if item or not drop:
                written[key] = item
        written.update((key, zero) for key, zero in zeros if key not in value)
        return written

    return write


@cache
def _writer(kind: Kind) -> Write | None:
    """What writes a value of `kind`; None where it is written as it is."""
    kind = kind.pointed
    if kind.form == "struct":
        return writer_of(kind.name)
    inner = _writer(kind.inner) if kind.inner is not None else None
    if inner is None:
        return None
    if kind.form == "list":
        return lambda value: [inner(item) for item in value]
    return lambda value: {key: inner(item) for key, item in value.items()}


# ---- defaults


def set_defaults(value: Any, name: str) -> None:
    """Set the defaults of a type and of everything below it, the outer before the inner as the API server does."""
    setter = _setter_of(name)
    if setter is not None:
        setter(value)


@cache
def _setter_of(name: str) -> Setter | None:
    if not _has_defaults(name):
        return None
    default = DEFAULTS.get(name)
    below = [(key, *found) for key, field in fields_of(name).items() if (found := _nested(field.kind)) is not None]

    def set_all(value: Any) -> None:
        if default is not None:
            default(value)
        for key, many, inner in below:
            item = value.get(key)
            if not item and item != {}:
                continue
            setter = _setter_of(inner)
            if setter is None:
                continue
            if not many:
                setter(item)
            else:
                for one in item.values() if isinstance(item, dict) else item:
                    setter(one)

    return set_all


def _nested(kind: Kind) -> tuple[bool, str] | None:
    """Whether a field holds many structures, and their type; None where nothing below it has defaults."""
    kind = kind.pointed
    many = kind.inner is not None
    inner = kind.inner.pointed if kind.inner is not None else kind
    return (many, inner.name) if inner.form == "struct" and _has_defaults(inner.name) else None


@cache
def _has_defaults(name: str) -> bool:
    """Whether the type or one below it has defaults."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current in DEFAULTS:
            return True
        if current in seen:
            continue
        seen.add(current)
        for field in fields_of(current).values():
            kind = field.kind.pointed
            inner = kind.inner.pointed if kind.inner is not None else kind
            if inner.form == "struct":
                pending.append(inner.name)
    return False
