"""Is each native admission policy in force? (facts ``AdmissionPolicyUse``, ``AdmissionBindingTarget``)"""

from collections.abc import Iterator, Sequence

from seawall.facts.pods import mapping, resources_of_kind
from seawall.model.fact import Fact
from seawall.model.resource import Resource

ADMISSION = "admissionregistration.k8s.io"
_BINDING_KINDS = {
    "ValidatingAdmissionPolicyBinding": "ValidatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding": "MutatingAdmissionPolicy",
}


def derive_admission_policy_uses(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `AdmissionPolicyUse` for each ValidatingAdmissionPolicy and MutatingAdmissionPolicy.

    ``bindings`` counts its bindings in the scan.
    """
    policies = resources_of_kind(resources, ADMISSION, *_BINDING_KINDS.values())
    if not policies:
        return
    bound: dict[tuple[str, str], int] = {}
    for binding in resources_of_kind(resources, ADMISSION, *_BINDING_KINDS):
        key = (_BINDING_KINDS[binding.ref.kind], str(mapping(binding.object.get("spec")).get("policyName", "")))
        bound[key] = bound.get(key, 0) + 1
    for policy in policies:
        yield Fact(
            kind="AdmissionPolicyUse",
            resource=policy,
            value={"name": policy.ref.name, "bindings": bound.get((policy.ref.kind, policy.ref.name), 0)},
            roots={"name": ("metadata", "name")},
        )


def derive_admission_binding_targets(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `AdmissionBindingTarget` for each binding; ``policyMissing`` says that the scan has policies but not this one."""
    bindings = resources_of_kind(resources, ADMISSION, *_BINDING_KINDS)
    if not bindings:
        return
    policies = {(r.ref.kind, r.ref.name) for r in resources_of_kind(resources, ADMISSION, *_BINDING_KINDS.values())}
    for binding in bindings:
        name = str(mapping(binding.object.get("spec")).get("policyName", ""))
        missing = bool(policies) and (_BINDING_KINDS[binding.ref.kind], name) not in policies
        yield Fact(
            kind="AdmissionBindingTarget",
            resource=binding,
            value={"policyName": name, "policyMissing": missing},
            roots={"policyName": ("spec", "policyName")},
        )
