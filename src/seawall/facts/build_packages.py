"""Which packages of a distribution the commands of a build install and leave in the image."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from seawall.formats.shell_commands import Command

_REMOVES: Final = frozenset(("remove", "purge", "autoremove", "del", "erase", "uninstall"))
_INSTALLS: Final = {
    "apt-get": ("install",),
    "apt": ("install",),
    "aptitude": ("install",),
    "apk": ("add",),
    "yum": ("install",),
    "dnf": ("install",),
    "microdnf": ("install",),
    "tdnf": ("install",),
    "zypper": ("install", "in"),
    "pacman": ("-S", "-Sy", "-Syu"),
}
_PACKAGE_OPTION_VALUES: Final = frozenset(("-t", "--virtual", "-o", "-c", "--repository", "-X", "--root", "-p"))


def installed(command: Command) -> list[str]:
    """Return the names of the distribution's packages that `command` installs, as written, options left out."""
    verbs = _INSTALLS.get(command.name)
    words = list(command.words[1:])
    if verbs is None or not any(word in verbs for word in words):
        return []
    return _arguments(words, frozenset(verbs))


def _removed(command: Command) -> list[str]:
    words = list(command.words[1:])
    return _arguments(words, _REMOVES) if command.name in _INSTALLS and _REMOVES.intersection(words) else []


def _arguments(words: Sequence[str], verbs: frozenset[str]) -> list[str]:
    found: list[str] = []
    skip = False
    behind = False
    for word in words:
        if skip:
            skip = False
        elif word in _PACKAGE_OPTION_VALUES:
            skip = True
        elif not behind and word in verbs:
            behind = True
        elif behind and word and not word.startswith("-"):
            found.append(word)
    return found


def kept_packages(commands: Iterable[Command]) -> list[str]:
    """Return the packages that `commands` install and do not remove, without versions, sorted."""
    found: dict[str, None] = {}
    for command in commands:
        found.update(dict.fromkeys(re.split(r"[=<>~@:]", name, maxsplit=1)[0] for name in installed(command)))
        for name in _removed(command):
            found.pop(name, None)
    return sorted(found)
