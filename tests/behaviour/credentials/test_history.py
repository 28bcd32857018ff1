"""``--history``: every commit is looked into, each credential told once with its first and last commit."""

import subprocess
from pathlib import Path

import pytest

from seawall.formats.credentials.samples import expand
from seawall.model.errors import UsageError
from seawall.model.finding import Report
from seawall.sources.manifests import ReadOptions
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

AWS = expand("AKIA<16 A-Z2-7>", "history")
STRIPE = expand("sk_live_<24 A-Za-z0-9>", "history")
PEM = expand("<pem RSA PRIVATE KEY>", "history")


class History:
    """A repository that grows commit by commit."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@shop.example", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, "-C", str(self.directory), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, **files: str | None) -> str:
        """Write `files` (``__`` is a point; None takes one away), and return the commit."""
        for name, text in files.items():
            path = self.directory / name.replace("__", ".")
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--date=2024-05-06T07:08:09+00:00", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def scan(self, below: str = "") -> Report:
        target = self.directory / below if below else self.directory
        choice = RuleChoice(only=("credential-*",))
        return deploy.scan(DeployScan(targets=(str(target),), choice=choice, reading=ReadOptions(history=True))).report


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def test_what_was_taken_out_is_found_once_with_its_first_and_last_commit(history: History) -> None:
    first = history.commit(a__py=f'x = 1\n\nKEY = "{AWS}"\n', b__txt="b\n")
    history.commit(b__txt=f'KEY = "{AWS}"\n')
    last = history.commit(a__py="x = 1\n", b__txt="b\n")
    (finding,) = history.scan().findings
    assert finding.rule == "credential-cloud"
    assert f"in the history from {first[:12]} of 2024-05-06 to {last[:12]}" in finding.message
    assert AWS not in str(finding)


def test_the_place_is_the_line_of_the_file_in_its_commit(history: History) -> None:
    history.commit(a__py="\n" * 30)
    history.commit(a__py="\n" * 10 + f'KEY = "{AWS}"\n' + "\n" * 20)
    history.commit(a__py=None, b__py="")
    (finding,) = history.scan().findings
    assert (finding.location.path, finding.location.line) == (f"{history.directory}/a.py", 11)
    assert (finding.location.column, finding.location.end_column) == (8, 28)


def test_what_still_stands_in_a_file_gets_its_commits_and_is_not_told_twice(history: History) -> None:
    first = history.commit(a__env=f"STRIPE={STRIPE}\n")
    history.commit(a__env=f"A=1\nSTRIPE={STRIPE}\nB=2\n")
    (finding,) = history.scan().findings
    assert finding.location.line == 2
    assert f"in the history from {first[:12]}" in finding.message


def test_a_key_of_many_lines_and_one_that_a_merge_brought_are_found(history: History) -> None:
    history.commit(a__txt="a\n")
    history.git("checkout", "-q", "-b", "side")
    history.commit(side__txt="side\n")
    history.git("checkout", "-q", "main")
    history.commit(main__txt="main\n", key__pem=f"{PEM}\n")
    history.git("merge", "-q", "--no-commit", "side")
    (history.directory / "a.txt").write_text(f'evil = "{AWS}"\n')
    history.commit(key__pem=None)
    history.commit(a__txt="a\n")
    assert sorted(finding.rule for finding in history.scan().findings) == ["credential-cloud", "credential-private-key"]


def test_a_branch_that_is_not_checked_out_is_looked_into_too(history: History) -> None:
    history.commit(a__txt="a\n")
    history.git("checkout", "-q", "-b", "side")
    history.commit(b__txt=f"key = {AWS}\n")
    history.git("checkout", "-q", "main")
    assert [finding.rule for finding in history.scan().findings] == ["credential-cloud"]


def test_of_a_directory_only_its_own_history_is_read(history: History) -> None:
    (history.directory / "shop").mkdir()
    (history.directory / "other").mkdir()
    (history.directory / "shop" / "b.txt").write_text("b\n")
    (history.directory / "other" / "b.txt").write_text("b\n")
    history.commit(**{"shop/a__txt": f"key = {AWS}\n", "other/a__txt": f"key = {STRIPE}\n"})
    history.commit(**{"shop/a__txt": "", "other/a__txt": ""})
    (finding,) = history.scan("shop").findings
    assert finding.location.path == f"{history.directory}/shop/a.txt"


def test_names_with_odd_characters_are_kept(history: History) -> None:
    history.commit(**{'ü "q"\tx__txt': f"key = {AWS}\n", "b__txt": ""})
    history.commit(**{'ü "q"\tx__txt': None})
    (finding,) = history.scan().findings
    assert finding.location.path == f'{history.directory}/ü "q"\tx.txt'


@pytest.mark.parametrize("attribute", ["*.py -diff", "*.py diff=evil", "*.py filter=evil"])
def test_nothing_of_the_repository_is_run_and_its_programs_do_not_start(history: History, attribute: str) -> None:
    marker = history.directory / "started"
    history.commit(a__py=f'KEY = "{AWS}"\n')
    history.commit(a__py="x = 1\n")
    for key in (
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "core.pager",
        "core.fsmonitor",
        "gpg.program",
    ):
        history.git("config", key, f"touch {marker};")
    history.git("config", "log.showSignature", "true")
    (history.directory / ".gitattributes").write_text(f"{attribute}\n")
    found = history.scan().findings
    assert not marker.exists()
    if attribute != "*.py -diff" or _reads_attributes_from_trees():
        assert [finding.rule for finding in found] == ["credential-cloud"]


def _reads_attributes_from_trees() -> bool:
    version = subprocess.run(["git", "version"], check=True, capture_output=True, text=True).stdout.split()[2]
    return tuple(int(part) for part in version.split(".")[:2]) >= (2, 41)


def test_without_a_repository_it_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(UsageError, match="--history needs a git repository"):
        deploy.scan(
            DeployScan(
                targets=(str(tmp_path),),
                choice=RuleChoice(only=("credential-*",)),
                reading=ReadOptions(history=True),
            )
        )


def test_a_history_that_is_cut_off_is_told(history: History, tmp_path: Path) -> None:
    history.commit(a__txt="a\n")
    history.commit(a__txt="b\n")
    clone = tmp_path / "clone"
    history.git("clone", "-q", "--depth=1", f"file://{history.directory}", str(clone))
    other = History(clone)
    assert "its history is cut off" in other.scan().unscanned[0].reason


def test_paths_are_shown_as_the_scan_of_the_current_directory_shows_them(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    (history.directory / "shop").mkdir()
    history.commit(**{"shop/a__txt": f"key = {AWS}\n", "b__txt": ""})
    history.commit(**{"shop/a__txt": "a\n"})
    monkeypatch.chdir(history.directory)
    choice = RuleChoice(only=("credential-*",))
    scanned = deploy.scan(DeployScan(targets=(".",), choice=choice, reading=ReadOptions(history=True)))
    assert [finding.location.path for finding in scanned.report.findings] == ["shop/a.txt"]
