"""Native ValidatingAdmissionPolicies from files, and one admission request against them (``seawall vap eval``)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from seawall.cel.authorizers import AuthorizerError, StaticAuthorizer, read_authorizer
from seawall.cel.environment import Environment
from seawall.cel.program import Program, compile_expression, from_cache
from seawall.formats import kubernetes_yaml
from seawall.formats.admission_review import AdmissionRequest, read_review
from seawall.model.digests import blake2b
from seawall.model.errors import RuleError, SourceError, UsageError
from seawall.model.resource import Resource, Unscanned
from seawall.policy.admission import (
    AdmissionOutcome,
    KindTable,
    Parameters,
    PolicySet,
    World,
    bind_everywhere,
    compile_policies,
    evaluate,
)
from seawall.policy.admission.authorization import authorize_with
from seawall.policy.admission.policies import POLICY, is_native
from seawall.sources import files
from seawall.stages.kept_programs import KEY_BYTES, KeptPrograms

MAX_PROGRAM_BYTES = 16 * 1024 * 1024
"""Of compiled expressions in the cache: some thousand policies."""


class ReviewFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one ``seawall vap eval``; each may hold many documents and Lists."""

    policies: Sequence[str]
    bindings: Sequence[str] = ()
    params: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    authorizer: str | None = None
    request: str


def evaluate_review(files: ReviewFiles) -> AdmissionOutcome:
    """Return what the API server would answer to the request of `files`.

    Without any binding, each policy is bound to everything with Deny, and takes every parameter of its kind that is given. A kind
    that the files define (CustomResourceDefinition) is served as they say. Raises `RuleError` for a policy that the API server
    would refuse, `SourceError` for a file that cannot be read, `UsageError` for files that do not fit together.
    """
    policies, documents = load_policies([*files.policies, *files.bindings])
    if not policies.policies:
        raise UsageError(f"--policy: {', '.join(files.policies)} holds no {POLICY}")
    if policies.unbound:
        names = ", ".join(sorted({repr(binding.spec.policy_name) for binding in policies.unbound}))
        raise UsageError(f"--binding: no --policy file holds {names}", remedy="give the policy that the binding names")
    if not any(policy.bindings for policy in policies.policies):
        policies = bind_everywhere(policies)
    request = read_request(files.request)
    objects = [resource.object for resource in (*documents, *read_documents(files.params))]
    namespaces = _namespaces([resource.object for resource in read_documents(files.namespaces)], request)
    kinds = KindTable(value for value in objects if value.get("kind") == "CustomResourceDefinition")
    world = World(namespaces=namespaces, params=Parameters(objects, kinds), kinds=kinds)
    if files.authorizer is not None:
        world = msgspec.structs.replace(world, authorize=authorize_with(load_authorizer(files.authorizer)))
    return evaluate(policies, request, world)


def load_authorizer(path: str) -> StaticAuthorizer:
    """Return the answers that the file at `path` states (`seawall.cel.authorizers`). Raises `RuleError`."""
    for entry in files.read(path):
        if isinstance(entry, Unscanned):
            raise RuleError(entry.reason, place=entry.path)
        parsed = kubernetes_yaml.parse(entry.path, entry.data)
        if parsed.unscanned or len(parsed.documents) != 1:
            raise RuleError(parsed.unscanned[0].reason if parsed.unscanned else "one document is expected", place=path)
        try:
            return read_authorizer(parsed.documents[0].value)
        except AuthorizerError as error:
            raise RuleError(str(error), place=path) from None
    raise RuleError("holds no document", place=path)


def read_documents(paths: Iterable[str]) -> list[Resource]:
    """Return every object in the files at `paths`. Raises `RuleError` where a document cannot be read."""
    found: list[Resource] = []
    for path in paths:
        for entry in files.read(path):
            if isinstance(entry, Unscanned):
                raise RuleError(entry.reason, place=entry.path)
            parsed = kubernetes_yaml.parse(entry.path, entry.data)
            if parsed.unscanned:
                raise RuleError(parsed.unscanned[0].reason, place=parsed.unscanned[0].path)
            for document in parsed.documents:
                resources = kubernetes_yaml.resources(document)
                if not resources and document.value is not None and not _is_empty_list(document.value):
                    raise RuleError(
                        "no Kubernetes object: apiVersion or kind is missing", place=f"{path}:{document.line}"
                    )
                found += resources
    return found


def _is_empty_list(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and not value.get("items")


def load_policies(paths: Iterable[str]) -> tuple[PolicySet, list[Resource]]:
    """Return the policies in the files at `paths`, and the other objects there: parameters, namespaces, definitions.

    Compiled programs are kept for the next run. Raises `RuleError` for what the API server would refuse.
    """
    documents = read_documents(paths)
    programs = _Programs()
    policies = compile_policies(documents, compiler=programs.compile)
    programs.save()
    return policies, [resource for resource in documents if not is_native(resource.object)]


class _Programs:
    """Programs by text, environment and expected type, from the cache where it has them."""

    def __init__(self) -> None:
        self._kept = KeptPrograms("native", MAX_PROGRAM_BYTES)
        self.save = self._kept.save

    def compile(self, text: str, environment: Environment, expect: str | None) -> Program:
        """Return the program for one expression."""
        made_of = f"{environment.key}\0{expect}\0{text}".encode("utf-8", "surrogatepass")
        key = blake2b(made_of, digest_size=KEY_BYTES).digest()
        entry = self._kept.get(key)
        program = from_cache(entry) if entry is not None else None
        if program is None:
            program = compile_expression(text, environment, expect=expect)
            self._kept.put(key, program.to_cache())
        return program


def read_request(path: str) -> AdmissionRequest:
    """Return the request of the AdmissionReview file at `path` (``-``: standard input). Raises `SourceError`."""
    for entry in files.read(path):
        if isinstance(entry, Unscanned):
            raise SourceError(entry.reason, place=entry.path)
        return read_review(entry.data, path=entry.path)
    raise SourceError("is a directory without an AdmissionReview", place=path)


def _namespaces(objects: Sequence[Mapping[str, Any]], request: AdmissionRequest) -> dict[str, Mapping[str, Any]]:
    """Return the Namespaces among `objects` by name; one without a name is that of the request."""
    found: dict[str, Mapping[str, Any]] = {}
    for value in objects:
        if value.get("kind") != "Namespace":
            raise UsageError(f"--namespace-object: {value.get('kind')} is not a Namespace")
        metadata = value.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        found[name if isinstance(name, str) and name else request.namespace] = value
    if found and request.namespace and request.namespace not in found:
        raise UsageError(
            f"--namespace-object: the request is for namespace {request.namespace!r}",
            remedy=f"given: {', '.join(sorted(found))}",
        )
    return found
