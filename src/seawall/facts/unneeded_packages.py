"""Which packages of a distribution does nothing in an image's application reach?

    find_unneeded(tree, application, inventory.programs).packages      # ("apt", "e2fsprogs", "perl-base"…)

Reached are the packages of every file that the application needs, starts or names, and what those depend on and recommend
(Debian policy 7.2). Who removes what is said to be unneeded must not break anything, so a package is named only where

1. it has programs or shared libraries, or only unneeded packages depend on it: what is data alone may be read by its path;
2. it is none of `_READ_BY_PATH`, whose files everybody reads;
3. its plug-ins belong to nothing that is needed: they are loaded by a configuration, not by a name that can be seen;
4. no program needs it, where something may start programs that it does not name.

Dependencies that only the scripts of packages have (dpkg, debconf…) are not followed: nothing is installed in a running image.
"""

import posixpath
from collections.abc import Iterable

import msgspec

from seawall.facts.application import Application
from seawall.facts.image_tree import ImageTree
from seawall.facts.interpreted import LANGUAGES, brings_modules
from seawall.model.image_contents import Program
from seawall.model.installed import Relation

_FOR_INSTALLATION = frozenset(
    (
        "adduser",
        "cdebconf",
        "debconf",
        "debconf-2.0",
        "debianutils",
        "dpkg",
        "init-system-helpers",
        "install-info",
        "lsb-base",
        "perl-base",
        "sensible-utils",
        "ucf",
    )
)
"""What packages depend on for their maintainer scripts. A needed program that is itself written for perl is found as such."""

_READ_BY_PATH = (
    "alpine-baselayout",
    "alpine-keys",
    "alpine-release",
    "base-files",
    "base-passwd",
    "ca-certificates",
    "fontconfig",
    "fonts-",
    "iso-codes",
    "krb5-config",
    "libc-bin",
    "libc-l10n",
    "libmagic",
    "libnss",
    "libpam",
    "locales",
    "login",
    "mailcap",
    "media-types",
    "mime-support",
    "netbase",
    "openssl",
    "passwd",
    "shared-mime-info",
    "tzdata",
    "unixodbc",
    "wolfi-baselayout",
)
"""Beginnings of the names of packages whose data, modules of the C library or configuration programs read by their path."""

_PROGRAMS = frozenset(("bin", "sbin", "usr/bin", "usr/sbin", "usr/games", "usr/libexec"))
_RUNTIME = frozenset(("gcc-12-base", "gcc-14-base", "libc6", "libgcc-s1", "libstdc++6", "musl"))
"""What everything depends on: a plug-in that needs only these belongs to nothing."""


class Unneeded(msgspec.Struct, frozen=True):
    """The names of the packages, what they take in bytes as they say, and why programs are not among them, or nothing."""

    packages: tuple[str, ...] = ()
    size: int = 0
    unknown: str = ""


def find_unneeded(tree: ImageTree, application: Application, programs: Iterable[Program]) -> Unneeded:
    """Return the packages that `application` does not reach. None is named where the start of the image is not found."""
    if application.start and application.start[0] in application.missing:
        return Unneeded(unknown=f"{application.start[0]}, which the container starts, is not in the image")
    owned = _Owned(tree, programs)
    needed = _needed(tree, application, owned)
    named: set[str] = set()
    for name in tree.listed - needed:
        if name.startswith(_READ_BY_PATH) or not (name in owned.programs or name in owned.libraries):
            continue
        if name in owned.plugins and _belongs(tree.relations[name], needed, owned.provided):
            continue
        if application.loads and not application.words and name in owned.libraries:
            continue
        named.add(name)
    named |= _only_for(named, needed, tree, owned)
    return Unneeded(
        tuple(sorted(named)),
        sum(tree.relations[name].size for name in named),
        f"/{application.blind.lstrip('/')} may start programs that it does not name" if application.blind else "",
    )


