"""What ``ValidatingAdmissionPolicy`` can be asked about: which resource an admission request names for a kind, if any.

A rule names kinds as ``group/Kind``, and an admission rule names resources, ``group`` and plural. Plurals follow the spelling
that Kubernetes' own kinds and nearly all custom ones use; what no API server of today admits says why.
"""

import msgspec

_IRREGULAR = {"Endpoints": "endpoints"}

_REMOVED_GROUPS = {"extensions": "no API server since Kubernetes 1.22 serves the group extensions"}
_REMOVED_KINDS = {"policy/PodSecurityPolicy": "no API server since Kubernetes 1.25 serves PodSecurityPolicy"}
_FILE_GROUPS = {
    "apiserver.config.k8s.io": "the API server reads this kind from a file and never admits it",
    "kubelet.config.k8s.io": "the kubelet reads this kind from a file and the API server never admits it",
    "kubeadm.k8s.io": "kubeadm reads this kind from a file and the API server never admits it",
    "audit.k8s.io": "the API server reads this kind from a file and never admits it",
}
# k8s.io/apiserver, pkg/admission/plugin/policy/generic/plugin.go: policies must not be able to lock themselves in.
_EXEMPT = "the API server shows admission policies and their bindings to no admission policy"
_EXEMPT_KINDS = {
    f"admissionregistration.k8s.io/{kind}": _EXEMPT
    for kind in (
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    )
}


class AdmittedResource(msgspec.Struct, frozen=True, order=True):
    """A resource as admission rules name it. `group` is empty for the core group."""

    group: str
    plural: str


def resource_of(kind: str) -> AdmittedResource:
    """Return the resource of ``group/Kind`` (core kinds: ``Kind``)."""
    group, _, name = kind.rpartition("/")
    return AdmittedResource(group, _IRREGULAR.get(name) or _plural(name.lower()))


def why_not_admitted(kind: str) -> str:
    """Return why no admission policy ever sees an object of ``group/Kind``; empty where one does."""
    group = kind.rpartition("/")[0]
    return (
        _REMOVED_KINDS.get(kind)
        or _EXEMPT_KINDS.get(kind)
        or _REMOVED_GROUPS.get(group)
        or _FILE_GROUPS.get(group)
        or ""
    )


def _plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"
