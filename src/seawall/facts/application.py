"""The application of an image, in the words of what it needs: a value. `application_search` finds it."""

from collections.abc import Mapping

import msgspec


class Need(msgspec.Struct, frozen=True):
    """A file of the distribution that the application needs, and why, in words."""

    path: str
    reason: str


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """The application of an image and what it needs, as far as it can be seen.

    What it takes from the distribution: `needs` are files, by whatever may run of it, and the links that lead there; `libraries`
    the sonames that its own files need and `may_load` those that they name beside a call of ``dlopen``, with who does;
    `symbols` the newest symbol versions; `languages` those that run it, with their versions; `commands` the programs that it
    starts, and `named` those that a source has as a word, which may mean nothing; `reads` are ``tzdata`` and
    ``ca-certificates``, with who may read them. `missing` are libraries and programs that are nowhere.

    What it is: `libcs` are ``glibc`` and ``musl``, as its own programs are built for one; `speaks` its languages, also those
    that it brings itself; `modules` its native modules; `words` what its sources name; `imports` modules of
    `source_marks.APART`.

    What it may do: `uses_shell` is ``needed``, ``possible`` or empty, and `shell_user` says who uses it; `may_start` and `loads`
    are files that may start programs, and load libraries by name. `blind` is one that may do so without naming them.
    """

    files: int
    start: tuple[str, ...]
    needs: tuple[Need, ...]
    libcs: frozenset[str]
    libraries: Mapping[str, str]
    may_load: Mapping[str, str]
    symbols: Mapping[str, tuple[str, tuple[int, ...]]]
    languages: Mapping[str, str]
    speaks: frozenset[str]
    modules: tuple[str, ...]
    uses_shell: str
    shell_user: str
    commands: tuple[str, ...]
    named: tuple[str, ...]
    may_start: tuple[str, ...]
    blind: str
    loads: tuple[str, ...]
    words: frozenset[str]
    imports: frozenset[str]
    reads: Mapping[str, str]
    missing: tuple[str, ...]
