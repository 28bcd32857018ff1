"""The sources of an application say what they may start and load, without being parsed or run."""

import pytest

from seawall.formats.script_words import MAX_WORDS
from seawall.formats.source_marks import is_dependency, is_read, marks_of_words, read_source
from seawall.model.image_contents import Source

_PACKAGE = "venv/lib/python3.11/site-packages/x/y.py"
_MODULE = "app/node_modules/x/y.js"


def marks(path: str, data: bytes) -> tuple[str, ...]:
    found = read_source(path, data)
    return found.marks if found is not None else ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"import subprocess\nsubprocess.run(['git'])", ("starts",)),
        (b"subprocess.run('a | b', shell=True)", ("starts", "shell")),
        (b"subprocess.run(x, shell = flag)", ("starts", "shell")),
        (b"subprocess.run(x, shell = False)", ("starts",)),
        (b"os.system('ls')", ("starts", "shell")),
        (b"os.execvp('a', ['a'])", ("starts",)),
        (b"from os import (path,\n  popen)\npopen('a')", ("starts", "shell")),
        (b"from os import *", ("starts", "shell")),
        (b"asyncio.create_subprocess_shell('a')", ("starts", "shell")),
        (b"from os import path, environ", ()),
        (b"operating.system = 'x'", ()),
        (b"ctypes.CDLL('libmagic.so.1')", ("loads",)),
        (b"ctypes.util.find_library('magic')", ("loads",)),
        (b"ctypes.windll.kernel32", ()),
        (b"import tkinter as tk", ("tkinter",)),
        (b"from dbm import ndbm", ("dbm",)),
        (b"adbm = 1", ()),
        (b"print('hello')", ()),
    ],
)
def test_a_source_in_python_says_what_it_may_start_and_load(text: bytes, expected: tuple[str, ...]) -> None:
    assert marks(_PACKAGE, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"const { spawn } = require('child_process')", ("starts",)),
        (b"import { execSync } from 'node:child_process'", ("starts", "shell")),
        (b"require('child_process').spawn('a', [], { shell: true })", ("starts", "shell")),
        (b"require('child_process').spawn('a', [], { shell: false })", ("starts",)),
        (b"/a/.exec(text)", ()),
        (b"process.dlopen(module, 'x.so')", ("loads",)),
    ],
)
def test_a_source_in_javascript_says_what_it_may_start_and_load(text: bytes, expected: tuple[str, ...]) -> None:
    assert marks(_MODULE, text) == expected


def test_names_of_programs_are_what_begins_a_string_or_follows_a_pipe() -> None:
    found = read_source(_PACKAGE, b"subprocess.run('pdftotext a | head -1 && wc -l', shell=True)  # like less")
    assert found is not None
    assert found.words == ("head", "pdftotext", "wc")


def test_a_dependency_that_starts_nothing_is_not_kept_and_the_applications_own_words_are() -> None:
    assert read_source(_PACKAGE, b"TOOL = 'convert'") is None
    assert read_source("app/settings.py", b"TOOL = 'convert'") == Source("app/settings.py", "python3", (), ("convert",))
    assert read_source("app/settings.yaml", b"tool: convert") == Source(
        "app/settings.yaml", "", (), ("convert", "tool")
    )
    assert (is_dependency(_MODULE), is_dependency("app/main.py")) == (True, False)


def test_of_a_source_that_is_too_large_nothing_is_known() -> None:
    assert read_source("app/a.js", None) == Source("app/a.js", "node", ("unread",), None)
    many = b"subprocess" + b",".join(b"'w%d'" % number for number in range(MAX_WORDS + 1))
    found = read_source(_PACKAGE, many)
    assert found is not None
    assert found.words is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/main.py", True),
        ("app/conf.d/x.ini", True),
        (_PACKAGE, True),
        (_MODULE, True),
        ("app/node_modules/x/package.json", False),
        ("app/data.bin", False),
        ("usr/lib/python3/dist-packages/yaml/__init__.py", False),
        ("usr/local/lib/python3.12/subprocess.py", False),
        ("usr/local/lib/python3.12/site-packages/x/y.py", True),
        ("usr/local/lib/python3.12/site-packages/pip/_internal/x.py", False),
        ("usr/local/lib/node_modules/npm/lib/cli.js", False),
        ("etc/app.conf", False),
    ],
)
def test_sources_of_the_application_are_read_and_those_of_interpreters_and_distributions_are_not(
    path: str, expected: bool
) -> None:
    assert is_read(path) is expected


def test_a_script_without_a_suffix_is_judged_by_its_words() -> None:
    assert marks_of_words("python3", ("import", "os.system", "sys")) == ("starts", "shell")
    assert marks_of_words("python3", ("from", "import", "uvicorn.main", "main")) == ()
    assert marks_of_words("node", ("child_process", "require")) == ("starts",)
