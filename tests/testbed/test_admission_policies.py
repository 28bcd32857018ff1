"""The judge of `seawall.policy.admission`: a real API server with every policy of `admission_cases` in force.

Each request is sent twice. First a webhook records the AdmissionReview that the API server makes of it; then, with the policies
in force, the API server answers, and `evaluate` must answer the recorded review alike: verdict, status, message, warnings and
audit annotations.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from seawall.cel.authorizers import read_authorizer
from seawall.formats.admission_review import read_review
from seawall.model.errors import RuleError
from seawall.model.field_path import FieldPath
from seawall.model.resource import Location, Place, Resource, ResourceRef
from seawall.policy.admission import KindTable, Parameters, World, compile_policies, evaluate
from seawall.policy.admission.authorization import authorize_with
from seawall.stages.native_scan import NativeRules, NativeScan, make_rules
from tests.testbed import admission_recorder
from tests.testbed.admission_cases import (
    CASES,
    DEFINITIONS,
    GROUP,
    NAMESPACES,
    PARAMETERS,
    Case,
    Send,
    binding,
    config_map,
    policy,
)
from tests.testbed.admission_refusals import refused_documents
from tests.testbed.api_client import ApiClient, Object, Response
from tests.testbed.control_plane import ControlPlane

USER = "judge"
MASTERS_MAY_ALL = {
    "rules": [
        {"groups": ["system:masters"], "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"groups": ["system:masters"], "verbs": ["*"], "nonResourceURLs": ["*"]},
    ]
}
"""What RBAC says in this cluster of those who ask, and of nobody else."""

SENTINEL = "zz-sentinel"
SENTINEL_DOCUMENTS = [policy(SENTINEL, {"expression": "false"}), binding(SENTINEL)]
_SECONDS = 60.0


@dataclass
class Answered:
    """One request: what the API server asked its webhook, and what it answered with the policies in force."""

    case: Case
    send: Send
    review: Object
    response: Response
    annotations: dict[str, str]


@pytest.fixture(scope="module")
def world(control_plane: ControlPlane) -> World:
    """What `evaluate` knows of the cluster: exactly what is in it."""
    for name, labels in NAMESPACES.items():
        control_plane.ensure_namespace(name, labels)
    client = control_plane.client
    for definition in DEFINITIONS:
        client.apply(definition)
    client.forget_discovery()
    for parameter in PARAMETERS:
        _until(lambda parameter=parameter: _applies(client, parameter), "the parameter's kind is served")
    kinds = KindTable(DEFINITIONS)
    namespaces = {item["metadata"]["name"]: item for item in client.get("/api/v1/namespaces")["items"]}
    objects = [
        {**client.get(client.path(one)), "apiVersion": one["apiVersion"], "kind": one["kind"]} for one in PARAMETERS
    ]
    return World(
        namespaces=namespaces,
        namespaces_complete=True,
        params=Parameters(objects, kinds),
        kinds=kinds,
        authorize=authorize_with(read_authorizer(MASTERS_MAY_ALL)),
    )


@pytest.fixture(scope="module")
def documents() -> list[Object]:
    return [document for case in CASES for document in case.documents]


@pytest.fixture(scope="module")
def answered(control_plane: ControlPlane, world: World, documents: list[Object]) -> Iterator[list[Answered]]:
    with closing(control_plane.client_for(USER, ["system:masters"])) as client:
        yield _answer(control_plane, client, documents)
    for document in (*documents, *SENTINEL_DOCUMENTS):
        control_plane.client.delete(document)


def _answer(control_plane: ControlPlane, client: ApiClient, documents: list[Object]) -> list[Answered]:
    requests = [(case, send) for case in CASES for send in case.requests]
    for _, send in requests:
        if send.old is not None:
            control_plane.client.apply(send.old)
    reviews: list[Object] = []
    with admission_recorder.record(control_plane, USER) as recorded:
        _until(lambda: bool(_send(client, Send(value=config_map("probe"))) and recorded), "the recorder is in force")
        for case, send in requests:
            recorded.clear()
            _send(client, send)
            assert len(recorded) == 1, (case.name, recorded)
            reviews.append(recorded[0])
    for document in (*documents, *SENTINEL_DOCUMENTS):
        control_plane.client.apply(document)
    probe = Send(value=config_map(SENTINEL))
    _until(lambda: _send(client, probe).status == 422, "the policies are in force")
    named = Send(value=config_map("param-named"))
    _until(lambda: any("of gold" in text for text in _send(client, named).warnings), "parameters are known")
    time.sleep(1.0)  # policies are compiled in the order of a map, and the informers of parameters start one by one
    responses = [_send(client, send) for _, send in requests]
    log = _audit_log(control_plane, {response.headers["Audit-Id"] for response in responses})
    return [
        Answered(case, send, review, response, log[response.headers["Audit-Id"]])
        for (case, send), review, response in zip(requests, reviews, responses, strict=True)
    ]


def _applies(client: ApiClient, value: Object) -> bool:
    client.forget_discovery()
    if not client.knows(value["apiVersion"], value["kind"]):
        return False
    client.apply(value)
    return True


def _until(holds: Any, what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {_SECONDS:.0f} s: {what}"
        time.sleep(0.1)


def _send(client: ApiClient, send: Send) -> Response:
    dry = {"dryRun": "All"}
    if send.verb == "create":
        return client.create(send.value, dry_run=True)
    path = client.path(
        send.value
        if send.value["kind"] != "Scale"
        else {**send.old, "metadata": send.value["metadata"]}
        if send.old
        else send.value
    )
    if send.sub_resource:
        path = f"{path}/{send.sub_resource}"
    if send.verb == "update":
        return client.call("PUT", path, send.value, query=dry)
    if send.verb == "delete":
        return client.call("DELETE", path, query=dry)
    return client.call("POST", path, query={"command": "sh", "stdout": "true"})


def _audit_log(plane: ControlPlane, wanted: set[str]) -> dict[str, dict[str, str]]:
    """Return the audit annotations of admission policies for each of the requests `wanted`."""
    found: dict[str, dict[str, str]] = {}

    def read() -> bool:
        for line in plane.audit_log.read_text().splitlines():
            event = json.loads(line)
            if event["auditID"] in wanted and event["stage"] == "ResponseComplete":
                annotations = event.get("annotations") or {}
                found[event["auditID"]] = {
                    key: value
                    for key, value in annotations.items()
                    if not key.startswith(("authorization.", "pod-security."))
                }
        return wanted <= found.keys()

    _until(read, "the audit log has every request")
    return found


def _comparable(allowed: bool, message: str, code: int, warnings: Sequence[str], notes: Mapping[str, str]) -> Object:
    """What must be alike. Generated names differ between two requests, and the API server's order is that of a Go map."""
    return {
        "allowed": allowed,
        "message": re.sub("some-[a-z0-9]{5}", "some-*", message),
        "code": code,
        "warnings": sorted(warnings),
        "annotations": {key: sorted(value.split(", ")) for key, value in notes.items()},
    }


