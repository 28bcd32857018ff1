"""Generated documentation pages on disk."""

from collections.abc import Iterable
from pathlib import Path

from seawall.model.errors import SourceError


def read(root: Path, folders: Iterable[str]) -> dict[str, str]:
    """Return the text of every Markdown page directly in `folders` below `root`, by path below `root` and sorted.

    A folder that does not exist has no pages. Raises `SourceError` where a page cannot be read.
    """
    pages: dict[str, str] = {}
    for folder in folders:
        for path in sorted((root / folder).glob("*.md")):
            try:
                pages[f"{folder}/{path.name}"] = path.read_text("utf-8", errors="surrogateescape")
            except OSError as error:
                raise SourceError(f"cannot be read: {error.strerror}", place=str(path)) from error
    return pages
