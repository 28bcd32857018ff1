"""VEX documents that the user named, applied to what a scan found: which vulnerabilities do not count, and who says so.

    statements = read_statements(["app.openvex.json"], warn)
    dismissed = dismiss(statements, vulnerabilities, images, warn)    # vulnerability -> Suppressed

What a statement dismisses stays in the report, suppressed by ``vex``. A document that cannot be read is wrong usage; a statement
that does not hold, or that is about nothing here, is a warning: its vulnerability counts, so nothing passes for it.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from seawall.facts.vex import apply
from seawall.formats.purl import PurlError, build
from seawall.formats.vex import MAX_FILE, read_vex
from seawall.model.errors import UsageError
from seawall.model.finding import Finding, Suppressed, Target
from seawall.model.resource import Unscanned
from seawall.model.vex import VexStatement
from seawall.model.vulnerability import Vulnerability
from seawall.sources.detect import IMAGES, TargetKind
from seawall.sources.files import load_whole, show
from seawall.sources.images.targets import split_scheme

BY = "vex"
"""What ``suppressed.by`` says of a finding that a VEX statement dismisses."""


def read_statements(paths: Iterable[str], warn: Callable[[str], None]) -> list[VexStatement]:
    """Return the statements of the documents at `paths`. Raises `UsageError` where one cannot be read."""
    statements: list[VexStatement] = []
    for path in dict.fromkeys(paths):
        file = load_whole(path, show(path), most=MAX_FILE, explicit=True)
        if isinstance(file, Unscanned):
            raise UsageError(f"--vex {file.path}: {file.reason}")
        parsed = read_vex(file.path, file.data)
        if parsed.unscanned and not parsed.statements:
            raise UsageError(f"--vex {parsed.unscanned[0].path}: {parsed.unscanned[0].reason}")
        for refused in parsed.unscanned:
            warn(f"{refused.path}: the statement does not count: {refused.reason}")
        statements += parsed.statements
    return statements


def dismiss(
    statements: Sequence[VexStatement],
    vulnerabilities: Iterable[Vulnerability],
    images: Mapping[str, Target],
    warn: Callable[[str], None],
    product: str = "",
) -> dict[Vulnerability, Suppressed]:
    """Return the vulnerabilities that do not count, each with the statement in the words of a report.

    `images` are those of the scan, by name. A statement about an image holds for the packages of that image alone.
    `product` is the purl of all that was scanned, where somebody says it.
    """
    if not statements:
        return {}
    groups: dict[str, list[Vulnerability]] = defaultdict(list)
    for found in vulnerabilities:
        image = _holder(images, found.package.path)
        groups[image].append(found)
    dismissed: dict[Vulnerability, Suppressed] = {}
    unused = {id(statement): statement for statement in statements}
    for image, group in groups.items():
        products = [purl for purl in (product, purl_of(images[image]) if image else "") if purl]
        outcome = apply(statements, group, products=products)
        left = {id(statement) for statement in outcome.unused}
        unused = {key: statement for key, statement in unused.items() if key in left}
        for judged in outcome.dismissed:
            if judged.statement is not None:
                dismissed[judged.vulnerability] = _say(judged.statement)
    for statement in unused.values():
        warn(f"{statement.place}: the statement about {statement.vulnerability} is about nothing that was found")
    return dismissed


def keep_protected(findings: Sequence[Finding], protected: Collection[str]) -> list[Finding]:
    """Return `findings` with those of the rules `protected` counting, whatever a document says: nobody may suppress them."""
    return [
        msgspec.structs.replace(finding, suppressed=None)
        if finding.rule in protected and finding.suppressed is not None and finding.suppressed.by == BY
        else finding
        for finding in findings
    ]


def _say(statement: VexStatement) -> Suppressed:
    parts = [statement.status.value, statement.justification.value if statement.justification else "", statement.impact]
    return Suppressed(
        by=BY,
        reason=": ".join(part.strip() for part in parts if part.strip()),
        owner=statement.author,
        at=statement.place,
        justification=statement.justification.value if statement.justification else "",
    )


def _holder(images: Iterable[str], path: str) -> str:
    """Return the name of the image in which the file at `path` lies, empty where it lies in none."""
    return next((name for name in images if path.startswith(f"{name}!/")), "")


def product_of(targets: Iterable[Target], product: str = "") -> Callable[[Finding], str]:
    """Return what tells the purl of the product in which a finding's package lies: `product` where somebody said it, else its
    image, else nothing.
    """
    images = {target.name: purl for target in targets if (purl := purl_of(target))}

    def find(finding: Finding) -> str:
        return product or images.get(_holder(images, finding.location.path), "")

    return find


def purl_of(target: Target) -> str:
    """Return the purl of an image (type ``oci``: its last name and its digest), empty where it has no digest."""
    if target.type not in IMAGES or not target.digest:
        return ""
    if target.type != TargetKind.IMAGE:
        # A file has a name that people know it by, and no registry; its digest says what it is.
        name = os.path.basename(split_scheme(target.name)[1].rstrip("/")).partition(":")[0]
        return _built(name, target.digest, {})
    path, slash, last = target.name.partition("@")[0].rpartition("/")
    name = last.partition(":")[0]
    return _built(name, target.digest, {"repository_url": f"{path}{slash}{name}"})


def _built(name: str, digest: str, qualifiers: Mapping[str, str]) -> str:
    try:
        return build("oci", "", name or "image", digest, qualifiers)
    except PurlError:
        return ""
