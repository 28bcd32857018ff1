"""Readers of VEX documents: OpenVEX 0.2.0 and CSAF 2.0's profile VEX.

    read_vex("app.openvex.json", data).statements[0].status    # VexStatus.NOT_AFFECTED

A statement that is incomplete (no product by purl, no time, ``not_affected`` without a reason) is refused, with its place: a
vulnerability that stays is seen, one that went away for no reason is not.
"""

from typing import Any, Final

import msgspec

from seawall.formats.vex.csaf import read_csaf
from seawall.formats.vex.openvex import read_openvex
from seawall.model.resource import Unscanned
from seawall.model.vex import ParsedVex

MAX_FILE: Final = 64 * 1024 * 1024
"""Largest document that is read; vendors' largest have some 20 MB."""


def read_vex(path: str, data: bytes) -> ParsedVex:
    """Read a document of either form; what is neither is unscanned."""
    if len(data) > MAX_FILE:
        return ParsedVex((), (Unscanned(path, f"larger than the {MAX_FILE} bytes of a VEX document that are read"),))
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return ParsedVex((), (Unscanned(path, f"no VEX document: {error}"),))
    if "@context" in document:
        return read_openvex(path, document)
    if "document" in document:
        return read_csaf(path, document)
    return ParsedVex((), (Unscanned(path, "neither OpenVEX (@context) nor CSAF (document)"),))
