"""A Kubernetes object as admission policies see it: read by the API server, defaulted, changed by its own admission plugins.

    admitted({"apiVersion": "v1", "kind": "Pod", …}) -> the same Pod with restartPolicy: Always, …

An object in a file says what its author wants; a policy in the cluster is asked about what the API server made of it (ADR 0004).
`admitted` does what a create request goes through before ValidatingAdmissionPolicy: the typed reading (unknown fields go,
quantities get their canonical form, empty fields go or appear as the Go types say), the defaults, and the changes of the
strategies and of the mutating admission plugins that are on in every cluster. What only a cluster can know (addresses, default
classes, limit ranges, mutating webhooks, identifiers, times) is not invented.
"""

from collections.abc import Mapping
from typing import Any, Final

from seawall.formats.admitted_changes import CHANGES, mount_service_account
from seawall.formats.admitted_defaults import DEFAULTS
from seawall.formats.kubernetes_quantities import canonical_quantity
from seawall.formats.kubernetes_types import Kind, fields_of, type_of
from seawall.model.errors import SeawallError
from seawall.model.field_path import FieldPath, format_field_path


class WrongShapeError(SeawallError):
    """The API server could not read the object: at `field`, it wants something else."""

    def __init__(self, wanted: str, field: FieldPath) -> None:
        super().__init__(f"the API server would refuse it: {format_field_path(field) or 'the object'} is not {wanted}")
        self.wanted = wanted
        self.field = field


def admitted(value: Mapping[str, Any], *, service_account: bool = True) -> dict[str, Any]:
    """Return the object that a create request for `value` shows to policies; `value` itself is not changed.

    A kind that is not Kubernetes' own is copied as it is. Raises `WrongShapeError` for a value of a wrong type, with which the
    API server would refuse the request before any policy sees it. `service_account`: the ServiceAccount admission plugin is on,
    as in every cluster but for tests.
    """
    api_version, kind = value.get("apiVersion"), value.get("kind")
    name = type_of(api_version, kind) if isinstance(api_version, str) and isinstance(kind, str) else None
    if name is None or not isinstance(kind, str):
        return {key: _copy(item) for key, item in value.items()}
    # A new object has no status, but for a Node: that is what its kubelet registers.
    read = _read(value if kind == "Node" else {**value, "status": None}, Kind("struct", name))
    _default(read, name)
    metadata = read.get("metadata", {})
    if "name" not in metadata and "generateName" in metadata:
        metadata["name"] = f"{metadata['generateName']}00000"  # the API server's own five characters are random
    change = CHANGES.get(kind)
    if change is not None:
        change(read)
    if kind == "Pod" and service_account:
        mount_service_account(read)
    written = _write(read, name)
    return {"apiVersion": api_version, "kind": kind, **written}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _read(value: Any, kind: Kind) -> Any:
    """Return `value` as the Go decoder holds it: no nulls, no unknown fields, no zero scalars, every structure there.

    Raises `WrongShapeError` where it is not of `kind`.
    """
    if kind.form == "pointer" and kind.inner is not None:
        return _read(value, kind.inner)
    if kind.form == "struct":
        _expect(value, dict)
        fields = fields_of(kind.name)
        read: dict[str, Any] = {}
        for name, item in value.items():
            field = fields.get(name)
            if field is None or item is None:
                continue
            item = _read_at(name, item, field.kind)
            if field.kind.form == "scalar" and not item and field.kind.name != "intstr":
                continue
            read[name] = item
        for name, field in fields.items():
            if field.kind.form == "struct" and name not in read:
                read[name] = _read({}, field.kind)
        return read
    if kind.form == "list" and kind.inner is not None:
        _expect(value, list)
        # A null in a list of structures is an empty one.
        items = [{} if item is None and kind.inner.form == "struct" else item for item in value]
        return [_read_at(index, item, kind.inner) for index, item in enumerate(items)]
    if kind.form == "map" and kind.inner is not None:
        _expect(value, dict)
        resources = kind.inner.name == "quantity"
        return {
            key: _read_at(key, item, _RESOURCE if resources else kind.inner)
            for key, item in value.items()
            if item is not None or kind.inner.name == "any"
        }
    if kind.name in ("quantity", "resource"):
        _expect(value, str, int, float)
        return canonical_quantity(value, smallest=-9 if kind.name == "quantity" else -3)
    _expect(value, *_SCALARS.get(kind.name, (object,)))
    return _copy(value)


def _read_at(step: str | int, value: Any, kind: Kind) -> Any:
    """`_read` one step below, which an error names."""
    try:
        return _read(value, kind)
    except WrongShapeError as error:
        raise WrongShapeError(error.wanted, (step, *error.field)) from None


_RESOURCE: Final = Kind("scalar", "resource")  # an amount in a list of resources is rounded up to thousandths
_SCALARS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "bytes": (str,),
    "time": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "intstr": (int, str),
}
_NAMES: Final[dict[type, str]] = {dict: "a map", list: "a list", str: "text", bool: "true or false", int: "a number"}


def _expect(value: Any, *types: type) -> None:
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types and object not in types):
        raise WrongShapeError(_NAMES.get(types[0], "a value"), ())


def _default(value: Any, name: str) -> None:
    """Set the defaults of a type and of everything below it, the outer before the inner as the API server does."""
    if not isinstance(value, dict):
        return
    default = DEFAULTS.get(name)
    if default is not None:
        default(value)
    for key, field in fields_of(name).items():
        item = value.get(key)
        if item is not None:
            _default_below(item, field.kind)


def _default_below(value: Any, kind: Kind) -> None:
    kind = kind.pointed
    if kind.form == "struct":
        _default(value, kind.name)
    elif kind.inner is not None and kind.inner.pointed.form == "struct":
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for item in items:
            _default(item, kind.inner.pointed.name)


def _write(value: Any, name: str) -> Any:
    """Return `value` as the Go encoder writes it."""
    if not isinstance(value, dict):
        return value
    written: dict[str, Any] = {}
    for key, field in fields_of(name).items():
        kind = field.kind
        if kind.form == "struct":
            item = _write(value.get(key, {}), kind.name)
            if item or not field.drop:
                written[key] = item
        elif key in value and (kind.form == "pointer" or value[key] or field.keep or _is_kept(kind)):
            written[key] = _write_inner(value[key], kind)
        elif key not in value and (field.keep or _is_kept(kind)) and not field.drop:
            written[key] = _ZERO.get(kind.name)
    return written


def _is_kept(kind: Kind) -> bool:
    # Structures with a form of their own: Go writes them whatever omitempty says.
    return kind.form == "scalar" and kind.name in ("quantity", "intstr", "time", "any")


_ZERO: dict[str, Any] = {"string": "", "bool": False, "int": 0, "float": 0, "quantity": "0", "intstr": 0}


def _write_inner(value: Any, kind: Kind) -> Any:
    kind = kind.pointed
    if kind.form == "struct":
        return _write(value, kind.name)
    if kind.inner is None:
        return value
    if isinstance(value, list):
        return [_write_inner(item, kind.inner) for item in value]
    if isinstance(value, dict):
        return {key: _write_inner(item, kind.inner) for key, item in value.items()}
    return value
