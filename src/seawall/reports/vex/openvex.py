"""Statements as an OpenVEX 0.2.0 document (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md)."""

from collections.abc import Sequence
from typing import Any

from seawall import __version__
from seawall.model.vex import VexProduct, VexStatement, VexStatus
from seawall.reports.vex.issue import NOT_SAID, Issue, name_of, written_time


def write_openvex(statements: Sequence[VexStatement], issue: Issue) -> dict[str, Any]:
    """Return the document."""
    written = [_statement(statement) for statement in statements]
    base = issue.namespace.rstrip("/") or "https://openvex.dev/docs/public"
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"{base}/vex-{name_of(written, issue)}",
        "author": issue.author,
        "timestamp": issue.time,
        "version": 1,
        "tooling": f"seawall {__version__}",
        "statements": written,
    }


def _statement(statement: VexStatement) -> dict[str, Any]:
    vulnerability: dict[str, Any] = {"name": statement.vulnerability}
    if statement.aliases:
        vulnerability["aliases"] = list(statement.aliases)
    written: dict[str, Any] = {
        "vulnerability": vulnerability,
        "timestamp": written_time(statement.timestamp),
        "products": [_component(product) for product in statement.products],
        "status": statement.status,
    }
    if statement.status is VexStatus.NOT_AFFECTED:
        # The schema takes one of the two; the machine-readable one says more to a machine, the note keeps the sentence.
        if statement.justification:
            written["justification"] = statement.justification
            if statement.impact:
                written["status_notes"] = statement.impact
        else:
            written["impact_statement"] = statement.impact
    if statement.status is VexStatus.AFFECTED:
        written["action_statement"] = statement.action or NOT_SAID
    return written


def _component(product: VexProduct) -> dict[str, Any]:
    component: dict[str, Any] = {"@id": product.purl, "identifiers": {"purl": product.purl}}
    if product.subcomponents:
        component["subcomponents"] = [{"@id": part, "identifiers": {"purl": part}} for part in product.subcomponents]
    return component
