"""``seawall admit`` at the door of a real API server."""

import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seawall.apps.webhook.server import TlsFiles, WebhookServer
from seawall.formats import kubernetes_yaml
from seawall.stages.admit import Admission, load
from seawall.stages.rule_sets import RuleChoice
from tests.testbed.api_client import Object
from tests.testbed.control_plane import ControlPlane

NAME = "seawall.testbed.invalid"


def _pod(name: str, **context: object) -> Object:
    container = {"name": "main", "image": "registry.example/app:1.0", "securityContext": context}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "admitted"},
        "spec": {"containers": [container]},
    }


def _deployment(name: str, **context: object) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": _pod(name, **context)["spec"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "admitted"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


@contextmanager
def _registered(plane: ControlPlane, url: str) -> Iterator[None]:
    rule = {
        "apiGroups": ["", "apps"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["pods", "deployments"],
    }
    configuration: Object = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": NAME},
        "webhooks": [
            {
                "name": NAME,
                "clientConfig": {"url": url, "caBundle": b64encode(plane.ca.read_bytes()).decode()},
                "rules": [rule],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "admitted"}},
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 10,
            }
        ],
    }
    plane.client.apply(configuration)
    try:
        yield
    finally:
        plane.client.delete(configuration)


@pytest.fixture(scope="module")
def door(control_plane: ControlPlane) -> Iterator[WebhookServer]:
    """A running webhook, registered and asked."""
    control_plane.ensure_namespace("admitted")
    admitter = load(Admission(choice=RuleChoice(only=("privileged-container", "root-allowed"))))
    pair = control_plane.authority.issue_server("seawall-admit")
    tls = TlsFiles(str(pair.certificate), str(pair.key))
    server = WebhookServer(("127.0.0.1", 0), tls, admitter.review, lambda _line: None)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with _registered(control_plane, f"https://127.0.0.1:{server.port}/validate"):
            deadline = time.monotonic() + 30
            while control_plane.client.create(_pod("probe", privileged=True), dry_run=True).status == 201:
                assert time.monotonic() < deadline, "the webhook is not asked"
                time.sleep(0.1)
            yield server
    finally:
        server.stop()
        thread.join(30)


def test_the_api_server_refuses_what_the_webhook_denies(door: WebhookServer, control_plane: ControlPlane) -> None:
    for value, field in (
        (_pod("bad", privileged=True), "spec.containers[0].securityContext.privileged"),
        (_deployment("bad", privileged=True), "spec.template.spec.containers[0].securityContext.privileged"),
    ):
        response = control_plane.client.create(value, dry_run=True)
        assert response.status == 403
        assert response.message == (
            f'admission webhook "{NAME}" denied the request: [privileged-container] container main is privileged ({field})'
        )


def test_the_api_server_hands_on_the_warnings(door: WebhookServer, control_plane: ControlPlane) -> None:
    response = control_plane.client.create(_pod("fair"), dry_run=True)
    assert response.status == 201
    assert [warning.split()[0] for warning in response.warnings] == ["[root-allowed]"]


def test_what_is_in_order_goes_in(door: WebhookServer, control_plane: ControlPlane) -> None:
    response = control_plane.client.create(_pod("good", runAsNonRoot=True), dry_run=True)
    assert (response.status, response.warnings) == (201, ())


def test_without_the_webhook_its_failure_policy_holds(control_plane: ControlPlane) -> None:
    control_plane.ensure_namespace("admitted")
    with _registered(control_plane, "https://127.0.0.1:9/validate"):
        deadline = time.monotonic() + 30
        while (response := control_plane.client.create(_pod("good", runAsNonRoot=True), dry_run=True)).status == 201:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "failed calling webhook" in response.message


def test_the_configuration_in_the_guide_is_one_that_the_api_server_takes(control_plane: ControlPlane) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "admission-webhook.md").read_text()
    (text,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (document,) = kubernetes_yaml.parse("guide", text.encode()).documents
    response = control_plane.client.create(document.value, dry_run=True)
    assert response.status == 201, response.message
