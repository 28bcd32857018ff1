"""What an application's own sources say of programs that it starts and libraries that it loads: Python and JavaScript.

    read_source("app/main.py", b"import subprocess\\nsubprocess.run(['git', 'log'])")
    # Source("app/main.py", "python3", ("starts",), ("git", "log"))

Nothing is parsed or run: names of functions are looked for, also in comments, so a source says rather too much than too little.
What a distribution packages is not read, nor the standard library of an interpreter, nor the programs that install packages.
"""

import re

from seawall.formats.script_words import MAX_SCRIPT, MAX_WORDS, SYSTEM_FOLDERS, words_of
from seawall.model.image_contents import Source

MAX_SOURCE = 8 * 1024 * 1024
"""Largest source that is read: bundles of JavaScript have some megabytes."""

APART = (
    "curses",
    "dbm",
    "distutils",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "nis",
    "readline",
    "shelve",
    "tkinter",
    "turtle",
    "venv",
)
"""Modules of Python's standard library that distributions package apart, or of which they leave out what is below them."""

_LANGUAGES = {"py": "python3", "pyw": "python3", "js": "node", "mjs": "node", "cjs": "node"}
_CONFIGURATIONS = frozenset(("cfg", "conf", "env", "ini", "json", "properties", "toml", "yaml", "yml"))
_NOT_READ = re.compile(
    r"(?:\A|/)(?:lib/(?:python|pypy)3[^/]*/(?!site-packages/|dist-packages/)"
    r"|(?:site|dist)-packages/(?:pip|setuptools|pkg_resources|wheel|_distutils_hack)/"
    r"|node_modules/(?:npm|corepack)/|opt/yarn-v)"
)
_DEPENDENCY = re.compile(r"/(?:site-packages|dist-packages|node_modules)/")

_PYTHON_STARTS = (
    b"subprocess",
    b"os.exec",
    b"os.popen",
    b"os.spawn",
    b"os.startfile",
    b"os.system",
    b"pexpect",
    b"posix_spawn",
    b"pty.spawn",
)
_PYTHON_SHELL = (b"getoutput", b"getstatusoutput", b"os.popen", b"os.system", b"subprocess_shell")
_PYTHON_SHELL_TRUE = re.compile(rb"shell\s*=(?!\s*False\b)")
_PYTHON_FROM_OS = re.compile(
    rb"from\s+(?:os|posix)\s+import\s+(?:\*|(?:\([^)]*|[^(\n][^\n]*|)\b(?:system|popen|exec\w+|spawn\w+)\b)"
)
_PYTHON_LOADS = (b"find_library", b"CDLL", b"LoadLibrary", b"dlopen", b"cdll")
_NODE_SHELL = re.compile(rb"\bexec(?:Sync)?\b|shell\s*:(?!\s*false\b)")
_NODE_LOADS = (b"process.dlopen", b"ffi-napi", b"koffi", b"ffi-rs")
_IN_STRINGS = re.compile(rb"[\"'`|;&(]\s{0,8}([A-Za-z0-9_/][A-Za-z0-9_./+-]{0,63})")


def is_read(path: str) -> bool:
    """Tell whether the file at `path` is a source or configuration that is read where it belongs to an application."""
    _, dot, suffix = path.rpartition(".")
    if not dot or not (suffix in _LANGUAGES or suffix in _CONFIGURATIONS) or path.startswith(SYSTEM_FOLDERS):
        return False
    if _DEPENDENCY.search(path) and suffix in _CONFIGURATIONS:
        return False
    return not _NOT_READ.search(path)


def language_of(path: str) -> str:
    """Return the language of the source at `path`, ``python3`` or ``node``, or nothing; of whatever folder it lies in."""
    return _LANGUAGES.get(path.rpartition(".")[2], "")


def most_of(path: str) -> int:
    """Return the size up to which the file at `path` is read. A large configuration is data, and no list of programs."""
    return MAX_SOURCE if language_of(path) else MAX_SCRIPT


def is_standard(path: str) -> bool:
    """Tell whether the file belongs to a standard library, or to a program that installs packages."""
    return _NOT_READ.search(path) is not None


def is_out_of_sight(path: str) -> bool:
    """Tell whether a source lies where none is read: in a distribution's folders."""
    return path.startswith(SYSTEM_FOLDERS)


def is_dependency(path: str) -> bool:
    """Tell whether somebody else wrote it: it lies where pip or npm install packages."""
    return _DEPENDENCY.search(path) is not None


def marks_of_words(language: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the marks of a script of which only the words are known."""
    data = "\n".join(words).encode()
    return _python(data) if language == "python3" else _node(data)


def read_source(path: str, data: bytes | None) -> Source | None:
    """Return what the source says, None where that is nothing; `data` is None where it is too large to be read."""
    language = language_of(path)
    if not language:
        words = words_of(data) if data is not None else None
        return Source(path, "", (), words) if words else None
    if data is None:
        return Source(path, language, ("unread",), None)
    marks = _python(data) if language == "python3" else _node(data)
    if not marks and (is_dependency(path) or len(data) > MAX_SCRIPT):
        return None
    found = {word.decode() for word in _IN_STRINGS.findall(data)}
    return Source(path, language, marks, tuple(sorted(found)) if len(found) <= MAX_WORDS else None)


def _python(data: bytes) -> tuple[str, ...]:
    marks: list[str] = []
    called = _PYTHON_FROM_OS.search(data) if b"import" in data and b"os" in data else None
    if called is not None or any(name in data for name in _PYTHON_STARTS):
        marks.append("starts")
        if (
            called is not None
            or any(name in data for name in _PYTHON_SHELL)
            or _PYTHON_SHELL_TRUE.search(data) is not None
        ):
            marks.append("shell")
    if any(name in data for name in _PYTHON_LOADS):
        marks.append("loads")
    marks += [
        name
        for name in APART
        if (written := name.encode()) in data and re.search(rb"\b(?:import|from)\s+(?:[\w., ]*\b)?%b\b" % written, data)
    ]
    return tuple(marks)


def _node(data: bytes) -> tuple[str, ...]:
    marks: list[str] = []
    if b"child_process" in data:
        marks.append("starts")
        if _NODE_SHELL.search(data) is not None:
            marks.append("shell")
    if any(name in data for name in _NODE_LOADS):
        marks.append("loads")
    return tuple(marks)
