"""Where advisories are published: a table. `seawall db update` reads it, and a mirror has the same files under the same paths.

Who says that they are there (looked up in November 2026):

- OSV: one ``all.zip`` an ecosystem, whose names ``ecosystems.txt`` lists (https://google.github.io/osv.dev/data/); a space in a
  name is ``%20``.
- Alpine, Wolfi, Chainguard: the addresses that trivy-db and claircore read; Wolfi's form is Alpine's (wolfi-secdb).
- Debian: https://security-tracker.debian.org/tracker/data/json, as the tracker's own page offers it.
- Ubuntu: https://documentation.ubuntu.com/security/security-updates/osv/; Grype's vunnel reads the same archive.
- KEV: https://www.cisa.gov/known-exploited-vulnerabilities-catalog.
- EPSS: FIRST's scores are published by Empirical Security; the former host, epss.cyentia.com, redirects (301) there.

A feed's file is found at ``<mirror>/<host>/<path>``, as ``wget --force-directories`` lays it out.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from seawall.model.errors import UsageError


class Feed(msgspec.Struct, frozen=True, order=True):
    """One file of one publisher.

    `source` is what the database calls its records. `ecosystem` is the only one whose entries are taken from it. An
    `optional` one may not be there (a release that is not published yet); it is an error only where it was there before. One
    that is no `default` is read when it is asked for.
    """

    name: str
    url: str
    source: str
    ecosystem: str = ""
    optional: bool = False
    default: bool = True

    def under(self, base: str) -> str:
        """Return the address or path of the file in the mirror at `base`."""
        parts = urlsplit(self.url)
        return f"{base.rstrip('/')}/{parts.hostname}{parts.path}"


_OSV: Final = "https://osv-vulnerabilities.storage.googleapis.com"
_SURE: Final = ("Go", "Hex", "Maven", "NuGet", "Packagist", "Pub", "PyPI", "RubyGems", "crates.io", "npm")
_MAYBE: Final = (
    "AlmaLinux", "Alpaquita", "Alpine", "Azure Linux", "BellSoft Hardened Containers", "Bioconductor", "Bitnami", "CRAN",
    "Chainguard", "CleanStart", "Debian", "Echo", "GHC", "GitHub Actions", "Hackage", "Julia", "Mageia", "MinimOS", "Photon OS",
    "Red Hat", "Rocky Linux", "SUSE", "SwiftURL", "Ubuntu", "VSCode", "Wolfi", "openEuler", "openSUSE",
)  # fmt: skip
"""Ecosystems whose version order is known; OSV adds and renames some now and then."""

_UNMATCHED: Final = (
    "Android", "ConanCenter", "Docker Hardened Images", "FreeBSD", "Kubernetes", "Linux", "OSS-Fuzz", "Root", "TuxCare", "opam",
)  # fmt: skip
"""What OSV publishes besides, and nothing that is found here is held against: read when it is asked for."""

_ALPINE: Final = (*(f"v3.{minor}" for minor in range(10, 27)), "edge")

FEEDS: Final = (
    *(Feed(f"osv/{name}", f"{_OSV}/{quote(name)}/all.zip", f"osv/{name}", name) for name in _SURE),
    *(Feed(f"osv/{name}", f"{_OSV}/{quote(name)}/all.zip", f"osv/{name}", name, optional=True) for name in _MAYBE),
    *(
        Feed(f"osv/{name}", f"{_OSV}/{quote(name)}/all.zip", f"osv/{name}", name, optional=True, default=False)
        for name in _UNMATCHED
    ),
    *(
        Feed(f"alpine/{release}/{repository}", f"https://secdb.alpinelinux.org/{release}/{repository}.json",
             f"alpine/{release}/{repository}", optional=True)
        for release in _ALPINE
        for repository in ("main", "community")
    ),
    Feed("wolfi", "https://packages.wolfi.dev/os/security.json", "wolfi"),
    Feed("chainguard", "https://packages.cgr.dev/chainguard/security.json", "chainguard"),
    Feed("debian", "https://security-tracker.debian.org/tracker/data/json", "debian"),
    # The same records as OSV's archive for Ubuntu, from Ubuntu itself; reading both would be reading one twice.
    Feed("ubuntu", "https://security-metadata.canonical.com/osv/osv-all.tar.xz", "osv/Ubuntu", "Ubuntu", default=False),
    Feed("kev", "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json", "kev"),
    Feed("epss", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "epss"),
)  # fmt: skip


def choose(only: Sequence[str]) -> list[Feed]:
    """Return the feeds that `only` names, or all that are read by default.

    A word names a feed (``kev``, ``osv/PyPI``), a group (``osv``, ``alpine``, ``alpine/v3.20``) or an ecosystem (``PyPI``),
    in any case. Raises `UsageError` for one that names none.
    """
    if not only:
        return [feed for feed in FEEDS if feed.default]
    chosen: list[Feed] = []
    for word in only:
        wanted = word.casefold().strip("/")
        found = [feed for feed in FEEDS if _is_named(feed, wanted)]
        if not found:
            known = sorted({part for feed in FEEDS for part in (feed.name, *feed.name.split("/"))})
            near = get_close_matches(word, known, n=3, cutoff=0.6)
            raise UsageError(
                f"there is no feed {word!r}",
                remedy=f"did you mean {', '.join(near)}?" if near else "docs/advisories.md lists the feeds",
            )
        chosen += [feed for feed in found if feed not in chosen]
    return chosen


def _is_named(feed: Feed, word: str) -> bool:
    name = feed.name.casefold()
    if name == word:
        return True
    # A group brings what is read by default; the others must be named.
    return feed.default and (name.startswith(f"{word}/") or name.endswith(f"/{word}"))
