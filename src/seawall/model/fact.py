"""Facts: what is the case. Scanners emit them; only rules turn them into findings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from seawall.model.field_path import FieldPath
from seawall.model.finding import Package, Suppressed, Vulnerability
from seawall.model.resource import Resource


class Fact(msgspec.Struct, frozen=True, eq=False):
    """One fact: `value` is what a rule sees as ``object``; `resource` is the thing that a finding blames.

    `roots` says where the top-level fields of `value` stand in the resource, so that a rule's ``at`` names a real field:
    ``{"spec": ("spec", "template", "spec")}``. For a list that was put together from several lists, the entry is a list
    with one path an element. A field without an entry stands at the same path in the resource as in `value`.

    `identity` is what a finding's fingerprint knows the thing by, where that is not the resource's name (a package's name has its
    version in it, and the flaw of the next version is the same finding). `package` and `vulnerability` are what a finding on this
    fact says of them; `suppressed` says why such a finding does not count, where somebody who knows says so (VEX).
    `doubt` says why what is unknown in `value` is not known, and what to do about it.
    """

    kind: str
    resource: Resource
    value: Any
    roots: Mapping[str, FieldPath | list[FieldPath]]
    identity: str = ""
    package: Package | None = None
    vulnerability: Vulnerability | None = None
    suppressed: Suppressed | None = None
    doubt: str = ""
