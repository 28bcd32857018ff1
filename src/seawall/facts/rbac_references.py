"""Do the names in a binding exist? (fact ``BindingReferences``)

A binding to a name that does not exist yet is a standing offer: whoever may create a service account, or a role, of that name
takes the power over. A scan of files need not hold everything, so a name is only missing where the scan shows that it holds
the place in which it should be: the namespace's own manifest or other accounts (roles) of it; for a ClusterRole, the
built-in ones, which only a whole cluster has.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.facts.pods import mapping, maps_in, resources_of_kind
from seawall.facts.rbac import BUILT_IN_ROLES
from seawall.facts.rbac_powers import RBAC
from seawall.model.fact import Fact
from seawall.model.resource import Resource

# Made by the API server, the controller manager or kubeadm in every cluster, never by a manifest.
_BUILT_IN_PREFIXES = ("system:", "kubeadm:")
_BUILT_IN_NAMES = BUILT_IN_ROLES | {"extension-apiserver-authentication-reader"}


def derive_binding_references(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `BindingReferences` for each binding of the scan.

    ``roleMissing`` says whether the role is missing; ``subjects`` are the binding's, each with ``title`` and ``missing``.
    """
    bindings = resources_of_kind(resources, RBAC, "RoleBinding", "ClusterRoleBinding")
    if not bindings:
        return
    named = {resource.ref.name for resource in resources_of_kind(resources, "", "Namespace")}
    accounts = {(r.ref.namespace, r.ref.name) for r in resources_of_kind(resources, "", "ServiceAccount")}
    roles = {
        (r.ref.kind, r.ref.namespace if r.ref.kind == "Role" else "", r.ref.name)
        for r in resources_of_kind(resources, RBAC, "Role", "ClusterRole")
    }
    cluster_roles_known = ("ClusterRole", "", "cluster-admin") in roles
    # The control plane makes accounts and roles of its own in kube-system, which only a whole cluster shows.
    unknown = set() if cluster_roles_known else {"kube-system"}
    account_places = (named | {namespace for namespace, _ in accounts}) - unknown
    role_places = (named | {namespace for kind, namespace, _ in roles if kind == "Role"}) - unknown
    for binding in bindings:
        reference = mapping(binding.object.get("roleRef"))
        kind, name = str(reference.get("kind", "")), str(reference.get("name", ""))
        namespace = binding.ref.namespace if kind == "Role" else ""
        place_known = cluster_roles_known if kind == "ClusterRole" else kind == "Role" and namespace in role_places
        role_missing = (
            place_known
            and bool(name)
            and (kind, namespace, name) not in roles
            and (kind, "", name) not in roles
            and not name.startswith(_BUILT_IN_PREFIXES)
            and name not in _BUILT_IN_NAMES
        )
        yield Fact(
            kind="BindingReferences",
            resource=binding,
            value={
                "role": f"{kind} {name}",
                "roleMissing": role_missing,
                "subjects": [
                    _describe_subject(subject, binding.ref.namespace, accounts, account_places)
                    for subject in maps_in(binding.object.get("subjects"))
                ],
            },
            roots={"roleMissing": ("roleRef", "name")},
        )


def _describe_subject(
    subject: Mapping[str, Any], namespace: str, accounts: set[tuple[str, str]], places: set[str]
) -> dict[str, Any]:
    name = str(subject.get("name", ""))
    place = str(subject.get("namespace") or namespace)
    missing = (
        subject.get("kind") == "ServiceAccount"
        and name not in ("", "default")
        and place in places
        and (place, name) not in accounts
        # Manifests without a namespace may be the ones that are applied to `place`.
        and ("", name) not in accounts
    )
    return {"title": f"{subject.get('kind', '')} {place}/{name}" if place else name, "missing": missing}
