"""The conformance cases as ValidatingAdmissionPolicies in a real API server: its values, its error texts, its refusals.

Many cases share a policy, bound with Warn. A case with a value is a validation that compares with it, so that silence is
agreement; a case with an error must give the warning with its text; a refused one cannot be stored. Cases with data have
`tests/testbed/test_cel_judge.py`, which runs the same library without a server.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.conformance.cel.test_cel_conformance import FILES, load
from tests.testbed.api_client import Object
from tests.testbed.control_plane import ControlPlane
from tests.testbed.native_policies import await_policies

_API = "admissionregistration.k8s.io/v1"
_LABEL = "seawall-cel-group"
_WARNING_BYTES = 3_500  # the API server cuts warnings short beyond 4,096 bytes an answer
_CONSTRUCTORS = {
    "kubernetes.Quantity": "quantity({})",
    "kubernetes.Semver": "semver({})",
    "kubernetes.URL": "url({})",
    "net.IP": "ip({})",
    "net.CIDR": "cidr({})",
    "uint": "{}u",
}

CASES = [
    case
    for path in FILES
    if path.name not in ("unknowns.yaml", "authorizer.yaml")
    for case in load(path)
    if not case.get("data") and not re.search(r"\b(authorizer|[xyz])\b", case["expr"])
]


def literal(value: Any) -> str | None:
    """The CEL expression for a written value; None where it has none that compares simply."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) and (value or math.copysign(1, value) > 0) else None
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else None
    if isinstance(value, list):
        parts = [literal(item) for item in value]
        return None if None in parts else f"[{', '.join(f'dyn({part})' for part in parts)}]"
    (kind, content) = next(iter(value.items()))
    if kind not in _CONSTRUCTORS:
        return None
    return _CONSTRUCTORS[kind].format(content if kind == "uint" else literal(content))


def _policies(name: str, groups: Sequence[Sequence[str]]) -> list[tuple[Object, Object]]:
    """A policy and its binding for each group of expressions; it sees the objects that carry the group's label."""
    found: list[tuple[Object, Object]] = []
    for number, expressions in enumerate(groups):
        place = f"cel-{name}-{number}"
        policy: Object = {
            "apiVersion": _API,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": place},
            "spec": {
                "matchConstraints": {
                    "objectSelector": {"matchLabels": {_LABEL: f"{name}-{number}"}},
                    "resourceRules": [
                        {
                            "apiGroups": [""],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE"],
                            "resources": ["configmaps"],
                        }
                    ],
                },
                "validations": [{"expression": expression} for expression in expressions],
            },
        }
        binding: Object = {
            "apiVersion": _API,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": place},
            "spec": {"policyName": place, "validationActions": ["Warn"]},
        }
        found.append((policy, binding))
    return found


def _warnings(plane: ControlPlane, name: str, number: int) -> list[str]:
    probe = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cel", "labels": {_LABEL: f"{name}-{number}"}},
    }
    answer = plane.client.create(probe, dry_run=True)
    assert answer.status == 201, answer.message
    return answer.warnings


VALUES = [
    f"dyn({case['expr']}) == {text}"
    for case in CASES
    if "value" in case and (text := literal(case["value"])) is not None
]
ERRORS = [(f"dyn({case['expr']}) == null", str(case["error"])) for case in CASES if "error" in case]


def _by_size(errors: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Groups whose warnings fit one answer."""
    group: list[tuple[str, str]] = []
    size = 0
    for expression, error in errors:
        length = len((expression + error).encode()) + 200
        if group and size + length > _WARNING_BYTES:
            yield group
            group, size = [], 0
        group.append((expression, error))
        size += length
    yield group


VALUE_GROUPS = [VALUES[start : start + 60] for start in range(0, len(VALUES), 60)]
ERROR_GROUPS = list(_by_size(ERRORS))


@pytest.fixture(scope="module")
def installed(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The API server with all policies in force."""
    client = control_plane.client
    policies = _policies("values", VALUE_GROUPS)
    policies += _policies("errors", [[expression for expression, _ in group] for group in ERROR_GROUPS])
    for policy, binding in policies:
        for stored in (policy, binding):  # posted as JSON: what applies is read as YAML, which has other escapes
            answer = client.create(stored)
            assert answer.status == 201, answer.message
    await_policies(client)
    try:
        yield control_plane
    finally:
        for policy, binding in policies:
            client.delete(binding)
            client.delete(policy)


def test_every_value_is_the_api_servers(installed: ControlPlane) -> None:
    differences = [warning for number in range(len(VALUE_GROUPS)) for warning in _warnings(installed, "values", number)]
    print(f"{len(VALUES)} values")
    assert len(VALUES) > 700
    assert not differences, "\n".join(differences)


def test_every_error_has_the_words_of_the_api_server(installed: ControlPlane) -> None:
    differences = []
    for number, group in enumerate(ERROR_GROUPS):
        warnings = _warnings(installed, "errors", number)
        for expression, error in group:
            said = f"expression '{expression}' resulted in error: {error}"
            if not any(warning.endswith(said) for warning in warnings):
                differences.append(f"{said}\n    not among {warnings}")
    print(f"{len(ERRORS)} errors in {len(ERROR_GROUPS)} requests")
    assert len(ERRORS) > 250
    assert not differences, "\n".join(differences[:20])


def test_what_our_compiler_refuses_cannot_be_stored(control_plane: ControlPlane) -> None:
    refused = [case["expr"] for case in CASES if "refused" in case]
    stored = []
    for number, expression in enumerate(refused):
        ((policy, _binding),) = _policies(f"refused-{number}", [[f"dyn({expression}) == null"]])
        if control_plane.client.create(policy, dry_run=True).status != 422:
            stored.append(expression)
    print(f"{len(refused)} refusals")
    assert len(refused) > 100
    assert not stored
