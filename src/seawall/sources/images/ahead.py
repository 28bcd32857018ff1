"""Reads ahead: a second thread fetches, checks and inflates the next chunks while the first one looks at the last.

igzip and hashlib release the interpreter's lock, so two processors are busy. A few chunks are in memory at a time.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import Empty, Queue

DEPTH = 4
"""Chunks that wait at most: enough to even out the work, 1 MB of memory."""


class _End:
    """The other thread is through; with `error` where it failed."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def ahead(chunks: Generator[bytes, None, None]) -> Iterator[Iterator[bytes]]:
    """Lend an iterator over `chunks`, which another thread runs; it is stopped and closed at the end, used up or not."""
    queue: Queue[bytes | _End] = Queue(DEPTH)
    stopped = threading.Event()

    def work() -> None:
        end = _End()
        try:
            for chunk in chunks:
                queue.put(chunk)
                if stopped.is_set():
                    break
        except BaseException as error:  # it is raised where the chunks are wanted
            end = _End(error)
        queue.put(end)

    def take() -> Iterator[bytes]:
        while not isinstance(item := queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    thread = threading.Thread(target=work, name="seawall-ahead", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                queue.get(timeout=0.01)  # it may be waiting for room
            except Empty:
                continue
        thread.join()
        chunks.close()