def test_every_request_gets_the_verdict_the_message_and_the_warnings_of_the_api_server(
    answered: list[Answered], documents: list[Object], world: World
) -> None:
    compiled = compile_policies(documents)
    differences: list[str] = []
    refusals: Counter[int] = Counter()
    for one in answered:
        refused = "ValidatingAdmissionPolicy" in one.response.message and one.response.status >= 400
        code = one.response.status if refused else 200
        refusals[code] += 1
        message = one.response.message if refused else ""
        theirs = _comparable(not refused, message, code, one.response.warnings, one.annotations)
        outcome = evaluate(compiled, read_review(json.dumps(one.review).encode(), path=one.case.name), world)
        ours = _comparable(outcome.allowed, outcome.message, outcome.code, outcome.warnings, outcome.audit_annotations)
        differences += [
            f"{one.case.name}: {key}: API server {theirs[key]!r}, Seawall {ours[key]!r}"
            for key in theirs
            if theirs[key] != ours[key]
        ]
    assert not differences, "\n".join(differences)
    # Enough of each answer for the comparison to mean something.
    assert refusals[422] > 70, refusals
    assert refusals[200] > 50, refusals
    assert refusals[403] == refusals[413] == 1, refusals


def test_a_scan_of_the_file_says_what_the_api_server_says_of_the_request(
    answered: list[Answered], documents: list[Object], world: World, control_plane: ControlPlane
) -> None:
    compiled = compile_policies(documents)
    stored = [*control_plane.client.get("/api/v1/namespaces")["items"], *PARAMETERS, *DEFINITIONS]
    for namespace in stored:
        namespace.setdefault("apiVersion", "v1")
        namespace.setdefault("kind", "Namespace")
    native = NativeRules(compiled, make_rules(compiled), [_resource(value) for value in stored])
    differences: list[str] = []
    compared = 0
    for one in answered:
        # Who asks, and how, is not in a file.
        if one.send.verb != "create" or one.case.name.startswith(("request-", "may-")):
            continue
        compared += 1
        failures, doubts = NativeScan(native, [_resource(one.send.value)], _no_warning, live=True).run()
        scanned = {(failure.validation.rule.id, failure.validation.message) for failure in failures}
        unsure = {(doubt.validation.rule.id, doubt.reason) for doubt in doubts}
        outcome = evaluate(compiled, read_review(json.dumps(one.review).encode(), path=one.case.name), world)
        served = {(failure.policy, failure.message) for failure in outcome.failures if not failure.error}
        troubled = {(problem.policy, problem.message) for problem in outcome.problems}
        if scanned != served or unsure != troubled:
            differences.append(f"{one.case.name}: scan {scanned} {unsure}, API server {served} {troubled}")
    assert not differences, "\n".join(differences)
    assert compared > 120


