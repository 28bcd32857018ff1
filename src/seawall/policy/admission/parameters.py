"""Which parameters does a binding use for a request?

Source: k8s.io/apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go (CollectParams) and policy_source.go.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from seawall.formats.admission_review import GroupVersionKind
from seawall.policy.admission.compile import CompiledBinding
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.matching import ConfigurationError, UndecidedError
from seawall.policy.admission.policies import DENY, ParamKind
from seawall.policy.admission.selectors import Labels

Object: TypeAlias = Mapping[str, Any]


class Parameters:
    """Objects that policies may take as parameters, found by kind, namespace and name.

    A kind that `kinds` does not know is served as its objects say: in namespaces where one of them has a namespace. An object
    of a kind with namespaces that has none is in ``default``, as for kubectl. Where they are not `complete`, one that is not
    among them may exist all the same.
    """

    def __init__(
        self, objects: Iterable[Object] = (), kinds: KindTable | None = None, *, complete: bool = True
    ) -> None:
        self._kinds = kinds or KindTable()
        self.complete = complete
        self._objects: dict[tuple[str, str], list[Object]] = {}
        for value in objects:
            group, _, _ = str(value.get("apiVersion", "")).rpartition("/")
            self._objects.setdefault((group, str(value.get("kind", ""))), []).append(value)

    def is_namespaced(self, kind: ParamKind) -> bool:
        """Return whether `kind` lives in namespaces. Raises `ConfigurationError` for a kind that there is not."""
        served = self._kinds.find(kind.api_version, kind.kind)
        if served is not None:
            return served.namespaced
        objects = self.of_kind(kind)
        if not objects:
            group, _, version = kind.api_version.rpartition("/")
            name = GroupVersionKind(group, version, kind.kind)
            if not self.complete:
                raise UndecidedError(f"no {kind.kind} of {kind.api_version} is known here to use as parameter")
            raise ConfigurationError(f"failed to find resource referenced by paramKind: '{name}'")
        return any(_metadata(value).get("namespace") for value in objects)

    def of_kind(self, kind: ParamKind) -> list[Object]:
        """Return every object of `kind`, in the order in which they were given."""
        group, _, _ = kind.api_version.rpartition("/")
        return [
            value if value.get("apiVersion") == kind.api_version else {**value, "apiVersion": kind.api_version}
            for value in self._objects.get((group, kind.kind), ())
        ]


def collect_parameters(
    kind: ParamKind | None, compiled: CompiledBinding, namespace: str, parameters: Parameters
) -> tuple[Object | None, ...]:
    """Return the parameters for a request in `namespace`, one evaluation each: ``(None,)`` where none are asked for.

    Raises `ConfigurationError` where the API server would call the binding misconfigured, a missing parameter with
    ``parameterNotFoundAction: Deny`` included.
    """
    reference = compiled.binding.spec.param_ref
    if kind is not None and compiled.everywhere:
        return tuple(parameters.of_kind(kind)) or (None,)
    if kind is None or reference is None:
        return (None,)
    namespaced = parameters.is_namespaced(kind)
    wanted = ""
    if namespaced:
        wanted = reference.namespace or namespace
        if not wanted:
            raise ConfigurationError(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
            )
    elif reference.namespace:
        raise ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    found: list[Object] = []
    for value in parameters.of_kind(kind):
        metadata = _metadata(value)
        if namespaced and (metadata.get("namespace") or "default") != wanted:
            continue
        if reference.name:
            if metadata.get("name") != reference.name:
                continue
        elif compiled.selector is not None and not compiled.selector(Labels(metadata.get("labels") or {})):
            continue
        found.append(value)
    if not found and not parameters.complete:
        sought = f" {reference.name}" if reference.name else ""
        raise UndecidedError(f"no {kind.kind}{sought} is known here to use as parameter")
    if not found and reference.parameter_not_found_action == DENY:
        raise ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction")
    return tuple(found)


def _metadata(value: Object) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
