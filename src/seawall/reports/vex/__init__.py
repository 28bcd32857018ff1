"""VEX documents: statements as OpenVEX 0.2.0 or as CSAF 2.0 (profile VEX).

    issue = Issue(at=now, author="Example", namespace="https://example.com")
    render("openvex", statements_of(report.findings, at=now, author="Example"), issue)

The same statements in the same issue give the same bytes.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from seawall.model.vex import VexStatement
from seawall.reports.vex.issue import CATEGORIES, Issue
from seawall.reports.vex.statements import statements_of

__all__ = ["CATEGORIES", "FORMS", "Issue", "render", "statements_of"]

FORMS: Final = ("openvex", "csaf")


def render(form: str, statements: Sequence[VexStatement], issue: Issue) -> bytes:
    """Return the document as JSON. Raises `ValueError` where there is no statement: neither form has a document without one."""
    if not statements:
        raise ValueError("a VEX document needs a statement")
    if form == "csaf":
        from seawall.reports.vex.csaf import write_csaf as write
    else:
        from seawall.reports.vex.openvex import write_openvex as write
    # Sorted keys: CSAF asks for them (test 6.2.13), and OpenVEX does not mind.
    written = msgspec.json.encode(write(statements, issue), order="sorted")
    return msgspec.json.format(written, indent=2) + b"\n"
