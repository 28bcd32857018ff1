"""``seawall admit`` as the parity suite asks it: registered in the real API server, which sends it every object.

The server does not tell a client what a webhook found; so each object is sent by a user of its own, and what the webhook decides
is recorded by that user's name. Whether the object may come in is the API server's answer.
"""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from seawall.apps.webhook.server import TlsFiles, WebhookServer
from seawall.formats.admission_review import read_review
from seawall.policy.native_export import NativePolicy
from seawall.stages.admit import Admission, Admitter, load
from seawall.stages.rule_sets import RuleChoice
from tests.testbed.api_client import Object
from tests.testbed.control_plane import ControlPlane
from tests.testbed.parity_objects import Case
from tests.testbed.parity_server import DryRun

_NAME = "parity.seawall.invalid"
_PROBE: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe", "namespace": "default"}}
_SECONDS = 30.0
_THREADS = 4


@dataclass(slots=True)
class Answer:
    """What came of one object: the messages by rule, None where the server did not ask, and whether it was refused."""

    messages: dict[str, list[str]] | None = None
    refused: bool = False


@dataclass(slots=True)
class Door:
    """The running webhook."""

    plane: ControlPlane
    admitter: Admitter
    recorded: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def answer(self, body: bytes) -> bytes:
        """Answer as the product does, and record what was found."""
        found: dict[str, list[str]] = {}
        for finding in self.admitter.decide(read_review(body, path="request")).findings:
            found.setdefault(finding.rule, []).append(finding.message)
        self.recorded[json.loads(body)["request"]["userInfo"]["username"]] = found
        return self.admitter.review(body)

    def judge(self, cases: Sequence[Case]) -> list[Answer]:
        """Return the answer to each case, in order."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(self._judge, range(len(cases)), cases))

    def _judge(self, number: int, case: Case) -> Answer:
        user = f"case-{number}"
        with DryRun(self.plane.client, case) as request:
            status = request.send(user).status
        return Answer(self.recorded.get(user), status == 403)


@contextmanager
def open_door(plane: ControlPlane, policies: Sequence[NativePolicy]) -> Iterator[Door]:
    """Run ``seawall admit`` with the rules of `policies`, registered for what they match, until the block ends."""
    ids = tuple(native.rule.id for native in policies)
    door = Door(plane, load(Admission(choice=RuleChoice(rules=("all",), only=ids))))
    pair = plane.authority.issue_server("seawall-parity")
    server = WebhookServer(
        ("127.0.0.1", 0), TlsFiles(str(pair.certificate), str(pair.key)), door.answer, lambda _line: None
    )
    thread = threading.Thread(target=server.serve)
    thread.start()
    configuration = _configuration(plane, f"https://127.0.0.1:{server.port}/validate", policies)
    try:
        plane.client.apply(configuration)
        deadline = time.monotonic() + _SECONDS
        while not door.recorded:
            plane.client.create(_PROBE, dry_run=True)
            if time.monotonic() > deadline:
                raise TimeoutError(f"the webhook was not asked for {_SECONDS:.0f} s")
            time.sleep(0.1)
        yield door
    finally:
        plane.client.delete(configuration)
        server.stop()
        thread.join(30)


def _configuration(plane: ControlPlane, url: str, policies: Sequence[NativePolicy]) -> Object:
    rules: dict[str, Any] = {"": {"configmaps"}}
    for native in policies:
        for rule in native.policy["spec"]["matchConstraints"]["resourceRules"]:
            for group in rule["apiGroups"]:
                rules.setdefault(group, set()).update(rule["resources"])
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": _NAME},
        "webhooks": [
            {
                "name": _NAME,
                "clientConfig": {"url": url, "caBundle": b64encode(plane.ca.read_bytes()).decode()},
                "rules": [
                    {
                        "apiGroups": [group],
                        "apiVersions": ["*"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": sorted(resources),
                    }
                    for group, resources in sorted(rules.items())
                ],
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 10,
            }
        ],
    }
