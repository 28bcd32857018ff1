"""OpenVEX 0.2.0 (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md): who says what of which product, and since when."""

from collections.abc import Iterator
from typing import Any, Final

from seawall.formats.untyped import rows, table, tables, text, texts
from seawall.formats.vex.statements import RefusedError, purl_of, statement
from seawall.model.resource import Unscanned
from seawall.model.vex import ParsedVex, VexProduct, VexStatement

CONTEXTS: Final = ("https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns")
"""Contexts that are read; the specification's examples have the second."""


def read_openvex(path: str, document: dict[str, Any]) -> ParsedVex:
    """Read a decoded document. A statement's own time goes before that of the document."""
    context = text(document, "@context")
    if context not in CONTEXTS:
        return ParsedVex(
            (), (Unscanned(path, f"an OpenVEX document of the context {context[:80]!r}, which is not read"),)
        )
    statements: list[VexStatement] = []
    unscanned: list[Unscanned] = []
    if not rows(document, "statements"):
        unscanned.append(Unscanned(path, "an OpenVEX document without statements"))
    for number, value in enumerate(tables(document, "statements"), 1):
        place = f"{path}: statement {number}"
        nameless: list[str] = []
        try:
            statements.append(_statement(place, value, document, nameless))
        except RefusedError as error:
            unscanned.append(Unscanned(path, f"statement {number} does not count: {error}"))
        else:
            unscanned += (Unscanned(path, f"statement {number}: {why}") for why in nameless)
    return ParsedVex(tuple(statements), tuple(unscanned))


def _statement(place: str, value: dict[str, Any], document: dict[str, Any], nameless: list[str]) -> VexStatement:
    return statement(
        names=[text(value, "vulnerability", "name"), *texts(value, "vulnerability", "aliases")],
        status=text(value, "status"),
        products=list(_products(value, nameless)),
        timestamp=text(value, "timestamp") or text(document, "timestamp"),
        justification=text(value, "justification"),
        impact=text(value, "impact_statement"),
        action=text(value, "action_statement"),
        author=text(document, "author"),
        place=place,
    )


def _products(value: dict[str, Any], nameless: list[str]) -> Iterator[VexProduct]:
    for product in tables(value, "products"):
        purl = _purl(product)
        parts = tables(product, "subcomponents")
        found = tuple(filter(None, map(_purl, parts)))
        if not purl:
            nameless.append(f"the product {text(product, '@id')[:100]!r} is not named by a purl")
        elif parts and not found:
            # Without them the statement would say more than its author did.
            nameless.append(f"no subcomponent of {purl[:100]} is named by a purl")
        else:
            yield VexProduct(purl, found)


def _purl(component: dict[str, Any]) -> str:
    return purl_of(table(component, "identifiers").get("purl"), component.get("@id"))
