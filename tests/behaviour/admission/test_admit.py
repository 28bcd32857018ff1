"""``seawall admit``: decisions, and the server around them."""

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import seawall
from seawall.apps.webhook import server as webhook
from seawall.apps.webhook.server import TlsFiles, WebhookServer
from seawall.formats.admission_review import read_review
from seawall.model.errors import UsageError
from seawall.model.taxonomy import Severity
from seawall.stages.admit import Admission, Admitter, load
from seawall.stages.rule_sets import RuleChoice
from tests.testbed.certificates import CertificateAuthority, KeyPair

Object = dict[str, Any]


def _pod(**context: Any) -> Object:
    container = {"name": "main", "image": "registry.example/app:1.0", "securityContext": context}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [container]},
    }


def _review(value: Object | None, *, operation: str = "CREATE", sub_resource: str = "") -> bytes:
    request = {
        "uid": "0123",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "subResource": sub_resource,
        "name": "web",
        "namespace": "shop",
        "operation": operation,
        "userInfo": {"username": "jane"},
        "object": value,
        "oldObject": None if operation == "CREATE" else _pod(),
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


@pytest.fixture(scope="module")
def admitter() -> Admitter:
    return load(Admission(choice=RuleChoice(only=("privileged-container", "root-allowed"))))


def _answer(admitter: Admitter, body: bytes) -> Object:
    review: Object = json.loads(admitter.review(body))
    assert (review["apiVersion"], review["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response: Object = review["response"]
    assert response["uid"] == "0123"
    return response


def _accepting(tmp_path: Path, *entries: str, **keys: str) -> Admitter:
    path = tmp_path / "seawall.yaml"
    lines = ["apiVersion: seawall.dev/v1", "kind: Configuration", "suppressions:"]
    lines += [f"  - {{{entry}, reason: it loads modules}}" for entry in entries]
    lines += [f"{key}: {value}" for key, value in keys.items()]
    path.write_text("\n".join(lines) + "\n")
    return load(Admission(choice=RuleChoice(only=("privileged-container",)), configuration=str(path)))


@pytest.mark.parametrize(
    ("entry", "keys", "allowed"),
    [
        ("rule: privileged-container", {}, True),
        ("rule: 'privileged-*', resource: {kind: Pod, namespace: shop, name: web}, container: main", {}, True),
        ("rule: privileged-container, container: other", {}, False),
        ("rule: privileged-container, resource: {namespace: other}", {}, False),
        ("rule: privileged-container, expires: 2020-01-01", {}, False),
        ("rule: privileged-container, stages: [runtime]", {}, True),
        ("rule: privileged-container, stages: [deploy]", {}, False),
        ("rule: privileged-container, path: '*'", {}, False),
        ("rule: privileged-container", {"mustNotSuppress": "[privileged-container]"}, False),
        ("rule: privileged-container", {"suppressionForms": "[comment]"}, False),
    ],
)
def test_what_the_configuration_accepts_is_let_in(
    tmp_path: Path, entry: str, keys: dict[str, str], allowed: bool
) -> None:
    response = _answer(_accepting(tmp_path, entry, **keys), _review(_pod(privileged=True)))
    assert response["allowed"] is allowed
    assert response["auditAnnotations"].get("suppressed") == ("privileged-container" if allowed else None)
    assert response.get("warnings", []) == []


def test_what_an_object_says_of_itself_lets_nothing_in(tmp_path: Path) -> None:
    pod = _pod(privileged=True)
    pod["metadata"]["annotations"] = {"seawall.dev/suppress": "privileged-container reason=please"}
    assert _answer(_accepting(tmp_path, "rule: host-network"), _review(pod))["allowed"] is False


def test_a_finding_at_or_above_the_threshold_denies_and_one_below_warns(admitter: Admitter) -> None:
    response = _answer(admitter, _review(_pod(privileged=True)))
    assert response["allowed"] is False
    assert response["status"]["code"] == 403
    assert "[privileged-container]" in response["status"]["message"]
    assert "spec.containers[0].securityContext.privileged" in response["status"]["message"]
    assert [warning.split()[0] for warning in response["warnings"]] == ["[root-allowed]"]
    assert response["auditAnnotations"]["decision"] == "deny"


def test_what_is_in_order_is_let_in_without_a_word(admitter: Admitter) -> None:
    assert _answer(admitter, _review(_pod(runAsNonRoot=True))) == {
        "uid": "0123",
        "allowed": True,
        "auditAnnotations": {"decision": "allow"},
    }


@pytest.mark.parametrize(
    ("operation", "sub_resource", "allowed"),
    [("UPDATE", "", False), ("UPDATE", "ephemeralcontainers", False), ("UPDATE", "status", True), ("DELETE", "", True)],
)
def test_what_holds_no_object_to_judge_is_let_in(
    admitter: Admitter, operation: str, sub_resource: str, allowed: bool
) -> None:
    value = None if operation == "DELETE" else _pod(privileged=True)
    assert _answer(admitter, _review(value, operation=operation, sub_resource=sub_resource))["allowed"] is allowed


def test_an_annotation_that_its_author_could_write_suppresses_nothing(admitter: Admitter) -> None:
    # kyverno#17173, #16336: an annotation that a user can write must not stand for a verification.
    pod = _pod(privileged=True)
    pod["metadata"]["annotations"] = {"seawall.dev/ignore": "privileged-container: it is fine"}
    assert _answer(admitter, _review(pod))["allowed"] is False


def test_anything_unexpected_is_a_refusal(admitter: Admitter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(admitter, "decide", fail)
    response = _answer(admitter, _review(_pod()))
    assert (response["allowed"], response["status"]["code"]) == (False, 500)


def test_rules_that_need_the_whole_cluster_are_left_out_and_named() -> None:
    admitter = load(Admission())
    left_out = "workload-without-network-policy"
    assert left_out in {rule.id for rule in admitter.left_out}
    assert admitter.rules > 100
    with pytest.raises(UsageError, match="none of the chosen rules can judge one object alone"):
        load(Admission(choice=RuleChoice(only=(left_out,))))


def test_the_threshold_is_the_users(admitter: Admitter) -> None:
    lenient = load(Admission(choice=RuleChoice(only=("privileged-container",)), fail_on=Severity.CRITICAL))
    decision = lenient.decide(read_review(_review(_pod(privileged=True)), path="x"))
    assert decision.allowed
    assert len(decision.warnings) == 1


NATIVE = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: named}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - {expression: "request.userInfo.username != 'jane'", message: not jane, reason: Invalid}
    - {expression: "object.metadata.name != 'web'", message: not web}
  auditAnnotations: [{key: who, valueExpression: request.userInfo.username}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: named, validationActions: [Deny]}
"""


def test_native_policies_judge_beside_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(NATIVE)
    admitter = load(Admission(choice=RuleChoice(rules=(str(path),))))
    response = _answer(admitter, _review(_pod()))
    assert response["status"] == {
        "message": "ValidatingAdmissionPolicy 'named' with binding 'b' denied request: not jane; "
        "ValidatingAdmissionPolicy 'named' with binding 'b' denied request: not web",
        "code": 422,
    }
    assert response["auditAnnotations"] == {"named.who": "jane", "decision": "deny"}


def test_what_a_native_policy_would_have_to_know_of_the_cluster_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(NATIVE.replace("request.userInfo.username != 'jane'", "namespaceObject.metadata.name == 'shop'"))
    admitter = load(Admission(choice=RuleChoice(rules=(str(path),))))
    message = _answer(admitter, _review(_pod()))["status"]["message"]
    assert "the result depends on a value that is not known" in message


class Client:
    """An HTTPS client that trusts the test's authority."""

    def __init__(self, port: int, authority: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        self.connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        response = self.connection.getresponse()
        return response.status, response.read()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@contextmanager
def _serving(pair: KeyPair, answer: webhook.Answer, log: list[str]) -> Iterator[WebhookServer]:
    server = WebhookServer(("127.0.0.1", 0), TlsFiles(str(pair.certificate), str(pair.key)), answer, log.append)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


def test_the_server_answers_on_one_connection_and_says_how_it_is(authority: CertificateAuthority) -> None:
    with _serving(authority.issue_server("webhook"), bytes.upper, []) as server:
        client = Client(server.port, authority.certificate)
        with closing(client.connection):
            assert client.call("GET", "/healthz") == (200, b"ok")
            sock = client.connection.sock
            assert client.call("GET", "/readyz") == (200, b"ok")
            assert client.call("POST", "/validate?timeout=10s", b"{}") == (200, b"{}")
            assert client.call("POST", "/", b"a") == (200, b"A")
            assert client.connection.sock is sock


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 404),
        ("POST", "/other", {}, 404),
        ("POST", "/validate", {"Content-Type": "text/plain"}, 415),
        ("POST", "/validate", {"Content-Length": "-1"}, 411),
        ("POST", "/validate", {"Content-Length": str(webhook.MAX_BODY_BYTES + 1)}, 413),
        ("POST", "/validate", {"Transfer-Encoding": "chunked"}, 411),
        ("POST", "/validate", {}, 400),
        ("PUT", "/validate", {}, 501),
    ],
)
def test_what_is_no_review_is_refused_by_its_status(
    authority: CertificateAuthority, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    def refuse(_body: bytes) -> bytes:
        raise ValueError("no review")

    with _serving(authority.issue_server("webhook"), refuse, []) as server:
        client = Client(server.port, authority.certificate)
        with closing(client.connection):
            assert client.call(method, path, **headers)[0] == status


def test_old_versions_of_tls_are_not_spoken(authority: CertificateAuthority) -> None:
    with _serving(authority.issue_server("webhook"), bytes.upper, []) as server:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            assert secured.version() == "TLSv1.2"
        assert server._certificates.current().minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_changed_certificate_is_used_and_a_broken_one_is_not(
    authority: CertificateAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_CERTIFICATE_SECONDS", 0.0)
    first, second = authority.issue_server("first"), authority.issue_server("second")
    pair = KeyPair(tmp_path / "tls.crt", tmp_path / "tls.key")
    log: list[str] = []

    def install(source: KeyPair) -> None:
        for old, new in ((source.certificate, pair.certificate), (source.key, pair.key)):
            shutil.copy(old, f"{new}.new")
            os.replace(f"{new}.new", new)

    def subject(port: int) -> str:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            certificate: Any = secured.getpeercert()
            return str(dict(entry[0] for entry in certificate["subject"])["commonName"])

    install(first)
    with _serving(pair, bytes.upper, log) as server:
        assert subject(server.port) == "first"
        install(second)
        assert subject(server.port) == "second"
        pair.certificate.write_text("nonsense")
        assert subject(server.port) == "second"
        assert log[0] == "the certificate was read again"
        assert "the old one stays" in log[1]


def test_a_stop_lets_a_running_request_end_and_closes_idle_connections(authority: CertificateAuthority) -> None:
    entered, leave = threading.Event(), threading.Event()

    def answer(body: bytes) -> bytes:
        entered.set()
        leave.wait(10)
        return body.upper()

    answers: list[tuple[int, bytes]] = []
    with _serving(authority.issue_server("webhook"), answer, []) as server:
        idle = Client(server.port, authority.certificate)
        busy = Client(server.port, authority.certificate)
        with closing(idle.connection), closing(busy.connection):
            assert idle.call("GET", "/readyz")[0] == 200
            thread = threading.Thread(target=lambda: answers.append(busy.call("POST", "/validate", b"a")))
            thread.start()
            assert entered.wait(10)
            server.stop()
            deadline = time.monotonic() + 10
            while server.is_ready.is_set():
                assert time.monotonic() < deadline
            leave.set()
            thread.join(10)
            assert answers == [(200, b"A")]


def test_a_request_that_dribbles_in_does_not_keep_its_thread(
    authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "REQUEST_SECONDS", 0.3)
    with _serving(authority.issue_server("webhook"), bytes.upper, []) as server:
        context = ssl.create_default_context(cafile=str(authority.certificate))
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            started = time.monotonic()
            with pytest.raises(OSError):  # noqa: PT012 - closed sooner or later
                while time.monotonic() - started < 10:
                    secured.sendall(b"X")
                    time.sleep(0.05)
            assert time.monotonic() - started < 5


def test_connections_have_a_bound(authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    monkeypatch.setattr(webhook, "MAX_CONNECTIONS", 1)
    with _serving(authority.issue_server("webhook"), bytes.upper, log) as server:
        first = Client(server.port, authority.certificate)
        with closing(first.connection):
            assert first.call("GET", "/healthz")[0] == 200
            second = Client(server.port, authority.certificate)
            with closing(second.connection), pytest.raises(OSError):
                second.call("GET", "/healthz")
        assert "more than 1 connections" in log[0]


def test_the_command_serves_until_it_is_told_to_stop(authority: CertificateAuthority, tmp_path: Path) -> None:
    pair = authority.issue_server("webhook")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "seawall", "admit", "--address", "127.0.0.1", "--port", str(port)),
            *("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key), "--rules", "pss-baseline"),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(seawall.__file__).parents[1]), "SEAWALL_CACHE_DIR": str(tmp_path)},
    )
    assert process.stderr is not None
    try:
        lines = []
        while not lines or "listening on" not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        client = Client(port, authority.certificate)
        with closing(client.connection):
            status, body = client.call("POST", "/validate", _review(_pod(privileged=True)))
            assert status == 200
            assert json.loads(body)["response"]["allowed"] is False
            assert client.call("POST", "/validate", b"{}")[0] == 400
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
        assert process.returncode == 0
        assert rest.endswith("seawall: stopped\n")
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("missing", ["--tls-cert", "--tls-key"])
def test_a_certificate_that_is_not_there_is_wrong_usage(
    authority: CertificateAuthority, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from seawall.apps.cli.main import main

    pair = authority.issue_server("webhook")
    files = {"--tls-cert": str(pair.certificate), "--tls-key": str(pair.key), missing: "/nowhere.pem"}
    options = [word for option in files.items() for word in option]
    status = main(["admit", "--address", "127.0.0.1", "--port", "0", "--only", "privileged-container", *options])
    assert status == 2
    assert "cannot serve on 127.0.0.1:0" in capsys.readouterr().err
