"""Objects as the API server shows them to policies; `tests/testbed/test_defaulting.py` holds them to a real one."""

import copy

import pytest

from seawall.formats.admitted import WrongShapeError, admitted
from seawall.formats.kubernetes_images import default_pull_policy
from seawall.formats.kubernetes_quantities import canonical_quantity


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (1, "1"),
        (0.5, "500m"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("512", "512"),
        ("0.5Ki", "512"),
        ("1000k", "1M"),
        ("1e3", "1e3"),
        ("12e2", "1200"),
        ("0.0000000001", "1n"),
        ("-0.5", "-500m"),
        ("0", "0"),
        ("+5", "5"),
        ("", ""),
        ("many", "many"),
        ("1.5", "1500m"),
        (".5", "500m"),
        ("100Ei", "100Ei"),
    ],
)
def test_a_quantity_has_one_canonical_form(written: str | int | float, canonical: str) -> None:
    assert canonical_quantity(written) == canonical


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("app", "Always"),
        ("app:latest", "Always"),
        ("registry.example:5000/app", "Always"),
        ("app:1", "IfNotPresent"),
        (f"app@sha256:{'0' * 64}", "IfNotPresent"),
        (f"app:latest@sha256:{'0' * 64}", "Always"),
        ("Not/A Reference", "IfNotPresent"),
        ("", "IfNotPresent"),
        (None, "IfNotPresent"),
        ("0" * 64, "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str | None, policy: str) -> None:
    assert default_pull_policy(image) == policy


def test_the_object_of_the_file_is_not_changed() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": 1}}}]},
    }
    before = copy.deepcopy(pod)
    shown = admitted(pod)
    assert pod == before
    assert shown["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}


def test_a_pod_gets_the_token_of_its_service_account_unless_it_says_no() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}}
    shown = admitted(pod)["spec"]
    assert shown["serviceAccountName"] == shown["serviceAccount"] == "default"
    assert [list(source) for source in shown["volumes"][0]["projected"]["sources"]] == [
        ["serviceAccountToken"],
        ["configMap"],
        ["downwardAPI"],
    ]
    quiet = {**pod, "spec": {"containers": [{"name": "a"}], "automountServiceAccountToken": False}}
    assert "volumes" not in admitted(quiet)["spec"]


@pytest.mark.parametrize(
    ("kind", "parts", "field"),
    [
        ("v1 Pod", {"metadata": "x"}, "metadata is not a map"),
        ("v1 Pod", {"spec": []}, "spec is not a map"),
        ("v1 Pod", {"spec": {"containers": "x"}}, "spec.containers is not a list"),
        ("v1 Pod", {"metadata": {"labels": {"a": 1}}}, "metadata.labels.a is not text"),
        ("v1 Pod", {"spec": {"hostNetwork": "yes"}}, "spec.hostNetwork is not true or false"),
        ("v1 Pod", {"spec": {"priority": True}}, "spec.priority is not a number"),
        ("v1 Secret", {"stringData": [1]}, "stringData is not a map"),
        ("apps/v1 Deployment", {"spec": {"strategy": "x"}}, "spec.strategy is not a map"),
        ("v1 LimitRange", {"spec": {"limits": [{"max": {"cpu": []}}]}}, "spec.limits[0].max.cpu is not an amount"),
        (
            "autoscaling/v2 HorizontalPodAutoscaler",
            {"spec": {"behavior": {"scaleUp": 3}}},
            "spec.behavior.scaleUp is not a map",
        ),
    ],
)
def test_an_object_that_the_api_server_could_not_read_is_refused_with_its_field(
    kind: str, parts: dict[str, object], field: str
) -> None:
    api_version, name = kind.split()
    with pytest.raises(WrongShapeError) as refused:
        admitted({"apiVersion": api_version, "kind": name, **parts})
    assert str(refused.value) == f"the API server would refuse it: {field}"


@pytest.mark.parametrize(
    "kind",
    [
        "v1 Pod",
        "apps/v1 Deployment",
        "batch/v1 CronJob",
        "v1 Service",
        "v1 Namespace",
        "networking.k8s.io/v1 NetworkPolicy",
    ],
)
def test_an_empty_object_is_read_as_one_of_zero_values(kind: str) -> None:
    api_version, name = kind.split()
    assert admitted({"apiVersion": api_version, "kind": name})["metadata"] is not None
