"""Write generated files: whole, and only where they differ, so that a second run touches nothing."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from seawall.model.errors import UsageError


def write_files(folder: Path, texts: Mapping[str, str], remove: Iterable[str] = ()) -> None:
    """Make each path of `texts` below `folder` hold its text, and remove the paths of `remove`.

    Folders that are missing are made. Raises `UsageError` where a file cannot be written.
    """
    path = folder
    try:
        for name, text in texts.items():
            path = folder / name
            data = text.encode("utf-8", "surrogateescape")
            if path.is_file() and path.read_bytes() == data:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name in remove:
            path = folder / name
            path.unlink()
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", remedy="name a folder of yours") from error
