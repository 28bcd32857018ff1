"""Work that another process of ours does meanwhile: a fork that answers with bytes, or not at all.

    other = fork(task)                  # task() -> bytes runs there, on what this process knows now
    ...                                 # this process goes on
    data = other.result()               # its answer, or None: then the work is still to be done

A process may be killed for its memory, or find that it cannot do its work: the caller does that work itself then, so nothing is
lost, and what goes wrong there is told as if there had been one process.
"""

import os
import sys
from collections.abc import Callable

LARGEST_CHUNK = 1 << 20


def spare_processors(most: int) -> int:
    """Return how many processes may run beside this one, `most` at most: none where forking is not safe or not to be had.

    ``SEAWALL_PROCESSES`` says how many there may be in all; 1 keeps everything in one process.
    """
    if sys.platform != "linux" or _has_threads():
        return 0  # macOS' libraries do not survive a fork, and a lock that another thread holds is never released in it
    chosen = os.environ.get("SEAWALL_PROCESSES", "")
    wanted = int(chosen) if chosen.isdecimal() and len(chosen) < 6 else len(os.sched_getaffinity(0))
    return max(0, min(wanted - 1, most))


def _has_threads() -> bool:
    threading = sys.modules.get("threading")  # who has threads has imported it
    return threading is not None and threading.active_count() > 1


class Forked:
    """Another process, and the end of the pipe that its answer comes through."""

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid = pid
        self._pipe = pipe

    def result(self) -> bytes | None:
        """Wait for the answer; None where there is none, whatever the reason. Called once."""
        parts = []
        try:
            with open(self._pipe, "rb", buffering=0) as stream:
                while part := stream.read(LARGEST_CHUNK):
                    parts.append(part)
            _, status = os.waitpid(self._pid, 0)
        except BaseException:
            self._stop()
            raise
        return b"".join(parts) if status == 0 else None

    def _stop(self) -> None:
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)

    def abandon(self) -> None:
        """End the process without waiting for its answer."""
        os.close(self._pipe)
        self._stop()


def fork(task: Callable[[], bytes]) -> Forked | None:
    """Start `task` in another process; None where the system has no room for one."""
    try:
        reading, writing = os.pipe()
    except OSError:
        return None
    try:
        pid = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if pid == 0:
        status = 1
        try:
            os.close(reading)
            data = memoryview(task())
            while data:
                data = data[os.write(writing, data[:LARGEST_CHUNK]) :]
            status = 0
        except BaseException:
            status = 2  # without an answer the caller does the work itself, and meets the same error
        finally:
            os._exit(status)  # nothing of the other process' is flushed, closed or removed
    os.close(writing)
    return Forked(pid, reading)
