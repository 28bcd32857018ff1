"""``--since REF``: only what the change brought fails."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sample_repository import POD, configure, counting, found, scan, write
from sample_vulnerabilities import build_database
from seawall.apps.cli.main import main
from seawall.model.errors import UsageError
from seawall.sources import code_cache
from seawall.sources.git_tree import is_inner_link

PRIVILEGED = "privileged-container"
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Run git in a new repository, with a configuration of its own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(code_cache.directory()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Test\n\temail = test@example.com\n[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n"
    )

    def run(*arguments: str, where: Path | None = None) -> str:
        command = ["git", "-C", str(where or tmp_path / "repository"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    (tmp_path / "repository").mkdir()
    run("init", "-q")
    return run


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "repository"


def commit(git: Git, message: str = "change") -> None:
    git("add", "-A")
    git("commit", "-qm", message)


def new(repository: Path, ref: str = "HEAD", *targets: Path) -> list[str]:
    """Return ``file pod`` of every privileged container that is new."""
    findings = counting(scan(*(targets or (repository,)), since=ref), PRIVILEGED)
    return sorted({f"{os.path.relpath(f.location.path, repository)} {f.resource.name}" for f in findings})


def other(name: str) -> str:
    return POD.replace("name: net", f"name: {name}")


def test_only_what_the_change_brought_fails_trufflehog_2878(git: Git, repository: Path) -> None:
    write(repository, deploy__net=POD)
    commit(git)
    assert new(repository) == []
    write(repository, deploy__staged=other("staged"), deploy__untracked=other("untracked"))
    git("add", "deploy/staged.yaml")
    assert new(repository) == ["deploy/staged.yaml staged", "deploy/untracked.yaml untracked"]
    commit(git)
    assert new(repository) == []
    assert new(repository, "HEAD~1") == ["deploy/staged.yaml staged", "deploy/untracked.yaml untracked"]


def test_known_findings_stay_in_the_report_as_those_of_a_baseline(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    commit(git)
    findings = found(scan(repository, since="main"), PRIVILEGED)
    assert {(f.suppressed.by, f.suppressed.reason) for f in findings if f.suppressed} == {
        ("baseline", "already present in main")
    }


def test_the_change_starts_where_the_branch_left(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    commit(git)
    git("checkout", "-qb", "topic")
    write(repository, mine=other("mine"))
    commit(git)
    git("checkout", "-q", "main")
    (repository / "net.yaml").unlink()
    commit(git, "main mends it")
    git("checkout", "-q", "topic")
    assert new(repository, "main") == ["mine.yaml mine"]


def test_a_renamed_file_and_moved_lines_are_not_new(git: Git, repository: Path) -> None:
    write(repository, deploy__net=POD)
    commit(git)
    (repository / "deploy" / "net.yaml").unlink()
    write(repository, apps__network=f"# moved\n\n{POD}")
    assert new(repository) == []


def test_a_part_of_the_repository_is_compared_with_the_same_part(
    git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, a__net=POD, b__web=other("web"))
    commit(git)
    write(repository, a__more=other("more"), c__late=other("late"))
    assert new(repository, "HEAD", repository / "a") == ["a/more.yaml more"]
    assert new(repository, "HEAD", repository / "a" / "net.yaml") == []
    assert new(repository, "HEAD", repository / "c", repository / "b") == ["c/late.yaml late"]
    monkeypatch.chdir(repository / "a")
    assert [finding.location.path for finding in counting(scan(".", since="HEAD"), PRIVILEGED)] == ["more.yaml"] * 2


def test_ignored_files_are_ignored_then_as_now(git: Git, repository: Path) -> None:
    write(repository, build__out=POD, kept=other("kept"))
    commit(git)
    (repository / ".seawallignore").write_text("build/\n")
    commit(git)
    (repository / ".seawallignore").unlink()
    assert new(repository) == ["build/out.yaml net"]


def test_findings_about_suppressions_are_compared_too(git: Git, repository: Path) -> None:
    write(repository, net=f"# seawall:ignore host-network reason='x'\n{POD}")
    configure(repository, "suppressions: [{rule: host-network, reason: x}]\n")
    commit(git)
    assert len(counting(scan(repository), "unused-suppression")) == 2
    assert counting(scan(repository, since="HEAD"), "unused-suppression") == []
    configure(repository, "suppressions: [{rule: host-network, reason: x}, {rule: host-pid, reason: x}]\n")
    findings = counting(scan(repository, since="HEAD"), "unused-suppression")
    assert [finding.field for finding in findings] == ["suppressions[1]"]


def test_what_was_suppressed_then_is_not_brought_by_the_change(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    path = configure(repository, "suppressions: [{rule: privileged-container, reason: x}]\n")
    commit(git)
    path.unlink()
    assert new(repository) == []


def test_a_file_that_could_not_be_read_then_counts_as_new(
    git: Git, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, net="apiVersion: v1\nkind: Pod\na: [\n")
    commit(git)
    write(repository, net=POD)
    report = repository / "report"
    assert main(["scan", str(repository), "--since", "HEAD", "--output", str(report)]) == 1
    err = capsys.readouterr().err
    assert "warning: at HEAD, net.yaml:3 was not scanned, and what is in it counts as new" in err


def test_a_baseline_and_a_reference_go_together(git: Git, repository: Path, tmp_path: Path) -> None:
    write(repository, net=POD)
    commit(git)
    write(repository, known=other("known"))
    baseline = tmp_path / "base.json"
    assert main(["baseline", "write", str(repository), "--output", str(baseline)]) == 0
    write(repository, more=other("more"))
    findings = counting(scan(repository, since="HEAD", baseline=baseline), PRIVILEGED)
    assert {finding.resource.name for finding in findings} == {"more"}


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (
            "nowhere",
            r"--since nowhere: git knows no commit of that name here \(fetch it first: git fetch origin nowhere\)",
        ),
        ("origin/main", r"\(fetch it first: git fetch origin main\)"),
        ("--output=x", "git knows no commit of that name here"),
        ("", "git knows no commit of that name here"),
    ],
)
def test_an_unknown_reference_is_refused_with_the_way_out(git: Git, repository: Path, ref: str, message: str) -> None:
    write(repository, net=POD)
    commit(git)
    with pytest.raises(UsageError, match=message):
        scan(repository, since=ref)
    assert not (repository / "x").exists()


def test_a_shallow_clone_is_told_how_to_fetch_its_history(git: Git, repository: Path, tmp_path: Path) -> None:
    write(repository, net=POD)
    commit(git)
    first = git("rev-parse", "HEAD")
    write(repository, net=f"# more\n{POD}")
    commit(git)
    git("clone", "-q", "--depth", "1", f"file://{repository}", str(tmp_path / "clone"))
    with pytest.raises(
        UsageError, match=r"fetch the history: git fetch --unshallow, or fetch-depth: 0 for actions/che"
    ):
        scan(tmp_path / "clone", since=first)


def test_histories_without_a_common_commit_are_refused(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    commit(git)
    git("checkout", "-q", "--orphan", "other")
    commit(git, "a history of its own")
    with pytest.raises(UsageError, match="it has no commit in common with HEAD"):
        scan(repository, since="main")


def test_what_is_in_no_repository_is_refused(git: Git, repository: Path, tmp_path: Path) -> None:
    write(tmp_path, outside__net=POD)
    with pytest.raises(UsageError, match=r"--since needs a git repository, and .*outside is in none"):
        scan(tmp_path / "outside", since="HEAD")
    write(repository, net=POD)
    with pytest.raises(UsageError, match="there is no commit"):
        scan(repository, since="HEAD")
    commit(git)
    with pytest.raises(UsageError, match=r"outside is not in the repository"):
        scan(repository, tmp_path / "outside", since="HEAD")
    with pytest.raises(UsageError, match="a cluster or standard input is none"):
        scan("-", since="HEAD")


def test_a_machine_without_git_says_so(git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, net=POD)
    commit(git)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="--since needs git, and it is not on PATH"):
        scan(repository, since="HEAD")


def test_a_repository_of_another_user_is_explained(git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, net=POD)
    commit(git)
    program = repository.parent / "bin" / "git"
    program.parent.mkdir()
    # Only root could make a repository of another user here; git's own words for one stand in for it.
    program.write_text("#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '/x'\" >&2\nexit 128\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(
        UsageError, match=r"belongs to another user \(if you do: git config --global --add safe.directory"
    ):
        scan(repository, since="HEAD")


def test_nothing_that_the_repository_configures_is_run(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    commit(git)
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\ncat\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "filter.trap.smudge", "filter.trap.clean", "core.sshCommand"):
        git("config", name, str(trap))
    git("config", "core.hooksPath", str(repository))
    (repository / ".gitattributes").write_text("*.yaml filter=trap diff=trap export-ignore export-subst\n")
    write(repository, more=other("more"))
    assert new(repository) == ["more.yaml more"]
    assert not (repository / "sprung").exists()


def test_the_repository_is_left_as_it_is(git: Git, repository: Path) -> None:
    write(repository, net=POD)
    commit(git)
    (repository / "net.yaml").touch()
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}
    new(repository)
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


def test_links_of_the_earlier_tree_lead_nowhere_outside(git: Git, repository: Path, tmp_path: Path) -> None:
    write(tmp_path, secret__net=POD)
    write(repository, real__net=POD)
    (repository / "out.yaml").symlink_to(tmp_path / "secret" / "net.yaml")
    (repository / "up.yaml").symlink_to("../secret/net.yaml")
    (repository / "in.yaml").symlink_to("real/net.yaml")
    (repository / "here").symlink_to("real")
    commit(git)
    assert new(repository) == []


@pytest.mark.parametrize(
    ("path", "target", "inner"),
    [
        ("a/link", "b", True),
        ("a/link", "../b/c", True),
        ("a/link", "../../b", False),
        ("link", "..", False),
        ("a/link", "..", False),
        ("link", "/etc/passwd", False),
        ("link", "a/../../b", False),
        ("a/b/link", "../x/../../../etc", False),
        ("link", "./a", True),
        ("link", "", False),
        ("link", "a/", True),
    ],
)
def test_a_link_is_inner_only_where_its_text_alone_proves_it(path: str, target: str, inner: bool) -> None:
    assert is_inner_link(path, target) is inner


def raw_tree(repository: Path, *entries: tuple[str, str, str]) -> str:
    """Write a tree of (mode, name, object) as no honest git would, and return its name."""
    data = b"".join(
        mode.encode() + b" " + os.fsencode(name) + b"\0" + bytes.fromhex(identity) for mode, name, identity in entries
    )
    command = ["git", "-C", str(repository), "hash-object", "-w", "--literally", "-t", "tree", "--stdin"]
    return subprocess.run(command, input=data, check=True, capture_output=True, timeout=60).stdout.decode().strip()


def test_a_crafted_tree_writes_nothing_outside_of_its_directory(
    git: Git, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, net=POD)
    commit(git)
    blob = git("rev-parse", "HEAD:net.yaml")
    (repository / "link").symlink_to(tmp_path / "outside")
    git("add", "-A")
    link = git("rev-parse", ":link")
    (repository / "link").unlink()
    git("rm", "-q", "--cached", "link")
    inner = raw_tree(repository, ("100644", "escape.yaml", blob))
    up = raw_tree(repository, ("100644", "..", blob), ("40000", "...", inner))
    crafted = raw_tree(
        repository,
        ("100644", "../escape.yaml", blob),
        ("40000", "..", inner),
        ("40000", ".GIT", inner),
        ("120000", "dir", link),
        ("40000", "dir", inner),
        ("100644", "net.yaml", blob),
        ("120000", "net.yaml", link),
        ("40000", "sub", up),
    )
    (tmp_path / "outside").mkdir()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    first = git("commit-tree", "-m", "crafted", crafted)
    git("reset", "-q", "--soft", git("commit-tree", "-m", "next", "-p", first, "HEAD^{tree}"))
    write(repository, more=other("more"))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert new(repository, first) == ["more.yaml more"]
    assert list((tmp_path / "outside").iterdir()) == []
    assert list(temporary.iterdir()) == []
    assert list(tmp_path.rglob("escape.yaml")) == []


def test_flaws_that_the_lock_file_had_before_the_change_are_not_new(
    git: Git, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))
    lock = repository / "requirements.txt"
    lock.write_text("pyyaml==5.3\n")
    commit(git)
    lock.write_text("# first\njinja2==2.11.2\npyyaml==5.2\n")
    scanned = scan(repository, since="HEAD")
    assert counting(scanned, "vulnerability-critical") == []
    assert [finding.location.line for finding in counting(scanned, "vulnerability-medium")] == [2]


def test_flaws_that_go_sum_names_were_there_before_the_change_too(
    git: Git, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))
    (repository / "go.mod").write_text("module m\ngo 1.16\nrequire e.com/a v1.0.0\n")
    (repository / "go.sum").write_text("e.com/a v1.0.0 h1:x=\ngolang.org/x/text v0.3.3 h1:x=\n")
    commit(git)
    (before,) = [one for one in scan(repository).report.findings if one.location.path == f"{repository}/go.sum"]
    (repository / "go.mod").write_text("module m\n\ngo 1.16\nrequire e.com/a v1.0.0\n")
    scanned = scan(repository, since="HEAD")
    assert counting(scanned, before.rule) == []
