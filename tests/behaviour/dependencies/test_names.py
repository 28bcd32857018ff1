"""Where texts speak of packages: what counts as a use, and what does not."""

import json

import pytest

from seawall.formats.dependency_names import (
    Names,
    is_frozen,
    read_commands,
    read_loaders,
    read_package_json,
    requirement_line,
    without_comments,
)


@pytest.mark.parametrize(
    "code",
    [
        "import x from 'left-pad'",
        'const pad = require("left-pad");',
        "const pad = await import(`left-pad/lib/pad.js`)",
        "export * from 'left-pad/es'",
        "module.exports = { use: ['style-loader!left-pad?modules'] }",
        "// note\nimport 'left-pad'",
        "const url = 'https://x' // require\nrequire('left-pad')",
        "glob('src/**/*.js'); require('left-pad') /* end */",
    ],
)
def test_every_form_of_an_import_is_a_use(code: str) -> None:
    names = Names({"left-pad": ["left-pad"]}, quoted=True)
    assert names.find(without_comments("js", code)) == ["left-pad"]


@pytest.mark.parametrize(
    "code",
    [
        "// import x from 'left-pad'",
        "/* import x from 'left-pad'\n   require('left-pad') */ run()",
        "import x from 'left-padding'",
        "import x from 'my-left-pad'",
        "import x from '@scope/left-pad'",
        "import x from './left-pad'",
        "const left = left-pad;",
    ],
)
def test_what_is_no_import_is_no_use(code: str) -> None:
    names = Names({"left-pad": ["left-pad"]}, quoted=True)
    assert names.find(without_comments("ts", code)) == []


def test_a_longer_name_does_not_hide_the_shorter_one() -> None:
    names = Names({"react": ["react"], "react-dom": ["react-dom"]}, quoted=True)
    assert names.find("import a from 'react'\nimport b from 'react-dom/client'") == ["react", "react-dom"]


def test_a_configuration_names_a_package_without_quotes_around_it() -> None:
    names = Names({"gunicorn": ["gunicorn"], "psycopg2-binary": ["psycopg2-binary", "psycopg2"]}, quoted=False)
    assert names.find('CMD ["gunicorn", "app:app"]') == ["gunicorn"]
    assert names.find("DB=postgresql+psycopg2://db/x") == ["psycopg2-binary"]
    assert names.all_found


def test_a_part_of_a_longer_word_and_a_comment_name_nothing() -> None:
    names = Names({"gunicorn": ["gunicorn"]}, quoted=False)
    assert names.find("see gunicorn-docs and mygunicorn") == []
    assert names.find(without_comments("cfg", "# gunicorn was here")) == []
    assert names.find("Gunicorn, at last") == ["gunicorn"]


def test_a_package_json_says_what_is_needed_at_run_time_and_on_which_line() -> None:
    data = b"""{
  "name": "express-shop", "description": "uses lodash",
  "scripts": {"start": "nodemon server.js"},
  "dependencies": {
    "express": "^4.17.1",
    "@scope/pkg": "1.0.0",
    "@types/node": "20",
    "ours": "workspace:*"
  },
  "devDependencies": {"jest": "29"}
}
"""
    declared, rest, unscanned = read_package_json("web/package.json", data)
    assert [(entry.name, entry.line) for entry in declared] == [("express", 5), ("@scope/pkg", 6)]
    assert "nodemon server.js" in rest
    assert "lodash" not in rest
    assert "express" not in rest
    assert unscanned == []


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"dependencies": []}', b"\xff\xfe", b""])
def test_a_broken_package_json_is_told(data: bytes) -> None:
    declared, _rest, unscanned = read_package_json("package.json", data)
    assert declared == []
    assert [entry.path for entry in unscanned] == ["package.json"]


def test_a_lock_file_tells_peers_and_commands() -> None:
    lock = json.dumps(
        {
            "packages": {
                "": {"peerDependencies": {"ignored": "1"}},
                "node_modules/@mui/material": {"peerDependencies": {"@emotion/react": "^11"}},
                "node_modules/typescript": {"bin": {"tsc": "bin/tsc"}},
            }
        }
    ).encode()
    assert read_loaders(lock) == {"@emotion/react": {"@mui/material"}}
    assert read_commands(lock) == {"typescript": {"tsc"}}
    assert read_loaders(b"{") == {}
    assert read_commands(b"[1]") == {}


def test_a_frozen_list_is_told_from_a_written_one() -> None:
    wanted = "requests\nflask>=2\ncelery==5.3\nredis\nboto3\nattrs\nzope.event\nx\ny\n"
    frozen = "\n".join(f"{name}==1.0" for name in "abcdefghij")
    assert not is_frozen(wanted)
    assert is_frozen(frozen)
    assert is_frozen("flask==2.0\n    # via -r requirements.in\n")
    assert not is_frozen("flask==2.0\nrequests==2.31\n")


def test_the_line_of_a_requirement_is_found_in_every_spelling() -> None:
    assert requirement_line("# x\nflask\nzope_Interface[test]==5\n", "zope.interface") == 3
    assert requirement_line('[project]\ndependencies = [\n  "flask-cors>=1",\n  "flask",\n]\n', "flask") == 4
    assert requirement_line('[project]\ndependencies = ["a", "flask"]\n', "flask") == 2
    assert requirement_line("requests\n", "flask") == 1
