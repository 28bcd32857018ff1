"""Several processes judge a large scan, and it says the same as one. What one of them cannot do is done all the same."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from seawall.model.errors import RuleError
from seawall.model.finding import Report
from seawall.policy.evaluate import Plan
from seawall.sources import processes
from seawall.stages import deploy, shares
from tests.sample_manifests import deployment, policy

FILES = 60


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """300 resources in 60 files: pods, services, policies, exact twins, a broken container, a document that is no YAML."""
    for number in range(FILES):
        name, twin = f"app-{number}", deployment("twin", "{app: twin}")
        text = deployment(name, f"{{app: {name}}}", namespace=f"team-{number % 7}") + twin + twin
        text += policy(f"policy-{number}", f"{{matchLabels: {{app: app-{number + number % 2}}}}}", namespace="team-1")
        text += f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: nobody}}}}\n"
        if number == 40:
            text += "---\napiVersion: v1\nkind: Pod\nmetadata: {name: broken}\nspec: {containers: [{name: [1]}, 7]}\n"
        if number == 50:
            text += "---\nkind: [\n"
        (tmp_path / f"{number:02}.yaml").write_text(text)
    return tmp_path


def _scan(corpus: Path, processes_in_all: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Report, int]:
    started: list[processes.Forked | None] = []

    def fork(task: Callable[[], bytes]) -> processes.Forked | None:
        started.append(_fork(task))
        return started[-1]

    _fork = processes.fork
    with monkeypatch.context() as patch:
        patch.setenv("SEAWALL_PROCESSES", str(processes_in_all))
        patch.setattr(processes, "fork", fork)
        patch.setattr(shares, "FEWEST", 150)
        report = deploy.scan(deploy.DeployScan(targets=(str(corpus),))).report
    return report, len(started)


@pytest.mark.parametrize("number", [2, 3, 4, 64])
def test_the_report_is_the_same_for_any_number_of_processes(
    corpus: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, none = _scan(corpus, 1, monkeypatch)
    together, others = _scan(corpus, number, monkeypatch)
    assert none == 0
    assert others == min(number, shares.MOST_PROCESSES) - 1
    assert len(alone.findings) > 1000
    assert alone.unscanned != []
    assert msgspec.json.encode(together) == msgspec.json.encode(alone)


def test_a_small_scan_stays_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.yaml").write_text(deployment("one", "{app: one}"))
    assert _scan(tmp_path, 4, monkeypatch)[1] == 0


def test_a_scan_with_a_suppression_stays_in_one_process(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (corpus / "30.yaml").open("a") as file:
        file.write("---\n# seawall:ignore *-* reason='a test'\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\n")
        file.write("spec: {containers: [{name: main, image: x}]}\n")
    report, others = _scan(corpus, 4, monkeypatch)
    assert others == 0
    assert report.summary.suppressed > 0


def _die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _fail() -> bytes:
    raise MemoryError


@pytest.mark.parametrize("instead", [_die, _fail, None], ids=["killed", "failed", "not started"])
def test_what_another_process_could_not_judge_is_judged_here(
    corpus: Path, instead: Callable[[], bytes] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, _ = _scan(corpus, 1, monkeypatch)
    fork = processes.fork
    monkeypatch.setattr(processes, "fork", lambda _task: fork(instead) if instead else None)
    together, _ = _scan(corpus, 2, monkeypatch)
    assert msgspec.json.encode(together) == msgspec.json.encode(alone)


def test_text_that_cannot_be_handed_over_is_judged_here(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lone = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "\\ud800"}]}}'
    )
    (corpus / "59.json").write_text(lone)
    alone, _ = _scan(corpus, 1, monkeypatch)
    together, others = _scan(corpus, 2, monkeypatch)
    assert others == 1
    assert [finding.id for finding in together.findings] == [finding.id for finding in alone.findings]


def test_an_error_of_another_process_is_the_scan_s_error(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def describe(*_arguments: object) -> None:
        raise RuleError("the rule broke")

    monkeypatch.setattr(shares, "describe", describe)
    with pytest.raises(RuleError, match="the rule broke"):
        _scan(corpus, 2, monkeypatch)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # no process is left


def test_no_process_is_left_when_this_one_fails(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_plan: Plan, _facts: object) -> None:
        raise KeyboardInterrupt

    parent = os.getpid()
    run = Plan.run
    monkeypatch.setattr(
        Plan, "run", lambda plan, facts: broken(plan, facts) if os.getpid() == parent else run(plan, facts)
    )
    with pytest.raises(KeyboardInterrupt):
        _scan(corpus, 3, monkeypatch)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_where_other_threads_run_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_PROCESSES", "8")
    assert processes.spare_processors(3) == 3
    waiting = threading.Event()
    other = threading.Thread(target=waiting.wait)
    other.start()
    try:
        assert processes.spare_processors(3) == 0
    finally:
        waiting.set()
        other.join()


@pytest.mark.parametrize(("wanted", "spare"), [("1", 0), ("2", 1), ("0", 0)])
def test_the_number_of_processes_can_be_chosen(wanted: str, spare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_PROCESSES", wanted)
    assert processes.spare_processors(3) == spare


def test_an_answer_of_any_size_comes_through() -> None:
    other = processes.fork(lambda: b"x" * 5_000_000)
    assert other is not None
    assert other.result() == b"x" * 5_000_000


def test_where_no_pipe_is_to_be_had_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> tuple[int, int]:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "pipe", full)
    assert processes.fork(lambda: b"") is None
