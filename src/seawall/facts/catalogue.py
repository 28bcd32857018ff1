"""The facts that rules may read: what each is about, what it holds, and where it comes from.

A *resource* fact is derived from one resource alone, so it can be judged at admission; where every field can be written
as CEL over the admitted object (`cel`), its rules can be exported as native policies. A *set* fact needs all resources of
the scan. A *package* fact is derived from the packages of lockfiles and images, an *image* fact from images (`facts.images`),
a *system* fact from images and the resources of the scan together,
a *project* fact from the files of a repository that declares dependencies. A *file* fact is derived from one file of another
kind (a Dockerfile, a Terraform module's file, a source text), a *tree* fact from all of them together (`stages.repository`).
An *outcome* fact tells what became of something when all other rules had spoken, and its rules run last. A stage derives only the
kinds that its rules declare.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from seawall.facts.catalogue_build_files import BUILD_FILE_KINDS
from seawall.facts.catalogue_code import CODE_KINDS
from seawall.facts.catalogue_credentials import CREDENTIAL_KINDS
from seawall.facts.catalogue_images import IMAGE_KINDS
from seawall.facts.catalogue_packages import PACKAGE_KINDS
from seawall.facts.fact_kind import FactKind as FactKind
from seawall.facts.workloads import POD_TEMPLATE_PATHS, group_kind
from seawall.model.fact import Fact
from seawall.model.resource import Resource

_TEMPLATE = (
    "object.kind == 'Pod' ? object : object.kind == 'PodTemplate' ? object.template"
    " : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template : object.spec.template"
)

FACT_KINDS: Mapping[str, FactKind] = {
    kind.name: kind
    for kind in (
        FactKind(
            name="PodSpec",
            scope="resource",
            function="workloads:derive_pod_specs",
            about="The pod that a Pod or a controller makes.",
            kinds=tuple(POD_TEMPLATE_PATHS),
            fields={
                "kind": "kind of the resource that makes the pod",
                "name": "name of that resource",
                "namespace": "its namespace, empty where none is written",
                "labels": "that resource's own labels",
                "annotations": "that resource's own annotations",
                "metadata": "metadata of the pod (of the template, for a controller)",
                "spec": "the pod spec",
                "allContainers": "containers, then initContainers, then ephemeralContainers",
            },
            cel={
                "kind": "object.kind",
                "name": "object.metadata.?name.orValue('')",
                "namespace": "object.metadata.?namespace.orValue('')",
                "labels": "object.metadata.?labels.orValue({})",
                "annotations": "object.metadata.?annotations.orValue({})",
                "template": _TEMPLATE,
                "metadata": "variables.template.?metadata.orValue({})",
                "spec": "variables.template.spec",
                "allContainers": (
                    "variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([])"
                    " + variables.spec.?ephemeralContainers.orValue([])"
                ),
            },
        ),
        FactKind(
            name="SecretEntries",
            scope="resource",
            function="secrets:derive_secret_entries",
            about="The keys of a Secret whose values can be read in the manifest.",
            kinds=("Secret",),
            fields={
                "name": "name of the Secret",
                "readable": "sorted keys of the values that are neither placeholders nor encrypted; never the values",
            },
        ),
        FactKind(
            name="RbacPower",
            scope="set",
            function="rbac:derive_rbac_powers",
            about="A dangerous power that a role grants: to whom, where, through which binding.",
            fields={
                "power": "name of the power: secrets-read, pods-create, pods-exec, all-resources… (facts/rbac_powers.py)",
                "role": "kind and name of the role",
                "rule": "the entry of the role's rules that grants it",
                "verbs": "the verbs of that entry that do",
                "scope": "cluster, namespace, or unbound where no binding in the scan refers to the role",
                "where": "the scope in words",
                "holders": "the subjects in words",
                "bindings": "the bindings in words",
                "workloads": "the workloads that run as a holder, in words",
                "aggregatesTo": "which of admin, edit and view the role's rules flow into",
                "first": "whether this is the first major power of its role: for rules that speak once a role",
            },
        ),
        FactKind(
            name="BindingReferences",
            scope="set",
            function="rbac_references:derive_binding_references",
            about="The names that a binding refers to, and whether they exist.",
            fields={
                "role": "kind and name of the role",
                "roleMissing": "whether the scan should have the role and does not",
                "subjects": "the subjects, each with title and missing",
            },
        ),
        FactKind(
            name="NamespaceIsolation",
            scope="set",
            function="network:derive_namespace_isolation",
            about="How far the NetworkPolicies of a namespace isolate its pods.",
            fields={
                "name": "name of the namespace, empty where none is written",
                "title": "the namespace in words",
                "workloads": "how many resources make pods in it, those on the host network left out",
                "policies": "how many NetworkPolicies it has",
                "ingress": "all, some or none of the workloads are isolated; unknown where another kind of policy may do it",
                "egress": "the same for egress",
                "ingressOpen": "the workloads that are not isolated, in words",
                "egressOpen": "the same for egress",
                "ingressDefaultDeny": "whether a policy selects every pod",
                "egressDefaultDeny": "the same for egress",
            },
        ),
        FactKind(
            name="WorkloadIsolation",
            scope="set",
            function="network:derive_workload_isolation",
            about="Whether NetworkPolicies isolate the pods of one workload.",
            fields={
                "title": "the workload in words",
                "labels": "the labels of its pods",
                "spec": "its pod spec",
                "ingress": "isolated, open or unknown",
                "egress": "the same for egress",
                "namespaceIngress": "all, some, none or unknown: how far the namespace's workloads are isolated",
                "namespaceEgress": "the same for egress",
            },
        ),
        FactKind(
            name="PolicySelection",
            scope="set",
            function="network:derive_policy_selections",
            about="The pods that a NetworkPolicy selects.",
            fields={
                "selected": "how many resources that make pods it selects",
                "podsKnown": "whether the scan can tell",
                "podSelector": "its podSelector",
            },
        ),
        FactKind(
            name="PolicyPeers",
            scope="set",
            function="network:derive_policy_peers",
            about="The pods of its own namespace that a NetworkPolicy lets in or out.",
            fields={
                "peers": "each with selector in words, direction, and missing: whether no pod of the namespace has the labels",
            },
        ),
        FactKind(
            name="ServiceSelection",
            scope="set",
            function="routing:derive_service_selections",
            about="The pods that a Service selects.",
            fields={
                "selected": "how many resources that make pods it selects",
                "podsKnown": "whether the scan can tell",
                "selector": "its selector",
                "ports": "its ports, each with missing: whether the named target port does not exist",
            },
        ),
        FactKind(
            name="RouteBackends",
            scope="set",
            function="routing:derive_route_backends",
            about="The Services that an Ingress or a Gateway API route forwards to.",
            fields={
                "backends": "each with title, name and missing: whether the scan should have the Service and does not",
            },
        ),
        FactKind(
            name="RouteHosts",
            scope="set",
            function="routing:derive_route_hosts",
            about="The hosts that an Ingress claims.",
            fields={
                "hosts": "each with host, path and others: the Ingresses of other namespaces that claim the same, in words",
            },
        ),
        FactKind(
            name="NamespaceGuards",
            scope="set",
            function="tenancy:derive_namespace_guards",
            about="What limits a namespace's use of the cluster.",
            fields={
                "name": "name of the namespace",
                "quotas": "how many ResourceQuotas it has",
                "limitRanges": "how many LimitRanges it has",
                "unbounded": "the workloads with a container that has no memory limit, in words",
            },
        ),
        FactKind(
            name="ClaimStorage",
            scope="set",
            function="storage:derive_claim_storage",
            about="The storage classes that a resource's claims take.",
            fields={
                "claims": "each with name, class, known (the scan has the class), and the class's provisioner and parameters",
            },
        ),
        FactKind(
            name="WorkloadReferences",
            scope="set",
            function="workload_references:derive_workload_references",
            about="The names that a workload depends on, and whether they exist.",
            fields={
                "title": "the workload in words",
                "account": "its service account, empty where none is written",
                "accountMissing": "whether the scan should have the account and does not",
                "service": "a StatefulSet's Service, empty for others",
                "serviceMissing": "whether the scan should have the Service and does not",
            },
        ),
        FactKind(
            name="AdmissionPolicyUse",
            scope="set",
            function="admission_policies:derive_admission_policy_uses",
            about="Whether a native admission policy is in force.",
            fields={
                "name": "name of the policy",
                "bindings": "how many bindings in the scan refer to it",
            },
        ),
        FactKind(
            name="AdmissionBindingTarget",
            scope="set",
            function="admission_policies:derive_admission_binding_targets",
            about="Whether the policy of a binding exists.",
            fields={
                "policyName": "the policy that it names",
                "policyMissing": "whether the scan has admission policies but not this one",
            },
        ),
        FactKind(
            name="WorkloadDisruption",
            scope="set",
            function="availability:derive_workload_disruptions",
            about="Whether a workload survives an eviction.",
            fields={
                "title": "the workload in words",
                "replicas": "least number of its pods",
                "autoscaled": "whether an autoscaler decides it",
                "budgets": "how many PodDisruptionBudgets select its pods",
            },
        ),
        FactKind(
            name="Suppression",
            scope="outcome",
            function="suppressions:derive_suppressions",
            about="A suppression, in an annotation, a comment or the configuration, and what became of it.",
            fields={
                "form": "annotation, comment or config",
                "rules": "the ids and globs that it names",
                "title": "the suppression in words",
                "reason": "why, empty where it does not say",
                "owner": "who answers for it, empty where it does not say",
                "expires": "its last day, empty where it has none",
                "problem": "what is wrong with how it is written, empty where nothing is",
                "expired": "whether its last day is past",
                "unknown": "the names in it that no rule has",
                "refused": "the rules that it names or covers and that may not be suppressed",
                "allowedForm": "whether the configuration allows suppressions of its form",
                "used": "how many findings it suppresses",
                "idle": "whether it suppresses nothing although the scan saw all that it could cover",
            },
        ),
        *PACKAGE_KINDS,
        *IMAGE_KINDS,
        *CODE_KINDS,
        *CREDENTIAL_KINDS,
        *BUILD_FILE_KINDS,
        FactKind(
            name="AutoscalerTarget",
            scope="set",
            function="availability:derive_autoscaler_targets",
            about="Whether what an autoscaler scales exists.",
            fields={
                "title": "the target in words",
                "missing": "whether the scan should have the target and does not",
            },
        ),
        FactKind(
            name="DisruptionBudgetUse",
            scope="set",
            function="availability:derive_disruption_budget_uses",
            about="The pods that a PodDisruptionBudget protects.",
            fields={
                "selected": "how many resources that make pods it selects",
                "podsKnown": "whether the scan can tell",
                "replicas": "how many pods these make",
                "replicasKnown": "whether that number is fixed",
                "spec": "the budget's spec",
            },
        ),
    )
}

_ABOUT_RESOURCES = ("resource", "set", "system", "outcome")

RESOURCE_FACTS = frozenset(name for name, kind in FACT_KINDS.items() if kind.scope in _ABOUT_RESOURCES)
"""The kinds that need Kubernetes resources, or speak of what was said of them."""

FILE_FACTS = frozenset(name for name, kind in FACT_KINDS.items() if kind.scope in ("file", "tree"))
"""The kinds that files of other kinds are read for: see `seawall.stages.repository`."""

PACKAGE_FACTS = frozenset(name for name, kind in FACT_KINDS.items() if kind.scope == "package")
"""The kinds that need packages: where no rule looks at one, none are looked for."""

SYSTEM_FACTS = frozenset(name for name, kind in FACT_KINDS.items() if kind.scope == "system")
"""The kinds that need images and the resources that run them."""

BUILD_FACTS = PACKAGE_FACTS | SYSTEM_FACTS | {name for name, kind in FACT_KINDS.items() if kind.scope == "image"}
"""All kinds that images are read for."""

ADVICE_FACTS = frozenset(("BaseAdvice", "UnneededPackages"))
"""Those of them that are about what an image does without."""

ADVISORY_FACTS = frozenset(("AdvisoryDatabase", "Vulnerability"))
"""Those of them that need the advisory database too."""


def derive(kinds: Iterable[str], resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield the facts of the named `kinds` over `resources`, resource facts first in the resources' order."""
    chosen = [FACT_KINDS[kind] for kind in sorted(set(kinds))]
    per_resource = [kind for kind in chosen if kind.scope == "resource"]
    known: dict[tuple[str, str], list[Callable[[Resource | Sequence[Resource]], Iterator[Fact]]]] = {}
    for resource in resources:
        ref = resource.ref
        functions = known.get((ref.api_version, ref.kind))
        if functions is None:  # what no resource of the scan can yield is not imported either
            name = group_kind(ref.api_version, ref.kind)
            functions = [kind.load() for kind in per_resource if not kind.kinds or name in kind.kinds]
            known[ref.api_version, ref.kind] = functions
        for function in functions:
            yield from function(resource)
    over_sets = [kind for kind in chosen if kind.scope == "set"]
    if over_sets:
        from seawall.facts.pods import Scan  # not needed at admission

        scan = Scan(resources)
        for kind in over_sets:
            yield from kind.load()(scan)
