"""The shapes of credentials that come with Seawall, ready to run: read, compiled and kept once for the next run.

What is kept is trusted as all compiled code is (`code_cache`); Hyperscan checks version, CPU and checksum when it takes it back.
"""

import os

import msgspec

import seawall
from seawall.formats.credentials import prefilter
from seawall.formats.credentials.scan import Scanner
from seawall.model.credential import Detector
from seawall.sources import code_cache

SHIPPED = os.path.join(os.path.dirname(seawall.__file__), "detectors", "credentials")
"""Where the shapes are: a file a group."""


class _Kept(msgspec.Struct, array_like=True):
    detectors: list[Detector]
    database: bytes


def read_detectors() -> list[Detector]:
    """Return the detectors as they are written. Raises `RuleError` where one does not follow the form."""
    from seawall.formats.credentials.detectors import parse_detectors

    files = []
    for name in _names():
        with open(os.path.join(SHIPPED, name), "rb") as file:
            files.append((name.removesuffix(".yaml"), file.read()))
    return parse_detectors(files)


def load_scanner() -> Scanner:
    """Return the scanner with all detectors."""
    path = code_cache.path_for("credentials", f"{seawall.__version__}\0{prefilter.version()}\0{_stamp()}")
    data = code_cache.read(path)
    if data is not None:
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept)
            return Scanner(kept.detectors, kept.database)
        except (msgspec.MsgspecError, ValueError):
            pass  # damaged, or of another machine that shares the home: as if it were not there
    detectors = read_detectors()
    database = prefilter.compile_database(detectors)
    # A scan has no use for the samples, and for the keywords only where there is no automaton.
    lean = [
        msgspec.structs.replace(one, hits=(), misses=(), keywords=() if database else one.keywords) for one in detectors
    ]
    code_cache.write(path, msgspec.msgpack.encode(_Kept(lean, database)), most=2)
    return Scanner(lean, database)


def _names() -> list[str]:
    return sorted(name for name in os.listdir(SHIPPED) if name.endswith(".yaml"))


def _stamp() -> str:
    """Return text that changes whenever a file of shapes, or the code that compiles them, is written."""
    code = os.path.join(os.path.dirname(prefilter.__file__), "expressions.py")
    files = [code, *(os.path.join(SHIPPED, name) for name in _names())]
    return repr([(status.st_size, status.st_mtime_ns) for status in map(os.stat, files)])
