"""The lists in ``detectors/``: a name, a colon, and words; ``#`` begins a comment line."""

from collections.abc import Mapping


def read_list(place: str, text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the words of each name. Raises `ValueError` with the place for a line without a colon, or a name's second line."""
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, words = line.partition(":")
        if not colon or not words.split():
            raise ValueError(f"{place}:{number}: needs a name, a colon and words")
        if name in found:
            raise ValueError(f"{place}:{number}: {name} stands here for the second time")
        found[name] = tuple(words.split())
    return found
