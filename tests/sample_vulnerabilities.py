"""A small advisory database of real records, and lock files that it speaks of. For tests only."""

from pathlib import Path
from typing import Any

import msgspec

from seawall.formats.advisories.osv import read_osv
from seawall.model.advisory import Exploited, Likelihood
from seawall.sources.advisory_database_build import DatabaseBuild

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8
HIGH = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H"  # 7.4
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"  # 5.3


def record(
    id_: str,
    ecosystem: str,
    name: str,
    fixed: str,
    *,
    vector: str = "",
    aliases: tuple[str, ...] = (),
    summary: str = "",
) -> dict[str, Any]:
    """Return a record in OSV's format: every version before `fixed` is affected, or every version where that is empty."""
    events = [{"introduced": "0"}, {"fixed": fixed}] if fixed else [{"introduced": "0"}]
    return {
        "id": id_,
        "aliases": list(aliases),
        "summary": summary,
        "severity": [{"type": "CVSS_V3", "score": vector}] if vector else [],
        "affected": [
            {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    }


YAML = record(
    "GHSA-6757-jp84-gxfx",
    "PyPI",
    "pyyaml",
    "5.3.1",
    vector=CRITICAL,
    aliases=("CVE-2020-1747",),
    summary="Improper Input Validation in PyYAML",
)
JINJA = record("GHSA-g3rq-g295-4j3m", "PyPI", "jinja2", "2.11.3", vector=MEDIUM, aliases=("CVE-2020-28493",))
LODASH = record("GHSA-p6mc-m468-83gw", "npm", "lodash", "4.17.19", vector=HIGH, aliases=("CVE-2020-8203",))
TEXT = record("GO-2021-0113", "Go", "golang.org/x/text", "0.3.7", aliases=("CVE-2021-38561",))
RECORDS = (YAML, JINJA, LODASH, TEXT)


def build_database(
    path: Path,
    *records: dict[str, Any],
    exploited: dict[str, str] | None = None,
    likelihood: dict[str, float] | None = None,
    now: str = "",
) -> Path:
    """Write a database of `records` (by default all of this module) to `path`, and return that."""
    with DatabaseBuild(path, now=now) as build:
        for one in records or RECORDS:
            build.add(read_osv("record.json", msgspec.json.encode(one)).advisories)
        if exploited:
            build.add_exploited([Exploited(cve, added) for cve, added in exploited.items()])
        if likelihood:
            build.add_likelihoods([Likelihood(cve, score, score) for cve, score in likelihood.items()])
    return path
