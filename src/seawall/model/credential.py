"""Credentials in files: the shapes by which they are known, and what is told of one that was found. Never the value itself."""

import msgspec

from seawall.model.taxonomy import Confidence, Severity


class Detector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One shape, as `detectors/credentials/*.yaml` writes it.

    Either `regex` is the value (its first group that takes part, or the whole), or `names` are words of a name and `value` is
    what is assigned to it. Every match holds one of `keywords`, in any case.

    `entropy` is the least number of bits a character. `checksum` names a proof that the value bears in itself. `human`:
    people think the value up, so that what a report shows of it is nothing. `mixed` and `digits`: values without upper case,
    lower case and digits, or without digits, are no values of this shape. `context` must stand near. `files` are endings of
    the file's name. `public` are values that everybody knows: of emulators and of documentation. `trigger` is what is looked
    for in place of the whole expression where that is long, and `reach` how far behind it the match may end. `left`, `ends`
    and `bounded` say what may not stand beside the value; ``none`` is anything.

    `hits` and `misses` are texts with and without a finding, in the notation of `formats.credentials.samples`.
    """

    id: str
    provider: str
    title: str
    keywords: tuple[str, ...]
    revoke: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    regex: str = ""
    names: str = ""
    value: str = ""
    trigger: str = ""
    group: str = ""
    entropy: float = 0.0
    confidence: Confidence = Confidence.HIGH
    severity: Severity = Severity.HIGH
    checksum: str = ""
    human: bool = False
    mixed: bool = False
    digits: bool = False
    context: str = ""
    files: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    bounded: str = ""
    left: str = ""
    ends: str = ""
    reach: int = 600


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A credential in a file.

    `inner` is the member of an archive, empty where the file is none; lines and columns count from 1 in what was read. `shown` is
    all that may be shown of the value. `identity` tells it from others of its shape: a digest, so short for a value that people
    think up that it proves no guess. `name` is the name that it is assigned to. `snippet` is its line, without it.
    """

    detector: Detector
    path: str
    inner: str = ""
    line: int
    column: int
    end_line: int
    end_column: int
    shown: str
    identity: str
    name: str = ""
    snippet: str = ""
    encoded: bool = False
    for_tests: bool = False
    first_commit: str = ""
    last_commit: str = ""
    author: str = ""
    date: str = ""
