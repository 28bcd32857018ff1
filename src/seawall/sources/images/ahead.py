"""Reads ahead: a second thread fetches, checks and inflates the next chunks while the first one looks at the last.

igzip and hashlib release the interpreter's lock, so two processors are busy. A few chunks are in memory at a time.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue

BATCH = 4
"""Chunks that are handed over at once: the threads wake each other less, which is a twentieth of all processor time."""

DEPTH = 2
"""Batches that wait at most: enough to even out the work, with the one that is made 3 MB of memory."""


class _End:
    """The other thread is through; with `error` where it failed."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def ahead(chunks: Generator[bytes, None, None]) -> Iterator[Iterator[bytes]]:
    """Lend an iterator over `chunks`, which another thread runs; it is stopped and closed at the end, used up or not."""
    # Two queues that are written in C cost a tenth of one that is bounded, which is written in Python.
    filled: SimpleQueue[list[bytes] | _End] = SimpleQueue()
    room: SimpleQueue[bool] = SimpleQueue()
    for _ in range(DEPTH):
        room.put(True)

    def work() -> None:
        end = _End()
        try:
            while batch := list(islice(chunks, BATCH)):
                if not room.get():
                    break
                filled.put(batch)
        except BaseException as error:  # it is raised where the chunks are wanted
            end = _End(error)
        filled.put(end)

    def take() -> Iterator[bytes]:
        while not isinstance(item := filled.get(), _End):
            room.put(True)
            yield from item
        if item.error is not None:
            raise item.error

    thread = threading.Thread(target=work, name="seawall-ahead", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        while thread.is_alive():
            room.put(False)
            thread.join(0.01)
        chunks.close()
