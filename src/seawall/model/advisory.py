"""Advisories: what is known to be wrong with which versions of which packages. The words are those of the OSV schema."""

from collections.abc import Sequence

import msgspec

from seawall.model.resource import Unscanned


class Range(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One timeline of a flaw: `events` are (``introduced`` | ``fixed`` | ``last_affected`` | ``limit``, version), in any order.

    Ranges of commits (OSV's type GIT) are not here: packages have versions.
    """

    events: tuple[tuple[str, str], ...]


class Affected(msgspec.Struct, frozen=True, order=True, array_like=True):
    """The versions of one package that an advisory affects: those in a range and those that are listed.

    `ecosystem` is OSV's, with the release where the advisory is for one (``Debian:12``). `name` is the name as the ecosystem's
    index knows it; for a distribution that of the source package. `severity` is the publisher's word on this package in lower
    case (Debian's urgency, ``unimportant``), empty where it has none.
    """

    ecosystem: str
    name: str
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: str = ""


class Advisory(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One record of one advisory database.

    `aliases` are other names of the same flaw, `upstream` the names of the flaws in what is packaged (distributions fix several
    at once). `severities` are CVSS vectors; `severity` is the publisher's own word in lower case (``moderate``), which is never
    turned into a number. `withdrawn` is the time at which it was taken back, empty while it stands.
    """

    id: str
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    severities: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    withdrawn: str = ""
    affected: tuple[Affected, ...] = ()
    severity: str = ""


class Exploited(msgspec.Struct, frozen=True, order=True):
    """A CVE that CISA knows to be exploited. `ransomware`: in a campaign of that kind."""

    cve: str
    added: str
    ransomware: bool = False


class Likelihood(msgspec.Struct, frozen=True, order=True):
    """FIRST's estimate that a CVE is exploited in the next 30 days, and its rank among all CVEs; both from 0 to 1."""

    cve: str
    probability: float
    percentile: float


class ParsedAdvisories(msgspec.Struct, frozen=True):
    """What a file says: the advisories that could be read, and why others could not; of a catalogue or of estimates, their
    entries.

    `source` names who says it (``alpine/v3.20/main``, ``kev``); for records in OSV's format it is ``osv``, and the ecosystem
    of each record says the rest. `date` is the day of a file whose entries have none (EPSS), else empty.
    """

    advisories: Sequence[Advisory] = ()
    unscanned: Sequence[Unscanned] = ()
    exploited: Sequence[Exploited] = ()
    likelihoods: Sequence[Likelihood] = ()
    source: str = ""
    date: str = ""


class AdvisorySource(msgspec.Struct, frozen=True, order=True):
    """One source of a database: how many records it gave, the newest day of them (empty where they have none), when it was
    read.

    `etag` and `last_modified` are what its server said of the file, so that an unchanged file is not downloaded again.
    """

    name: str
    records: int
    newest: str = ""
    read: str = ""
    etag: str = ""
    last_modified: str = ""
