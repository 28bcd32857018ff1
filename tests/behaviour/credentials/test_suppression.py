"""A credential that somebody accepted: a comment beside it in the language of the file, or seawall.yaml by path."""

from pathlib import Path

import pytest

from seawall.formats.credentials.samples import expand
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

KEY = expand("AKIA<16 A-Z2-7>", "suppression")
SAID = 'seawall:ignore credential-cloud reason="a key of a closed account" until=2099-12-31'


def scan(directory: Path) -> list[bool]:
    """Return of each finding, in order of place, whether it does not count."""
    report = deploy.scan(DeployScan(targets=(str(directory),), choice=RuleChoice(only=("credential-*",)))).report
    assert report.unscanned == []
    return [finding.suppressed is not None for finding in report.findings]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", f'KEY = "{KEY}"  # {SAID}\n'),
        ("a.js", f'const key = "{KEY}"; // {SAID}\n'),
        ("a.css", f"/* {SAID} */\n.x {{ content: '{KEY}' }}\n"),
        ("a.html", f"<!-- {SAID} -->\n<p>{KEY}</p>\n"),
        ("a.sql", f"-- {SAID}\nSELECT '{KEY}';\n"),
        ("a.ini", f"; {SAID}\nkey = {KEY}\n"),
        ("a.yaml", f"# {SAID}\nkey: {KEY}\n"),
        ("Dockerfile", f"# {SAID}\nENV KEY={KEY}\n"),
    ],
)
def test_a_comment_beside_it_covers_it(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert scan(tmp_path) == [True]
    (tmp_path / name).write_text(text.replace("credential-cloud", "credential-payment"))
    assert scan(tmp_path) == [False]


def test_the_configuration_covers_it_by_path(tmp_path: Path) -> None:
    for name in ("archive", "live"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.env").write_text(f"KEY={KEY}\n")
    (tmp_path / "seawall.yaml").write_text(
        "apiVersion: seawall.dev/v1\nkind: Configuration\nsuppressions:\n"
        "- {rule: 'credential-*', path: archive, reason: closed accounts, owner: shop, expires: 2099-12-31}\n"
    )
    assert scan(tmp_path) == [True, False]