class _Nowhere:
    """The origin of an object that is in no file."""

    path = "-"

    def locate(self, field: FieldPath) -> Place:
        return Place(Location("-", 1, 1, 1, 1), None, "")


def _resource(value: Object) -> Resource:
    metadata = value["metadata"]
    reference = ResourceRef(value["apiVersion"], value["kind"], metadata.get("namespace", ""), metadata.get("name", ""))
    return Resource(reference, value, _Nowhere())


def _no_warning(_sentence: str) -> None:
    pass


def test_what_the_api_server_refuses_to_store_does_not_compile(control_plane: ControlPlane) -> None:
    differences: list[str] = []
    refused = 0
    documents = list(refused_documents())
    for name, value in documents:
        response = control_plane.client.create(value, dry_run=True)
        try:
            compile_policies([value])
            ours = ""
        except RuleError as error:
            ours = str(error)
        if (response.status < 400) != (not ours):
            differences.append(f"{name}: API server {response.status} {response.message!r}, Seawall {ours!r}")
        refused += response.status >= 400
    assert not differences, "\n".join(differences)
    assert refused > 100
    assert len(documents) - refused > 70


def test_the_table_of_built_in_kinds_is_that_of_the_api_server(control_plane: ControlPlane) -> None:
    client = control_plane.client
    versions = ["v1", *(v["groupVersion"] for group in client.get("/apis")["groups"] for v in group["versions"])]
    served: set[tuple[str, str, str, bool]] = set()
    for version in versions:
        if version.startswith(GROUP):
            continue
        for entry in client.get(f"/apis/{version}" if "/" in version else f"/api/{version}")["resources"]:
            if "/" not in entry["name"]:
                served.add((version, entry["kind"], entry["name"], entry["namespaced"]))
    ours = {(one.kind.api_version, one.kind.kind, one.resource.resource, one.namespaced) for one in KindTable().all()}
    assert ours == served
