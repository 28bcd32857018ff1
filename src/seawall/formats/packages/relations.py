"""What packages of dpkg and apk need and provide, as their databases say (Debian policy 7, apk-v2's ``D:`` and ``p:``).

Versions are left out: what is installed was held against them when it was installed.
"""

from collections.abc import Iterator

from seawall.formats.packages.stanzas import stanzas
from seawall.model.installed import Relation

_FIELDS = frozenset(
    (
        "package",
        "depends",
        "pre-depends",
        "recommends",
        "provides",
        "essential",
        "protected",
        "installed-size",
        "status",
    )
)
_ABSENT = frozenset(("config-files", "not-installed"))
_OPERATORS = "<>=~"


def relations_of_dpkg(data: bytes) -> Iterator[Relation]:
    """Yield the installed packages of ``status``, or of a file of ``status.d``."""
    for stanza in stanzas(data, _FIELDS):
        name = stanza.get("package", "")
        if not name or stanza.get("status", "ok").rpartition(" ")[2] in _ABSENT:
            continue
        needs = ",".join((stanza.get("pre-depends", ""), stanza.get("depends", "")))
        size = stanza.get("installed-size", "").strip()
        yield Relation(
            name,
            _needs(needs),
            tuple(_name(entry) for entry in stanza.get("provides", "").split(",") if entry.strip()),
            "yes" in (stanza.get("essential", "").strip(), stanza.get("protected", "").strip()),
            int(size[:12]) * 1024 if size.isdecimal() else 0,
            _needs(stanza.get("recommends", "")),
        )


def _needs(field: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(_name, need.split("|"))) for need in field.split(",") if need.strip())


def _name(need: str) -> str:
    """Return the name in ``libc6:any (>= 2.36)``."""
    return need.strip().partition(" ")[0].partition("(")[0].partition(":")[0]


def relations_of_apk(data: bytes) -> Iterator[Relation]:
    """Yield the packages of apk's database. What is provided is named as needs name it: ``so:libz.so.1``, ``cmd:ls``."""
    fields: dict[bytes, str] = {}
    for line in (*data.split(b"\n"), b""):
        if line.strip():
            if line[1:2] == b":" and line[:1] in b"PDpI":
                fields.setdefault(line[:1], line[2:].decode("utf-8", "replace").strip())
            continue
        name = fields.get(b"P", "")
        if name:
            size = fields.get(b"I", "")
            yield Relation(
                name,
                tuple((_bare(need),) for need in fields.get(b"D", "").split() if not need.startswith("!")),
                tuple(_bare(entry) for entry in fields.get(b"p", "").split()),
                False,
                int(size[:12]) if size.isdecimal() else 0,
            )
        fields = {}


def _bare(need: str) -> str:
    for at, character in enumerate(need):
        if character in _OPERATORS:
            return need[:at]
    return need
