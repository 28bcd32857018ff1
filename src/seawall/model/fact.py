"""Facts: what is the case. Scanners emit them; only rules turn them into findings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource


class Fact(msgspec.Struct, frozen=True, eq=False):
    """One fact: `value` is what a rule sees as ``object``; `resource` is the thing that a finding blames.

    `roots` says where the top-level fields of `value` stand in the resource, so that a rule's ``at`` names a real field:
    ``{"spec": ("spec", "template", "spec")}``. For a list that was put together from several lists, the entry is a list
    with one path an element. A field without an entry stands at the same path in the resource as in `value`.
    """

    kind: str
    resource: Resource
    value: Any
    roots: Mapping[str, FieldPath | list[FieldPath]]
