"""What cannot be the object that it says it is, and what holds no object at all, never passes for clean (kube-bench#1256)."""

from pathlib import Path

import pytest

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_objects import find_misfits
from seawall.model.errors import UsageError
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

POD = "kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: x}]}"


def misfits(text: str) -> list[tuple[str, str]]:
    found = []
    for document in kubernetes_yaml.parse("a.yaml", text.encode()).documents:
        found += [(entry.path, entry.reason.partition(";")[0]) for entry in find_misfits(document)]
    return found


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"apiVersion: v1\nkind: List\nitems:\n- {{{POD}}}\n", 4, "an item of a List has no apiVersion and kind"),
        ("apiVersion: v1\nkind: List\nitems:\n- {}\n", 4, "an item of a List has no apiVersion and kind"),
        ("apiVersion: v1\nkind: List\nitems:\n- 5\n", 4, "an item of a List is an object, not a number"),
        ("apiVersion: v1\nkind: List\nitems: 5\n", 3, "items of a List is a list, not a number"),
        ("apiVersion: v1\nkind: PodList\nitems:\n- no\n", 4, "an item of a PodList is an object, not a truth value"),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: 3\n", 3, "spec of a Deployment is a map, not a number"),
        (
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec: x\n",
            5,
            "spec.template.spec of a Deployment is a map, not a text",
        ),
        ("apiVersion: v1\nkind: Pod\nspec: []\n", 3, "spec of a Pod is a map, not a list"),
        ("kind: Deployment\napiVersion: v1\n", 2, "v1 has no Deployment"),
        ("apiVersion: apps/v1\nkind: Pod\n", 1, "apps/v1 has no Pod"),
        ("apiVersion: batch/v1\nkind: DaemonSet\n", 1, "batch/v1 has no DaemonSet"),
    ],
)
def test_it_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    ((path, said),) = misfits(text)
    assert (path, said.partition("; ")[0]) == (f"a.yaml:{line}", reason)


@pytest.mark.parametrize(
    "text",
    [
        f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, {POD}}}\n",
        "apiVersion: v1\nkind: List\nitems: null\n",
        f"apiVersion: v1\nkind: PodList\nitems:\n- {{{POD.removeprefix('kind: Pod, ')}}}\n",
        "apiVersion: apps/v1\nkind: Deployment\n",
        "apiVersion: extensions/v1beta1\nkind: Deployment\n",
        "apiVersion: serving.knative.dev/v1\nkind: Job\nspec: 3\n",
        "apiVersion: v1\nkind: ConfigMap\n",
        "a: 1\n",
    ],
)
def test_what_is_an_object_or_claims_nothing_is_left_alone(text: str) -> None:
    assert misfits(text) == []


@pytest.mark.parametrize("content", [None, "", "{}\n", "a: 1\n"])
def test_a_target_that_was_named_and_holds_nothing_is_not_scanned(content: str | None, tmp_path: Path) -> None:
    target = tmp_path
    if content is not None:
        target = tmp_path / "a.yaml"
        target.write_text(content)
    report = deploy.scan(DeployScan(targets=(str(target),))).report
    assert [entry.reason for entry in report.unscanned] == [deploy.NOTHING_FOUND]


def test_the_same_target_twice_is_scanned_once(tmp_path: Path) -> None:
    target = tmp_path / "a.yaml"
    target.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    report = deploy.scan(DeployScan(targets=(str(target), str(target)))).report
    assert report.summary.resources == len(report.targets) == 1


def test_options_that_leave_no_rule_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave no rule"):
        deploy.scan(
            DeployScan(targets=(str(tmp_path),), choice=RuleChoice(only=("privileged*",), skip=("privileged*",)))
        )
