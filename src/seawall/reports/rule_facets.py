"""What is said of a rule on its card and on its page alike: the controls that it serves, and a short example."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from seawall.model.framework import Framework
from seawall.model.rule import Rule
from seawall.policy.frameworks import PRACTICES, controls_of

PEERS = {
    "kube-linter": "kube-linter",
    "trivy": "Trivy",
    "checkov": "Checkov",
    "kube-score": "kube-score",
    "polaris": "Polaris",
    "cwe": "CWE",
    "bandit": "Bandit",
    "gosec": "gosec",
    "hadolint": "hadolint",
}
"""How tools that rules name in their ``maps`` are written."""

SNIPPET_LINES = 40
"""What one example may take on a page: a Deployment with its fault, not a file of twenty cases."""

_DOCUMENT_START = re.compile(r"^---.*$", re.MULTILINE)


class Snippet(msgspec.Struct, frozen=True):
    """The beginning of an example file: its name, its lines, and whether there is more in the same document."""

    name: str
    lines: list[str]
    cut: bool


def first_document(name: str, text: str) -> Snippet:
    """Return the first document of an example file, at most `SNIPPET_LINES` of it."""
    documents = [part.strip("\n") for part in _DOCUMENT_START.split(text)]
    lines = next((part for part in documents if part.strip()), "").split("\n")
    return Snippet(name, lines[:SNIPPET_LINES], len(lines) > SNIPPET_LINES)


def controls_with_titles(
    rule: Rule, frameworks: Sequence[Framework]
) -> Iterator[tuple[Framework, list[tuple[str, str]]]]:
    """Yield each framework that `rule` serves, practices first, with pairs of control and title."""
    for framework in sorted(frameworks, key=lambda one: (one.id != PRACTICES, one.id)):
        controls = controls_of(rule, framework.id)
        if controls:
            yield framework, [(control, framework.title_of(control)) for control in controls]
