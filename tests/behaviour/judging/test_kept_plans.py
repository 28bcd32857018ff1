"""A choice of rules is put together once and kept; what a run says does not depend on it."""

from pathlib import Path

import msgspec
import pytest

from seawall.model.finding import Report
from seawall.sources import code_cache, rule_stamp
from seawall.stages import deploy, kept_plans, rule_sets
from seawall.stages.rule_sets import ChosenRules, RuleChoice

# Two rules with everything that is kept: conditions, lists, a message that is written by code, parameters.
CHOICE = RuleChoice(
    rules=("all",), only=("privileged-container", "root-allowed", "latest-image-tag", "untrusted-registry")
)

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: api
    image: registry.example/api:latest
    securityContext:
      privileged: true
  - {}
  - 5
"""
"""Its last container is none, so that rules are asked alone."""


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path_factory.mktemp("cache")
    directory.chmod(0o700)
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(directory))
    return directory


@pytest.fixture
def pod(tmp_path: Path) -> str:
    path = tmp_path / "pod.yaml"
    path.write_text(MANIFEST)
    return str(path)


def scan(pod: str, choice: RuleChoice = CHOICE) -> Report:
    return deploy.scan(deploy.DeployScan(targets=(pod,), choice=choice)).report


def kept(choice: RuleChoice = CHOICE) -> ChosenRules:
    return rule_sets.resolve(choice)


def test_the_second_run_takes_the_kept_plan_and_says_the_same(pod: str) -> None:
    assert kept().kept is None
    first = scan(pod)
    assert kept().kept is not None
    assert scan(pod) == first
    assert first.findings


def test_other_choices_have_plans_of_their_own(pod: str) -> None:
    scan(pod)
    assert kept(msgspec.structs.replace(CHOICE, skip=("privileged-container",))).kept is None
    with_parameters = msgspec.structs.replace(CHOICE, params={"untrusted-registry": {"allowed": ["other.example"]}})
    assert kept(with_parameters).kept is None
    for _first_keeps_the_plan in range(2):
        assert {one.rule for one in scan(pod, with_parameters).findings} - {one.rule for one in scan(pod).findings} == {
            "untrusted-registry"
        }


def test_a_rule_that_was_written_since_is_read_anew(pod: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(pod)
    monkeypatch.setattr(rule_stamp, "stamp", lambda root: f"changed {root}")
    assert kept().kept is None


def test_a_plan_with_users_own_rules_is_not_kept(pod: str, cache: Path) -> None:
    own = str(Path(rule_stamp.SHIPPED) / "container" / "privileged-container")
    scan(pod, RuleChoice(rules=(own,)))
    assert not list(cache.glob("plan-*"))


def test_programs_that_are_damaged_are_made_anew(pod: str, cache: Path) -> None:
    first = scan(pod)
    (path,) = cache.glob("plan-*")
    rules, steps, before, ends, programs = msgspec.msgpack.decode(path.read_bytes())
    whole = [rules, steps, before, ends, bytes(len(programs))]
    code_cache.write(str(path), msgspec.msgpack.encode(whole))
    assert kept().kept is not None
    assert scan(pod) == first


@pytest.mark.parametrize("data", [b"", b"no plan", msgspec.msgpack.encode([[], [], []])])
def test_a_file_that_is_no_plan_is_as_if_it_were_not_there(data: bytes, pod: str, cache: Path) -> None:
    first = scan(pod)
    (path,) = cache.glob("plan-*")
    path.write_bytes(data)
    assert kept().kept is None
    assert scan(pod) == first
    assert kept().kept is not None


def test_a_plan_that_others_may_write_to_is_not_read(pod: str, cache: Path) -> None:
    scan(pod)
    (path,) = cache.glob("plan-*")
    path.chmod(0o666)
    assert kept().kept is None


def test_only_so_many_choices_are_kept(pod: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_plans, "MOST", 2)
    for only in CHOICE.only:
        scan(pod, RuleChoice(rules=("all",), only=(only,)))
    assert len(list(cache.glob("plan-*"))) == 2
    assert kept(RuleChoice(rules=("all",), only=CHOICE.only[-1:])).kept is not None


def test_somebody_without_a_home_has_no_cache(pod: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEAWALL_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    scan(pod)
    assert kept().kept is None
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["pod.yaml"]


def test_who_changes_the_catalogue_of_facts_need_not_think_of_kept_plans() -> None:
    package = Path(rule_stamp.SHIPPED).parent
    catalogues = {path.relative_to(package).as_posix() for path in package.glob("facts/catalogue*.py")}
    assert catalogues <= set(kept_plans._MADE_BY)
    assert all((package / name).is_file() for name in kept_plans._MADE_BY)
