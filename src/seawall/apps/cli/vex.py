"""seawall vex: say of every vulnerability of a target what is the case, as OpenVEX or CSAF VEX."""

import argparse
import gc
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from seawall.apps.cli.scan_options import add_allow_unscanned, add_scan_options, scan_options
from seawall.reports.vex.issue import CATEGORIES

if TYPE_CHECKING:
    from seawall.model.vex import VexStatement

EPILOG = """\
examples:
  seawall vex . --author "Shop security" --product pkg:oci/shop@sha256:… --output shop.openvex.json
  seawall vex registry.example/shop@sha256:… --author Shop --format csaf --author-url https://shop.example
  seawall scan . --vex shop.openvex.json --product pkg:oci/shop@sha256:…

What nobody judged is under_investigation. What seawall.yaml suppresses is affected, with the reason as the action; with a
`justification` beside the reason it is not_affected. The time is that of --timestamp, of SOURCE_DATE_EPOCH, or now; at the
same time the same findings give the same bytes. Exit status 0: written, or there is nothing to say, and then no document;
2: wrong usage, or something could not be scanned, and then no document.
"""

RULES = "vulnerability-*"
"""The rules whose findings are about flaws."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "vex",
        help="say what is the case with each vulnerability of a target, as OpenVEX or CSAF",
        description="Scan, and say of every vulnerability whether the product is affected: a VEX document for those who use it, "
        "and for --vex of the next scan.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_scan_options(parser)
    document = parser.add_argument_group("document")
    document.add_argument(
        "--format",
        choices=("openvex", "csaf"),
        default="openvex",
        help="OpenVEX 0.2.0 (default) or CSAF 2.0 with the profile VEX",
    )
    document.add_argument("--author", metavar="NAME", required=True, help="who says it: a person, a team or a company")
    document.add_argument(
        "--author-url",
        default="",
        metavar="URL",
        help="a URL of the author; needed for CSAF, begins the @id of OpenVEX",
    )
    document.add_argument(
        "--publisher-category",
        choices=CATEGORIES,
        default="vendor",
        help="CSAF: what the author is to the product (default: vendor)",
    )
    document.add_argument(
        "--timestamp",
        metavar="TIME",
        help="when it is said, like 2026-01-31T12:00:00Z (default: SOURCE_DATE_EPOCH, or now)",
    )
    document.add_argument("--output", metavar="FILE", help="write to FILE in place of standard output")
    add_allow_unscanned(document)


def run(arguments: argparse.Namespace) -> int:
    """Scan, and write the document."""
    from seawall.apps.cli.output import write
    from seawall.apps.cli.progress import Progress
    from seawall.model.errors import UsageError
    from seawall.reports.escaping import make_visible
    from seawall.reports.vex import Issue, render, statements_of
    from seawall.stages import deploy
    from seawall.stages.vex import product_of

    if not arguments.author.strip():
        raise UsageError("--author is empty", remedy="say who makes these statements")
    issue = Issue(
        at=_time(arguments.timestamp),
        author=arguments.author,
        namespace=_author_url(arguments),
        category=arguments.publisher_category,
    )
    options = scan_options(arguments)
    choice = options.choice if options.choice.only else msgspec.structs.replace(options.choice, only=(RULES,))
    gc.disable()  # as in `scan`
    with Progress(wanted=True) as progress:
        # A baseline says what was there before, and nothing of what it does to the product.
        scanned = deploy.scan(msgspec.structs.replace(options, choice=choice, baseline=""), progress=progress.update)
    allow = scanned.gate.allow_unscanned if arguments.allow_unscanned is None else arguments.allow_unscanned
    missed = scanned.report.unscanned
    for entry in missed:
        print(f"seawall: not scanned: {make_visible(f'{entry.path}: {entry.reason}')}", file=sys.stderr)
    if missed and not allow:
        print(
            "seawall: error: no document was written: it would not speak of all that there is"
            " (mend what was not scanned, or accept it with --allow-unscanned)",
            file=sys.stderr,
        )
        return 2
    statements = statements_of(
        scanned.report.findings,
        at=issue.at,
        author=issue.author,
        product_of=product_of(scanned.report.targets, options.reading.product),
    )
    if not statements:
        print("seawall: no document was written: no vulnerability was found to speak of", file=sys.stderr)
        return 0
    write([render(arguments.format, statements, issue)], arguments.output)
    if arguments.output and arguments.output != "-":
        print(f"seawall: {_in_words(statements)} written to {arguments.output}", file=sys.stderr)
    return 0


def _in_words(statements: "tuple[VexStatement, ...]") -> str:
    counts = Counter(statement.status.value for statement in statements)
    what = "1 statement" if len(statements) == 1 else f"{len(statements):,} statements"
    return f"{what} ({', '.join(f'{status} {count:,}' for status, count in sorted(counts.items()))})"


def _time(text: str | None) -> datetime:
    from seawall.apps.cli.source_date import source_date
    from seawall.model.errors import UsageError

    if text is None:
        return source_date() or datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"--timestamp {text!r} is no time with a time zone", remedy="write it like 2026-01-31T12:00:00Z"
        )
    return moment.astimezone(UTC)


def _author_url(arguments: argparse.Namespace) -> str:
    from urllib.parse import urlsplit

    from seawall.model.errors import UsageError

    text: str = arguments.author_url
    if not text and arguments.format != "csaf":
        return ""
    remedy = "give a URL that is yours: --author-url https://shop.example"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.hostname or any(character.isspace() for character in text):
        what = f"--author-url {text!r} is no URL" if text else "CSAF names its publisher by a URL"
        raise UsageError(what, remedy=remedy)
    return text
