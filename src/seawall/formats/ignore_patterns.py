r"""Patterns of ``.gitignore`` and ``.seawallignore`` files, with git's meaning (gitignore(5); its ``dir.c`` and ``wildmatch.c``).

The last pattern that matches decides; ``!`` takes back; a pattern with a ``/`` in front or within is bound to the directory of
its file; one that ends in ``/`` matches directories only; ``**`` crosses directories. As in git, patterns and paths are
bytes: ``?`` is one byte. The judge is git (``tests/property/test_ignore_laws.py``).

A pattern comes from scanned material, so none may be slow. Each ``*`` takes the first place where the text up to the next ``*``
fits and never gives it back (an atomic group), which loses no match: what follows a ``*`` may start anywhere later, and the
number of ``/`` between two ``**`` is fixed. So the time is a product of lengths, not a power.
"""

import re
from collections.abc import Sequence

import msgspec

MAX_PATTERN = 4_096
"""Longest pattern that is compiled: as long as the longest path that the kernel takes."""


class IgnorePattern(msgspec.Struct, frozen=True):
    """One line of an ignore file. Exactly one of `exact`, `suffix` and `regex` is set.

    `anchored` patterns see the path relative to the file's directory, others its last name alone.
    """

    negated: bool
    directories_only: bool
    anchored: bool
    exact: bytes | None = None
    suffix: bytes | None = None
    regex: re.Pattern[bytes] | None = None

    def matches(self, text: bytes) -> bool:
        """Say whether the whole `text` (a path or a name, as `anchored` says) matches, directory or not."""
        if self.exact is not None:
            return text == self.exact
        if self.suffix is not None:
            return text.endswith(self.suffix)
        return self.regex is not None and self.regex.fullmatch(text) is not None


def parse_ignore_file(data: bytes) -> list[IgnorePattern]:
    """Return the patterns of an ignore file, in their order. Lines that git does not take as a pattern are left out."""
    patterns = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        pattern = _parse_line(line.removesuffix(b"\r"))
        if pattern is not None:
            patterns.append(pattern)
    return patterns


def decide(patterns: Sequence[IgnorePattern], path: bytes, *, is_directory: bool) -> bool | None:
    """Return whether `path` is ignored, or None when no pattern speaks of it."""
    name = path.rpartition(b"/")[2]
    for pattern in reversed(patterns):
        if (is_directory or not pattern.directories_only) and pattern.matches(path if pattern.anchored else name):
            return not pattern.negated
    return None


def _parse_line(line: bytes) -> IgnorePattern | None:
    line = _strip_trailing_spaces(line)
    if not line or line.startswith(b"#") or len(line) > MAX_PATTERN:
        return None
    negated = line.startswith(b"!")
    if negated:
        line = line[1:]
    directories_only = line.endswith(b"/")
    line = line.removesuffix(b"/")
    if not line:
        return None
    anchored = b"/" in line
    line = line.removeprefix(b"/")
    special = _SPECIAL.search(line)
    if special is None:
        return IgnorePattern(negated, directories_only, anchored, exact=line)
    if not anchored and line.startswith(b"*") and _SPECIAL.search(line, 1) is None:
        return IgnorePattern(negated, directories_only, anchored, suffix=line[1:])
    expression = _translate(line, anchored=anchored, literal=special.start())
    if expression is None:
        return None
    return IgnorePattern(negated, directories_only, anchored, regex=re.compile(expression, re.DOTALL))


_SPECIAL = re.compile(rb"[*?\[\\]")


def _strip_trailing_spaces(line: bytes) -> bytes:
    """Trailing spaces do not count, unless a backslash stands in front of them."""
    stripped = line.rstrip(b" ")
    backslashes = len(stripped) - len(stripped.rstrip(b"\\"))
    return stripped + b" " if backslashes % 2 and len(stripped) < len(line) else stripped


