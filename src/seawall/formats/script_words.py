"""The words of a script that could be names of programs: which of them are, only the whole image tells.

A script calls programs by name, in whatever language. Every word counts, also in comments: what is said to be unneeded must be.
"""

import re

MAX_SCRIPT = 64 * 1024
"""Largest script of which words are taken; one that starts an application has some kilobytes."""

MAX_WORDS = 4_000
"""Most different words of one script."""

SYSTEM_FOLDERS = ("bin", "sbin", "lib", "etc", "usr/bin", "usr/sbin", "usr/lib", "usr/share", "var/lib/dpkg", "lib64")
"""Where a distribution has thousands of scripts of its own; an application seldom puts one there."""

_WORD = re.compile(rb"[A-Za-z0-9_\[][A-Za-z0-9_.+-]{0,31}")


def words_of(data: bytes) -> tuple[str, ...] | None:
    """Return the different words of `data`, sorted; None where there are too many to keep."""
    words = set(_WORD.findall(data))
    return tuple(sorted(word.decode() for word in words)) if len(words) <= MAX_WORDS else None
