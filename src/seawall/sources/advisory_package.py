"""The advisory database as one compressed file, for its way through a registry, and back.

    packed = pack(database, folder)    # advisories.db.zst
    unpack(packed, database)           # takes the old one's place when it is whole and of this version's format

The same database gives the same bytes.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import zstandard

from seawall.model.errors import SourceError
from seawall.sources.advisory_database import AdvisoryDatabase

FILE_NAME: Final = "advisories.db.zst"

MAX_DATABASE: Final = 16 * 1024**3
"""Largest database that is unpacked; one of all that is published has some 2 GB."""

_CHUNK: Final = 1 << 20
_LEVEL: Final = 3
"""Of zstd: a sixth of the size at 200 MB a second; higher levels take minutes for a tenth less."""


def pack(database: Path, folder: Path) -> Path:
    """Write the compressed database into `folder` and return the file. Raises `SourceError` for what is no database."""
    AdvisoryDatabase(database).close()
    target = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with database.open("rb") as source, target.open("wb") as packed:
            zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).copy_stream(
                source, packed, size=database.stat().st_size, read_size=_CHUNK, write_size=_CHUNK
            )
    except OSError as error:
        raise SourceError(f"the advisory database cannot be packed: {error.strerror}", place=str(target)) from error
    return target


def unpack(packed: Path, database: Path) -> None:
    """Replace `database` by what `packed` holds, in one step. Raises `SourceError`; the old database is there then."""
    name = ""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{database.name}-", dir=database.parent)
        with packed.open("rb") as source, open(descriptor, "wb") as target:
            size = 0
            with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(source) as reader:
                while chunk := reader.read(_CHUNK):
                    size += len(chunk)
                    if size > MAX_DATABASE:
                        raise SourceError(f"unpacks to more than {MAX_DATABASE >> 30} GB", place=packed.name)
                    target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        AdvisoryDatabase(Path(name)).close()  # of this version's format, or an error
        os.chmod(name, 0o644)
        os.replace(name, database)
    except zstandard.ZstdError as error:
        raise SourceError(f"cannot be unpacked: {error}", place=packed.name) from error
    except OSError as error:
        raise SourceError(f"the advisory database cannot be written: {error.strerror}", place=str(database)) from error
    finally:
        with suppress(OSError):
            os.unlink(name)  # gone already where it took its place
