"""Decisions are found by their numbers: each has one of its own, and says it in its title."""

import re
from collections import Counter
from pathlib import Path

PAGES = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))


def test_no_two_decisions_share_a_number() -> None:
    numbers = Counter(page.name.partition("-")[0] for page in PAGES)
    assert len(PAGES) > 10
    assert [number for number, count in numbers.items() if count > 1] == []


def test_every_title_has_the_number_of_its_page() -> None:
    titles = {page.name: page.read_text().partition("\n")[0] for page in PAGES if not page.name.startswith("0000")}
    assert [name for name, title in titles.items() if not re.match(rf"# {name[:4]}\. \S", title)] == []