def _translate(pattern: bytes, *, anchored: bool, literal: int) -> bytes | None:
    """Return the regular expression for the glob `pattern`, or None where git takes it to match nothing.

    git compares the text in front of the first special character, which is `literal` long, by itself; so ``**`` right behind it
    stands at a start, and ``/a**/b`` matches ``a/x/b`` (``dir.c``, ``match_pathname``).
    """
    crossings: list[bytes] = [b""]
    paths: list[list[list[bytes]]] = [[[]]]  # texts between `**`, cut at `*`, as pieces of one character each
    position = 0
    while position < len(pattern):
        start = position
        character = pattern[start : start + 1]
        position += 1
        if character == b"*":
            while pattern[position : position + 1] == b"*":
                position += 1
            following = pattern[position : position + 1]
            opens = position - start > 1 and anchored and (start == literal or pattern[start - 1 : start] == b"/")
            if opens and following == b"/":
                position += 1
                crossings.append(b"(?:[^/]*/)*?")
                paths.append([[]])
            elif opens and (not following or pattern[position : position + 2] == b"\\/"):
                crossings.append(b".*?" if following else b".*")
                paths.append([[]])
            else:
                paths[-1].append([])
            continue
        if character == b"[":
            bracket = _translate_bracket(pattern, position)
            if bracket is None:
                return None
            expression, position = bracket
        elif character == b"?":
            expression = b"[^/]"
        else:
            if character == b"\\":
                if position == len(pattern):
                    return None
                character = pattern[position : position + 1]
                position += 1
            expression = re.escape(character)
        paths[-1][-1].append(expression)
    return _join(crossings, paths)


def _join(crossings: list[bytes], paths: list[list[list[bytes]]]) -> bytes:
    """Return the paths behind their crossings. All but the first and the last take the first place that fits."""
    last = len(paths) - 1
    return b"".join(
        across + _join_stars(path) if index in (0, last) else b"(?>" + across + _join_stars(path) + b")"
        for index, (across, path) in enumerate(zip(crossings, paths, strict=True))
    )


def _join_stars(texts: list[list[bytes]]) -> bytes:
    """Return the `texts` with ``[^/]*`` between them.

    A text that ends a name has one place only, the name's end; all others take the first place that fits.
    """
    parts = [b"".join(texts[0])]
    for index, text in enumerate(texts[1:], 1):
        ends_a_name = index == len(texts) - 1 or b"/" in text
        joined = b"".join(text)
        parts.append(b"[^/]*" + joined if ends_a_name else b"(?>[^/]*?" + joined + b")")
    return b"".join(parts)


_CLASSES = {
    b"alnum": rb"a-zA-Z0-9",
    b"alpha": rb"a-zA-Z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9a-fA-F",
}
_NAMED = re.compile(rb"\[:([^\]]*):\]")


def _translate_bracket(pattern: bytes, position: int) -> tuple[bytes, int] | None:
    """Return the regular expression for the bracket that opens before `position`, and where the pattern goes on."""
    negated = pattern[position : position + 1] in (b"!", b"^")
    if negated:
        position += 1
    members: list[bytes] = []
    first = True
    while position < len(pattern) and (first or pattern[position : position + 1] != b"]"):
        first = False
        named = _NAMED.match(pattern, position)
        if named is not None:
            if named[1] not in _CLASSES:
                return None
            members.append(_CLASSES[named[1]])
            position = named.end()
            continue
        low, position = _bracket_character(pattern, position)
        members.append(re.escape(low))  # git compares it before it looks for a range: [b-a] matches b
        if pattern[position : position + 1] == b"-" and pattern[position + 1 : position + 2] not in (b"", b"]"):
            high, position = _bracket_character(pattern, position + 1)
            if low <= high:
                members.append(re.escape(low) + b"-" + re.escape(high))
    if position >= len(pattern):
        return None
    # A bracket never matches the separator, whatever it lists.
    return b"(?!/)[" + (b"^" if negated else b"") + b"".join(members) + b"]", position + 1


def _bracket_character(pattern: bytes, position: int) -> tuple[bytes, int]:
    if pattern[position : position + 1] == b"\\" and position + 1 < len(pattern):
        position += 1
    return pattern[position : position + 1], position + 1
