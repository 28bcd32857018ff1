"""Custom resources as their CustomResourceDefinition has the API server read them: unknown fields pruned, defaults set.

Source: k8s.io/apiextensions-apiserver pkg/apiserver/schema/{pruning,defaulting} (v1.36).
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

Object: TypeAlias = Mapping[str, Any]

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
# What every object has is the API server's own, whatever the schema says.
_ROOT = ("apiVersion", "kind", "metadata")


def schemas_of(definitions: Iterable[Object]) -> dict[tuple[str, str], Object]:
    """Return the schema of each version of the CustomResourceDefinitions `definitions`, by apiVersion and kind."""
    found: dict[tuple[str, str], Object] = {}
    for definition in definitions:
        spec = definition.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            continue
        for version in spec.get("versions") or ():
            holder = version.get("schema") if isinstance(version, dict) else None
            schema = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
            if isinstance(schema, dict):
                found[f"{spec.get('group')}/{version.get('name')}", str(names.get("kind"))] = schema
    return found


def admitted_custom(value: Object, schema: Object, *, preserve: bool = False) -> dict[str, Any]:
    """Return a copy of the custom resource `value` as `schema` has it; `preserve` keeps unknown fields everywhere."""
    copy: dict[str, Any] = deepcopy(dict(value))
    if not preserve:
        _prune(copy, schema, root=True)
    _default(copy, {"properties": {k: v for k, v in _properties(schema).items() if k not in _ROOT}})
    return copy


def _properties(schema: Object) -> Object:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _prune(value: Any, schema: Object, *, root: bool = False) -> None:
    if isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for item in value:
                _prune(item, items)
        return
    if not isinstance(value, dict):
        return
    properties, more = _properties(schema), schema.get("additionalProperties")
    root = root or schema.get(_EMBEDDED) is True
    for key in list(value):
        if root and key in _ROOT:
            continue
        if isinstance(properties.get(key), dict):
            _prune(value[key], properties[key])
        elif isinstance(more, dict):
            _prune(value[key], more)
        elif not (schema.get(_PRESERVE) or more):
            del value[key]


def _default(value: Any, schema: Object) -> None:
    if isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for item in value:
                _default(item, items)
        return
    if not isinstance(value, dict):
        return
    properties, more = _properties(schema), schema.get("additionalProperties")
    for key, inner in properties.items():
        if not isinstance(inner, dict):
            continue
        if "default" in inner and (key not in value or (value[key] is None and not inner.get("nullable"))):
            value[key] = deepcopy(inner["default"])
        if key in value:
            _default(value[key], inner)
    if isinstance(more, dict):
        for key, item in value.items():
            if key not in properties:
                _default(item, more)
