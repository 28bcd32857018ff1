"""A Kubernetes object as admission policies see it: read by the API server, defaulted, changed by its own admission plugins.

    admitted({"apiVersion": "v1", "kind": "Pod", …}) -> the same Pod with restartPolicy: Always, …

An object in a file says what its author wants; a policy in the cluster is asked about what the API server made of it (ADR 0004).
`admitted` does what a create request goes through before ValidatingAdmissionPolicy: the typed reading (unknown fields go,
quantities get their canonical form, empty fields go or appear as the Go types say), the defaults, and the changes of the
strategies and of the mutating admission plugins that are on in every cluster. What only a cluster can know (addresses, default
classes, limit ranges, mutating webhooks, identifiers, times) is not invented.
"""

from collections.abc import Mapping
from typing import Any

from seawall.formats.admitted_changes import CHANGES, mount_service_account
from seawall.formats.admitted_forms import WrongShapeError, copy_plain, reader_of, set_defaults, writer_of
from seawall.formats.kubernetes_types import type_of

__all__ = ["WrongShapeError", "admitted"]


def admitted(value: Mapping[str, Any], *, service_account: bool = True) -> dict[str, Any]:
    """Return the object that a create request for `value` shows to policies; `value` itself is not changed.

    A kind that is not Kubernetes' own is copied as it is. Raises `WrongShapeError` for a value of a wrong type, with which the
    API server would refuse the request before any policy sees it. `service_account`: the ServiceAccount admission plugin is on,
    as in every cluster but for tests.
    """
    api_version, kind = value.get("apiVersion"), value.get("kind")
    name = type_of(api_version, kind) if isinstance(api_version, str) and isinstance(kind, str) else None
    if name is None or not isinstance(kind, str):
        return {key: copy_plain(item) for key, item in value.items()}
    # A new object has no status, but for a Node: that is what its kubelet registers.
    read = reader_of(name)(value if kind == "Node" else {**value, "status": None})
    metadata = read.get("metadata", {})
    if "name" not in metadata and "generateName" in metadata:
        metadata["name"] = f"{metadata['generateName']}00000"  # the API server's own five characters are random
    set_defaults(read, name)
    change = CHANGES.get(kind)
    if change is not None:
        change(read)
    if kind == "Pod" and service_account:
        mount_service_account(read)
    return {"apiVersion": api_version, "kind": kind, **writer_of(name)(read)}
