"""CSAF 2.0, profile VEX (https://docs.oasis-open.org/csaf/csaf/v2.0/, section 4.5): products in a tree, statements by product
id.

A product that is a part of another (a *relationship*) is read as that: the statement is about the part inside the whole.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from seawall.formats.untyped import table, tables, text, texts
from seawall.formats.vex.statements import RefusedError, purl_of, statement
from seawall.model.resource import Unscanned
from seawall.model.vex import ParsedVex, VexProduct, VexStatement, VexStatus

MAX_DEPTH: Final = 30
"""Deepest nesting of branches; the specification (section 3.1.2) allows that."""

STATUSES: Final = {
    "known_not_affected": VexStatus.NOT_AFFECTED,
    "first_fixed": VexStatus.FIXED,
    "fixed": VexStatus.FIXED,
    "first_affected": VexStatus.AFFECTED,
    "known_affected": VexStatus.AFFECTED,
    "last_affected": VexStatus.AFFECTED,
    "under_investigation": VexStatus.UNDER_INVESTIGATION,
}
"""CSAF's groups of product status. ``recommended`` says what to install and nothing about the vulnerability."""

_OF_DISTRIBUTIONS: Final = ("pkg:rpm/", "pkg:deb/", "pkg:apk/")


def read_csaf(path: str, document: dict[str, Any]) -> ParsedVex:
    """Read a decoded document."""
    category, version = text(document, "document", "category"), text(document, "document", "csaf_version")
    if (category, version) != ("csaf_vex", "2.0"):
        return ParsedVex(
            (), (Unscanned(path, f"a CSAF document of {category[:60]!r} {version[:20]!r}, not csaf_vex 2.0"),)
        )
    products = _Products(table(document, "product_tree"))
    statements: list[VexStatement] = []
    unscanned: list[Unscanned] = []
    for number, vulnerability in enumerate(tables(document, "vulnerabilities"), 1):
        name = text(vulnerability, "cve") or f"vulnerability {number}"
        for group, ids in table(vulnerability, "product_status").items():
            if group in STATUSES:
                place = f"{path}: {name}, {group}"
                for reason, chosen in _by_reason(vulnerability, texts(ids), products, STATUSES[group]):
                    found, nameless = products.find(chosen)
                    if nameless:
                        more = f", and {len(nameless) - 1:,} more" if len(nameless) > 1 else ""
                        unscanned.append(Unscanned(path, f"{name}, {group}: {nameless[0]}{more}"))
                    if not found:
                        continue
                    try:
                        statements.append(_statement(place, document, vulnerability, STATUSES[group], found, reason))
                    except RefusedError as error:
                        unscanned.append(Unscanned(path, f"{name}, {group} does not count: {error}"))
    return ParsedVex(tuple(statements), tuple(unscanned))


def _statement(
    place: str,
    document: dict[str, Any],
    vulnerability: dict[str, Any],
    status: VexStatus,
    products: tuple[VexProduct, ...],
    reason: tuple[str, str, str],
) -> VexStatement:
    return statement(
        names=[text(vulnerability, "cve"), *(text(found, "text") for found in tables(vulnerability, "ids"))],
        status=status,
        products=products,
        timestamp=text(document, "document", "tracking", "current_release_date"),
        justification=reason[0],
        impact=reason[1],
        action=reason[2],
        author=text(document, "document", "publisher", "name"),
        place=place,
    )


def _by_reason(
    vulnerability: dict[str, Any], ids: list[str], products: "_Products", status: VexStatus
) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    """Yield justification, impact and action with the products that they are given for: flags, threats and remediations name
    some.
    """
    flags = _Reasons(tables(vulnerability, "flags"), "label", products)
    threats = (found for found in tables(vulnerability, "threats") if found.get("category") == "impact")
    impacts = _Reasons(threats, "details", products)
    actions = _Reasons(tables(vulnerability, "remediations"), "details", products)
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for product in dict.fromkeys(ids):
        not_affected = status is VexStatus.NOT_AFFECTED
        reason = (
            flags.of(product) if not_affected else "",
            impacts.of(product) if not_affected else "",
            actions.of(product) if status is VexStatus.AFFECTED else "",
        )
        grouped.setdefault(reason, []).append(product)
    yield from grouped.items()


class _Reasons:
    """The first text of `key` among `items` that is given for a product; an item that names no product is for all."""

    def __init__(self, items: Iterable[dict[str, Any]], key: str, products: "_Products") -> None:
        self._all = ""
        self._some: dict[str, str] = {}
        for item in items:
            named = [*texts(item, "product_ids"), *products.of_groups(texts(item, "group_ids"))]
            for product in named:
                self._some.setdefault(product, text(item, key))
            if not named and "product_ids" not in item and "group_ids" not in item:
                self._all = self._all or text(item, key)

    def of(self, product: str) -> str:
        return self._some.get(product, self._all)


class _Products:
    """The product tree: product id -> purl, and which product is a part of which."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._purls: dict[str, str] = {}
        self._parts: dict[str, tuple[str, str]] = {}
        self._known: set[str] = set()
        self._groups = {
            text(group, "group_id"): texts(group, "product_ids") for group in tables(tree, "product_groups")
        }
        for product in tables(tree, "full_product_names"):
            self._add(product)
        self._branches(tables(tree, "branches"), 1)
        for relationship in tables(tree, "relationships"):
            whole = table(relationship, "full_product_name")
            self._add(whole)
            part, of = text(relationship, "product_reference"), text(relationship, "relates_to_product_reference")
            self._parts[text(whole, "product_id")] = (part, of)

    def of_groups(self, groups: list[str]) -> list[str]:
        """Return the ids of the products of groups."""
        return [product for group in groups for product in self._groups.get(group, ())]

    def find(self, ids: list[str]) -> tuple[tuple[VexProduct, ...], list[str]]:
        """Return the products, and why others cannot be told."""
        found: list[VexProduct] = []
        nameless: list[str] = []
        for product in ids:
            named = self._find(product)
            if named is None:
                known = "is not named by a purl" if product in self._known else "is not in the product tree"
                nameless.append(f"the product {product[:100]!r} {known}")
            else:
                found.append(named)
        return tuple(dict.fromkeys(found)), nameless

    def _find(self, product: str) -> VexProduct | None:
        if own := self._purls.get(product):
            return VexProduct(own)
        if product not in self._parts:
            return None
        part, whole = self._parts[product]
        of, inside = self._purls.get(whole, ""), self._purls.get(part, "")
        if inside and of:
            return VexProduct(of, (inside,))
        # The whole is a distribution, which is named by a CPE; its packages are nobody else's.
        return VexProduct(inside) if inside.startswith(_OF_DISTRIBUTIONS) else None

    def _branches(self, branches: list[dict[str, Any]], depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for branch in branches:
            self._add(table(branch, "product"))
            self._branches(tables(branch, "branches"), depth + 1)
            self._branches(tables(branch, "product", "branches"), depth + 1)

    def _add(self, product: dict[str, Any]) -> None:
        name = text(product, "product_id")
        if name:
            self._known.add(name)
            if purl := purl_of(table(product, "product_identification_helper").get("purl")):
                self._purls[name] = purl
