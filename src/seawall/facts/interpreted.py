"""Which languages run an application, of which version, and what do its sources say that it does?

    seen = read_sources(inventory.sources, tree, frozenset(["python3"]))
    seen.starts         # ("app/main.py",)
    seen.words          # names in those sources that may be programs or libraries

Only Python and JavaScript are read (`formats.source_marks`). Of other languages, of archives and of sources in a distribution's
folders nothing is known, which is a result too (`unread`).
"""

import posixpath
import re
from collections.abc import Iterable, Mapping

import msgspec

from seawall.facts.image_tree import ImageTree
from seawall.formats.source_marks import APART, is_dependency, is_out_of_sight, is_standard, language_of
from seawall.model.image_contents import Source

LANGUAGES: Mapping[str, re.Pattern[str]] = {
    "python3": re.compile(r"(?:python|pypy)[\d.]*t?\Z"),
    "node": re.compile(r"node(?:js)?\Z"),
    "java": re.compile(r"java\Z"),
    "ruby": re.compile(r"ruby[\d.]*\Z"),
    "perl": re.compile(r"perl[\d.]*\Z"),
    "php": re.compile(r"php(?:-fpm)?[\d.]*\Z"),
}
READ = frozenset(("node", "python3"))
"""Languages whose sources are read."""

_SOURCES: Mapping[str, str] = {
    "py": "python3",
    "pyc": "python3",
    "pyz": "python3",
    "jar": "java",
    "war": "java",
    "rb": "ruby",
    "php": "php",
}
"""Files of an application that only a language's own program can run. JavaScript is not one: browsers run it too."""

_CLOSED = frozenset(("pyc", "pyz", "jar", "war", "rb", "php"))
_PARTS = ("libjvm", "libnode", "libperl", "libpython", "libruby")
_OPTIONAL = {
    "_curses": "curses",
    "_curses_panel": "curses",
    "_dbm": "dbm",
    "_gdbm": "dbm",
    "_tkinter": "tkinter",
    "nis": "nis",
    "readline": "readline",
}
"""Modules of Python's own that only those load who import what is named behind them."""

_OPENED_BY = {"curses": ("curses",), "dbm": ("dbm", "shelve"), "nis": ("nis",), "readline": ("readline",)}
_MODULES = {
    "java": ("usr/share/java/", "usr/share/maven-repo/"),
    "node": ("usr/lib/nodejs/", "usr/share/node_modules/", "usr/share/nodejs/"),
    "perl": ("etc/perl/", "usr/lib/x86_64-linux-gnu/perl", "usr/lib/perl", "usr/share/perl"),
    "php": ("usr/lib/php", "usr/share/php"),
    "ruby": ("usr/lib/ruby/", "usr/lib/x86_64-linux-gnu/ruby/", "usr/share/rubygems-integration/"),
}
_TKINTER = ("idlelib", "tkinter", "turtle")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the sources say.

    `starts`, `shells` and `loads` are the paths of those that may start programs, a shell, or load libraries by name; `own_shell`
    tells whether one of the shell's users is no dependency. Of `unread` ones nothing is known. `words` are what could be names in
    the sources that start or load something, and in the application's own; `modules` are those of `source_marks.APART`.
    """

    starts: tuple[str, ...] = ()
    shells: tuple[str, ...] = ()
    own_shell: bool = False
    loads: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()


def read_sources(sources: Iterable[Source], tree: ImageTree, languages: frozenset[str]) -> Seen:
    """Return what the sources that no package owns say, as far as one of `languages` runs them."""
    starts: list[str] = []
    shells: list[str] = []
    loads: list[str] = []
    unread: list[str] = []
    words: set[str] = set()
    modules: set[str] = set()
    own_shell = False
    for source in sources:
        if source.path in tree.owners or (source.language and source.language not in languages):
            continue
        words.update(source.words or ())
        if source.words is None:
            unread.append(source.path)
        for mark in source.marks:
            if mark == "starts":
                starts.append(source.path)
            elif mark == "shell":
                shells.append(source.path)
                own_shell = own_shell or not is_dependency(source.path)
            elif mark == "loads":
                loads.append(source.path)
            elif mark in APART:
                modules.add(mark)
    return Seen(
        starts=tuple(starts),
        shells=tuple(shells),
        own_shell=own_shell,
        loads=tuple(loads),
        unread=tuple(unread),
        words=frozenset(words),
        modules=frozenset(modules),
    )


def language_of_source(path: str) -> str:
    """Return the language that alone can run the file at `path`; nothing for others, and for what comes with an interpreter."""
    suffix = path.rpartition(".")[2]
    language = _SOURCES.get(suffix, "")
    if (
        not language
        or "/node_modules/" in f"/{path}"
        or is_standard(path)
        or (suffix == "pyc" and "/__pycache__/" in path)
    ):
        return ""
    return language


def is_closed(path: str) -> bool:
    """Tell whether nothing is known of what the source at `path` does."""
    return path.rpartition(".")[2] in _CLOSED or (bool(language_of(path)) and is_out_of_sight(path))


def language_of_program(path: str) -> str:
    """Return the language that the program or library at `path` runs, or nothing."""
    name = posixpath.basename(path)
    if name.startswith(_PARTS):
        return {"libpy": "python3", "libno": "node", "libjv": "java", "libru": "ruby", "libpe": "perl"}[name[:5]]
    return next((language for language, pattern in LANGUAGES.items() if pattern.match(name)), "")


def is_spare(path: str, modules: frozenset[str]) -> bool:
    """Tell whether the native module at `path` is one of Python's own that nobody loads who imports only `modules`."""
    folder, _, name = path.rpartition("/")
    opened = _OPTIONAL.get(name.partition(".")[0]) if folder.endswith("/lib-dynload") else None
    if opened is None:
        return False
    return modules.isdisjoint(_TKINTER if opened == "tkinter" else _OPENED_BY[opened])


def brings_modules(path: str, language: str) -> bool:
    """Tell whether the file lies where a distribution puts modules that an application in `language` may import."""
    if language == "python3":
        return path.startswith("usr/lib/python3") and "-packages/" in path
    return path.startswith(_MODULES.get(language, ()))
