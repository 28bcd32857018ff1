"""VEX documents: statements as OpenVEX 0.2.0 or as CSAF 2.0 (profile VEX), and the statements that a report's findings amount
to.

    render("openvex", statements_of(report.findings, at=now, author="Example"), at=now, author="Example")

A scan knows that a version is affected and not whether the product is, so a finding becomes ``under_investigation``, and where
somebody suppressed it, ``affected`` with the reason as what is done about it: accepting a risk is not being unaffected. What
is ``not_affected`` only people can say. The same statements at the same time give the same bytes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from seawall import __version__
from seawall.model.finding import Finding
from seawall.model.vex import VexProduct, VexStatement, VexStatus

FORMS: Final = ("openvex", "csaf")

_ACCEPTED: Final = frozenset({"config", "annotation", "comment"})
"""Suppressions that are somebody's decision about this finding; a baseline decides nothing."""

_GROUPS: Final = {
    VexStatus.NOT_AFFECTED: "known_not_affected",
    VexStatus.FIXED: "fixed",
    VexStatus.AFFECTED: "known_affected",
    VexStatus.UNDER_INVESTIGATION: "under_investigation",
}
_Key = TypeVar("_Key")
_NOT_SAID: Final = "No action was stated."


def statements_of(
    findings: Iterable[Finding], *, at: datetime, author: str, product: str = ""
) -> tuple[VexStatement, ...]:
    """Return a statement for each finding about a vulnerability; with `product` (a purl) about the package inside that
    product.
    """
    statements = {}
    for finding in findings:
        package, vulnerability = finding.package, finding.vulnerability
        if isinstance(package, msgspec.UnsetType) or isinstance(vulnerability, msgspec.UnsetType):
            continue
        suppressed = finding.suppressed
        if suppressed and suppressed.by == "vex":
            continue  # somebody has said it already, and it is theirs to say
        accepted = suppressed.reason if suppressed and suppressed.by in _ACCEPTED else ""
        named = VexProduct(product, (package.purl,)) if product else VexProduct(package.purl)
        statement = VexStatement(
            vulnerability=vulnerability.id,
            aliases=tuple(alias for alias in vulnerability.aliases if alias != vulnerability.id),
            status=VexStatus.AFFECTED if accepted else VexStatus.UNDER_INVESTIGATION,
            products=(named,),
            timestamp=at,
            action=accepted,
            author=author,
        )
        statements[vulnerability.id, named, accepted] = statement
    return tuple(statements.values())


def render(form: str, statements: Sequence[VexStatement], *, at: datetime, author: str) -> bytes:
    """Return the document as JSON. Raises `ValueError` where there is no statement: neither form has a document without one."""
    if not statements:
        raise ValueError("a VEX document needs a statement")
    document = _csaf(statements, at, author) if form == "csaf" else _openvex(statements, at, author)
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _digest(value: Any) -> str:
    return sha256(msgspec.json.encode(value)).hexdigest()


def _openvex(statements: Sequence[VexStatement], at: datetime, author: str) -> dict[str, Any]:
    written = list({msgspec.json.encode(found): found for found in map(_openvex_statement, statements)}.values())
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"https://openvex.dev/docs/public/vex-{_digest([written, author, _time(at)])}",
        "author": author,
        "timestamp": _time(at),
        "version": 1,
        "tooling": f"seawall {__version__}",
        "statements": written,
    }


def _openvex_statement(statement: VexStatement) -> dict[str, Any]:
    vulnerability: dict[str, Any] = {"name": statement.vulnerability}
    if statement.aliases:
        vulnerability["aliases"] = list(statement.aliases)
    written: dict[str, Any] = {
        "vulnerability": vulnerability,
        "timestamp": _time(statement.timestamp),
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
        written["action_statement"] = statement.action or _NOT_SAID
    return written


def _component(product: VexProduct) -> dict[str, Any]:
    component: dict[str, Any] = {"@id": product.purl, "identifiers": {"purl": product.purl}}
    if product.subcomponents:
        component["subcomponents"] = [{"@id": part, "identifiers": {"purl": part}} for part in product.subcomponents]
    return component


def _csaf(statements: Sequence[VexStatement], at: datetime, author: str) -> dict[str, Any]:
    tree = _Tree()
    by_flaw: dict[str, list[VexStatement]] = {}
    for statement in statements:
        by_flaw.setdefault(statement.vulnerability, []).append(statement)
    vulnerabilities = [_csaf_vulnerability(name, found, tree) for name, found in by_flaw.items()]
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"category": "user", "name": author, "namespace": "https://seawall.dev"},
            "title": f"VEX statements of {author}",
            "tracking": {
                "current_release_date": _time(at),
                "generator": {"engine": {"name": "seawall", "version": __version__}},
                "id": f"VEX-{_digest([vulnerabilities, author, _time(at)])[:16]}",
                "initial_release_date": _time(at),
                "revision_history": [{"date": _time(at), "number": "1", "summary": "First version"}],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": tree.written(),
        "vulnerabilities": vulnerabilities,
    }


def _csaf_vulnerability(name: str, statements: list[VexStatement], tree: "_Tree") -> dict[str, Any]:
    written: dict[str, Any] = {"notes": [{"category": "summary", "text": name}]}
    if name.startswith("CVE-"):
        written["cve"] = name
    aliases = dict.fromkeys(
        [*([] if "cve" in written else [name]), *(alias for found in statements for alias in found.aliases)]
    )
    if aliases:
        written["ids"] = [{"system_name": alias.partition("-")[0] or alias, "text": alias} for alias in aliases]
    status: dict[str, list[str]] = {}
    flags: dict[str, list[str]] = {}
    threats: dict[str, list[str]] = {}
    remediations: dict[tuple[str, str], list[str]] = {}
    for statement in statements:
        ids = [number for product in statement.products for number in tree.add(product)]
        _extend(status, _GROUPS[statement.status], ids)
        if statement.status is VexStatus.NOT_AFFECTED:
            if statement.justification:
                _extend(flags, statement.justification.value, ids)
            if statement.impact:
                _extend(threats, statement.impact, ids)
        elif statement.status is VexStatus.AFFECTED:
            _extend(
                remediations,
                ("mitigation" if statement.action else "none_available", statement.action or _NOT_SAID),
                ids,
            )
    written["product_status"] = status
    if flags:
        written["flags"] = [{"label": label, "product_ids": ids} for label, ids in flags.items()]
    if threats:
        written["threats"] = [
            {"category": "impact", "details": why, "product_ids": ids} for why, ids in threats.items()
        ]
    if remediations:
        written["remediations"] = [
            {"category": category, "details": details, "product_ids": ids}
            for (category, details), ids in remediations.items()
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
