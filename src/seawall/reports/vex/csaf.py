"""Statements as a CSAF 2.0 document of the profile VEX (https://docs.oasis-open.org/csaf/csaf/v2.0/, section 4.5).

No flaw has two statuses for one product and no product two justifications: the mandatory tests 6.1.6 and 6.1.33 refuse both,
and `statements_of` makes none.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from seawall import __version__
from seawall.model.vex import VexProduct, VexStatement, VexStatus
from seawall.reports.vex.issue import NOT_SAID, Issue, name_of

_GROUPS: Final = {
    VexStatus.NOT_AFFECTED: "known_not_affected",
    VexStatus.FIXED: "fixed",
    VexStatus.AFFECTED: "known_affected",
    VexStatus.UNDER_INVESTIGATION: "under_investigation",
}
_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
_Key = TypeVar("_Key")


def write_csaf(statements: Sequence[VexStatement], issue: Issue) -> dict[str, Any]:
    """Return the document."""
    tree = _Tree()
    by_flaw: dict[str, list[VexStatement]] = {}
    for statement in statements:
        by_flaw.setdefault(statement.vulnerability, []).append(statement)
    vulnerabilities = [_vulnerability(name, found, tree) for name, found in by_flaw.items()]
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"category": issue.category, "name": issue.author, "namespace": issue.namespace},
            "title": f"VEX statements of {issue.author}",
            "tracking": {
                "current_release_date": issue.time,
                "generator": {"engine": {"name": "seawall", "version": __version__}},
                "id": f"VEX-{name_of([tree.written(), vulnerabilities], issue)[:16]}",
                "initial_release_date": issue.time,
                "revision_history": [{"date": issue.time, "number": "1", "summary": "First version"}],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": tree.written(),
        "vulnerabilities": vulnerabilities,
    }


def _vulnerability(name: str, statements: list[VexStatement], tree: "_Tree") -> dict[str, Any]:
    written: dict[str, Any] = {"notes": [{"category": "summary", "text": name}]}
    if _CVE.fullmatch(name):
        written["cve"] = name
    aliases = dict.fromkeys(
        [*([] if "cve" in written else [name]), *(alias for found in statements for alias in found.aliases)]
    )
    if aliases:
        written["ids"] = [{"system_name": alias.partition("-")[0] or alias, "text": alias} for alias in aliases]
    status: dict[str, list[str]] = {}
    flags: dict[str, list[str]] = {}
    threats: dict[str, list[str]] = {}
    actions: dict[str, list[str]] = {}
    for statement in statements:
        ids = [number for product in statement.products for number in tree.add(product)]
        _extend(status, _GROUPS[statement.status], ids)
        if statement.status is VexStatus.NOT_AFFECTED:
            if statement.justification:
                _extend(flags, statement.justification.value, ids)
            if statement.impact:
                _extend(threats, statement.impact, ids)
        elif statement.status is VexStatus.AFFECTED:
            _extend(actions, statement.action or NOT_SAID, ids)
    written["product_status"] = status
    if flags:
        written["flags"] = [{"label": label, "product_ids": ids} for label, ids in flags.items()]
    if threats:
        written["threats"] = [
            {"category": "impact", "details": why, "product_ids": ids} for why, ids in threats.items()
        ]
    if actions:
        # The category that claims the least: nobody said that the action mends or eases anything.
        written["remediations"] = [
            {"category": "none_available", "details": details, "product_ids": ids} for details, ids in actions.items()
        ]
    return written


def _extend(groups: dict[_Key, list[str]], key: _Key, ids: list[str]) -> None:
    found = groups.setdefault(key, [])
    found += [product for product in dict.fromkeys(ids) if product not in found]


class _Tree:
    """The product tree that comes about while statements are written: each purl and each part of a product gets an id."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._parts: dict[tuple[str, str], str] = {}

    def add(self, product: VexProduct) -> list[str]:
        """Return the id of the product, or those of its parts."""
        whole = self._id(product.purl)
        if not product.subcomponents:
            return [whole]
        parts = [self._id(purl) for purl in product.subcomponents]
        return [self._parts.setdefault((part, whole), f"{whole}:{part}") for part in parts]

    def _id(self, purl: str) -> str:
        return self._ids.setdefault(purl, f"CSAFPID-{len(self._ids) + 1:04}")

    def written(self) -> dict[str, Any]:
        """Return the tree as CSAF has it."""
        names = {number: purl for purl, number in self._ids.items()}
        tree: dict[str, Any] = {
            "full_product_names": [
                {"name": purl, "product_id": number, "product_identification_helper": {"purl": purl}}
                for purl, number in self._ids.items()
            ]
        }
        if self._parts:
            tree["relationships"] = [
                {
                    "category": "default_component_of",
                    "full_product_name": {"name": f"{names[part]} in {names[whole]}", "product_id": number},
                    "product_reference": part,
                    "relates_to_product_reference": whole,
                }
                for (part, whole), number in self._parts.items()
            ]
        return tree