class _Owned:
    """What packages have: which of them programs, libraries that a name finds, plug-ins; and who provides a name."""

    def __init__(self, tree: ImageTree, programs: Iterable[Program]) -> None:
        self.programs: set[str] = set()
        self.libraries: set[str] = set()
        self.plugins: set[str] = set()
        self.by_soname: dict[str, set[str]] = {}
        self.loads: dict[str, set[str]] = {}
        self.provided: dict[str, set[str]] = {}
        for relation in tree.relations.values():
            for name in (relation.name, *relation.provides):
                self.provided.setdefault(name, set()).add(relation.name)
        for path, owner in tree.owners.items():
            if posixpath.dirname(path) in _PROGRAMS:
                self.programs.add(owner)
        for program in programs:
            found = tree.owners.get(program.path)
            if found is None:
                continue
            self.loads.setdefault(found, set()).update(program.loads)
            folder, _, file = program.path.rpartition("/")
            if folder in _PROGRAMS:
                continue
            # /usr/lib, /usr/lib/x86_64-linux-gnu; what lies deeper is loaded by its path.
            depth = folder.removeprefix("usr/").count("/")
            if ".so" in file:
                self.libraries.add(found)
                if depth > 1 or (depth == 1 and "linux" not in folder):
                    self.plugins.add(found)
                self.by_soname.setdefault(program.soname or file, set()).add(found)


def _needed(tree: ImageTree, application: Application, owned: _Owned) -> set[str]:
    roots = {tree.owners[need.path] for need in application.needs if need.path in tree.owners}
    roots |= {tree.owners[path] for path in application.named if path in tree.owners}
    shell = tree.real("bin/sh") if application.uses_shell else None
    if shell is not None and shell in tree.owners:
        roots.add(tree.owners[shell])
    languages = set(application.languages)
    if application.blind:
        # Any program may be started, and may itself use what is essential without saying so (Debian policy 3.8).
        roots |= owned.programs | {relation.name for relation in tree.relations.values() if relation.essential}
        languages.update(LANGUAGES)
    for language in languages:
        roots |= {owner for path, owner in tree.owners.items() if brings_modules(path, language)}
    for word in application.words if application.loads else ():
        for soname in owned.by_soname:
            if soname == word or soname.startswith((f"lib{word}.so", f"lib{word}-")):
                roots |= owned.by_soname[soname]
    needed: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in needed:
            continue
        needed.add(name)
        relation = tree.relations.get(name)
        if relation is None:
            continue
        for alternatives in (*relation.depends, *relation.recommends):
            if _FOR_INSTALLATION.isdisjoint(alternatives):
                pending += [found for one in alternatives for found in owned.provided.get(one, ())]
        for soname in owned.loads.get(name, ()):
            pending += owned.by_soname.get(soname, ())
    return needed


def _belongs(relation: Relation, needed: set[str], provided: dict[str, set[str]]) -> bool:
    """Tell whether the plug-ins of the package may be loaded by one that is needed."""
    return any(
        found in needed and found not in _RUNTIME
        for alternatives in relation.depends
        for one in alternatives
        for found in provided.get(one, ())
    )


def _only_for(named: set[str], needed: set[str], tree: ImageTree, owned: _Owned) -> set[str]:
    """Return packages of data that only packages in `named` depend on, and those that only such ones do."""
    users: dict[str, set[str]] = {}
    for relation in tree.relations.values():
        for alternatives in relation.depends:
            for one in alternatives:
                for found in owned.provided.get(one, ()):
                    users.setdefault(found, set()).add(relation.name)
    more: set[str] = set()
    grown = True
    while grown:
        grown = False
        for name in tree.listed - needed - named - more:
            if name in owned.programs or name in owned.libraries or name.startswith(_READ_BY_PATH):
                continue
            if users.get(name) and users[name] <= named | more:
                more.add(name)
                grown = True
    return more
