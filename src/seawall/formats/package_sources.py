"""Where an image's package managers take packages from, as far as they do not check who made them.

    parse_unverified("etc/apt/sources.list", b"deb [trusted=yes] http://mirror.example/debian bookworm main\\n")

apt: sources.list(5) in both its forms, and apt.conf(5); dnf and yum: yum.conf(5), repositories and main section; pip:
``trusted-host``. apk checks every index unless it is told not to on the command line. Sources over plain HTTP are not told: their
indexes are signed, and signatures are checked.
"""

import re
from collections.abc import Iterator

import msgspec

MAX_LINES = 10_000
"""Most lines of a file that are read: real ones have some hundred."""

_ONE_LINE = re.compile(r"\s*deb(?:-src)?\s+\[(?P<options>[^\]]*)\]")
_OPTION = re.compile(r"(?P<name>trusted|allow-insecure|allow-weak)=(?:yes|true|1)\b", re.IGNORECASE)
_FIELD = re.compile(r"(?P<name>Trusted|Allow-Insecure|Allow-Weak):\s*(?:yes|true|1)\s*\Z", re.IGNORECASE)
_SETTING = re.compile(
    r"\s*(?P<name>APT::Get::AllowUnauthenticated|Acquire::Allow(?:Insecure|Weak)Repositories"
    r"|Acquire::https?::(?:\S*::)?Verify-(?:Peer|Host))\s+\"?(?P<value>\w+)\"?\s*;",
    re.IGNORECASE,
)
_SECTION = re.compile(r"\s*\[([^\]]+)\]")
_YUM = re.compile(r"\s*(?P<name>enabled|gpgcheck|sslverify)\s*=\s*(?P<value>\w+)")
_PIP = re.compile(r"\s*(trusted-host)\s*=")
_OFF = ("0", "false", "no", "off")


class UnverifiedSource(msgspec.Struct, frozen=True):
    """What switches verification off: the `setting` as it is called, in a `line` of the file `path`."""

    path: str
    line: int
    setting: str


def parse_unverified(path: str, data: bytes) -> Iterator[UnverifiedSource]:
    """Yield what the file switches off; nothing for a file of another kind."""
    lines = data.decode("utf-8", "replace").splitlines()[:MAX_LINES]
    if path.startswith("etc/apt/apt.conf"):
        found = _apt_settings(lines)
    elif path.startswith("etc/apt/sources.list"):
        found = _apt_sources(lines)
    elif path.startswith(("etc/yum.repos.d/", "etc/yum.conf", "etc/dnf/dnf.conf")):
        found = _repositories(lines)
    elif path in ("etc/pip.conf", "root/.config/pip/pip.conf", "root/.pip/pip.conf"):
        found = ((number, match[1]) for number, line in enumerate(lines, 1) if (match := _PIP.match(line)))
    else:
        return
    for number, setting in found:
        yield UnverifiedSource(path, number, setting)


def _apt_sources(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        source = _ONE_LINE.match(line)
        for option in _OPTION.finditer(source["options"]) if source else ():
            yield number, f"{option['name']}=yes"
        field = _FIELD.match(line)
        if field:
            yield number, f"{field['name']}: yes"


def _apt_settings(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        setting = _SETTING.match(line)
        if setting and (setting["value"].lower() in _OFF) == ("verify" in setting["name"].lower()):
            yield number, f"{setting['name']} {setting['value']}"


def _repositories(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield what repositories switch off that are not switched off themselves."""
    section, enabled = "", True
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        begun = _SECTION.match(line)
        option = _YUM.match(line)
        if begun:
            yield from found if enabled else ()
            section, enabled, found = begun[1], True, []
        elif option and option["name"] == "enabled":
            enabled = option["value"].lower() not in _OFF
        elif option and option["value"].lower() in _OFF:
            found.append((number, f"{option['name']}={option['value']} of {section}"))
    yield from found if enabled else ()
