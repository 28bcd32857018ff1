"""The README's tour is real: each of its commands runs as written, in a copy of what it names, and ends as the README says.

A command may end with 0 or 1 (findings are no failure of a tour); a comment ``(exit status N)`` asks for exactly N.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
TOUR = README.partition("<!-- tour:start -->")[2].partition("<!-- tour:end -->")[0]
COMMANDS = [line for line in TOUR.splitlines() if line.startswith("seawall ")]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README's reader has in a clone, one for the whole tour: later commands use earlier results."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def test_the_tour_is_there() -> None:
    assert "<!-- tour:end -->" in README
    assert len(COMMANDS) >= 4
    assert [line for line in TOUR.splitlines() if line.strip() and not line.startswith(("seawall ", "```"))] == []


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_tour_runs(line: str, checkout: Path) -> None:
    words = shlex.split(line, comments=True)
    asked = re.search(r"#.*\(exit status ([012])\)", line)
    expected = {int(asked[1])} if asked else {0, 1}
    done = subprocess.run(
        [sys.executable, "-m", "seawall", *words[1:]],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in expected, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr
    if "--output" in words:
        assert (checkout / words[words.index("--output") + 1]).stat().st_size > 0
    else:
        assert done.stdout.strip()
