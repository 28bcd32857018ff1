"""Whatever text a manifest holds, no report lets it act: not on the terminal, the page, the comment or the workflow."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sample_reports import make_finding, make_report, make_rules
from seawall import reports
from seawall.model.finding import Finding, Report
from seawall.model.resource import Location, ResourceRef, Unscanned

_HOSTILE = st.lists(
    st.sampled_from(
        [
            *"\n\r\t\x00\x1b\x07\x9b\x7f`|<>&\"'[]()*_#%:,@\\{}~!",
            "::error::",
            "<script>",
            "]]>",
            "```",
            "</code>",
            "\u202e",
            "[red]",
            "%0A",
            "\ud800",
            "![x](y)",
            "https://x.example",
            "🦀",
            "日本",
        ]
    )
    | st.text(max_size=4),
    max_size=8,
).map("".join)


def _make_report(text: str) -> Report:
    finding: Finding = make_finding(
        resource=ResourceRef(text, text, text, text),
        location=Location(text or "-", 3, 3, 3, 3 + len(text)),
        field=text,
        evidence=text,
        message=text,
        snippet=f"  {text}",
    )
    return make_report(findings=[finding], unscanned=[Unscanned(text, text)])


def _render(name: str, text: str, *, colour: bool = False) -> str:
    return b"".join(reports.render(name, _make_report(text), rules=make_rules(), colour=colour)).decode("utf-8")


def _controls(text: str) -> set[str]:
    return {c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029\u202e")}


@given(_HOSTILE)
@settings(max_examples=25, deadline=None)
def test_terminal_sequences_never_reach_a_report(text: str) -> None:
    for name in reports.RENDERERS:
        if name not in ("json", "sarif"):
            assert not _controls(_render(name, text)), name
    for name in ("json", "sarif"):
        rendered = _render(name, text)
        assert not _controls(rendered) - {"\u2028", "\u2029", "\u202e"}, name
        json.loads(rendered)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", _render("table", text, colour=True))


@given(_HOSTILE)
@settings(max_examples=25, deadline=None)
def test_a_workflow_command_stays_one_line_with_our_own_properties(text: str) -> None:
    lines = _render("github", text).splitlines()
    assert len(lines) == 2
    for line in lines:
        command = re.fullmatch(r"::error ([^:]*)::.*", line)
        assert command is not None
        names = [part.partition("=")[0] for part in command[1].split(",")]
        assert set(names) <= {"file", "line", "endLine", "col", "endColumn", "title"}


@given(_HOSTILE)
@settings(max_examples=25, deadline=None)
def test_the_comment_holds_no_html_link_or_image_of_the_manifest(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(_render("markdown", text))
    inline = [child for token in tokens for child in token.children or []]
    assert not {"link_open", "image", "html_inline"} & {token.type for token in inline}
    assert not [token for token in tokens if token.type == "html_block"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


@given(_HOSTILE)
@settings(max_examples=25, deadline=None)
def test_the_page_has_the_same_elements_whatever_the_manifest_says(text: str) -> None:
    tags = []
    for words in (f"{text}b", "a"):
        parser = _Tags()
        parser.feed(_render("html", words))
        parser.close()
        tags.append([tag for tag in parser.tags if tag[0] not in ("mark", "code", "pre")])
    assert tags[0] == tags[1]
    assert "script" not in {tag for tag, _ in tags[0]}


@given(_HOSTILE)
@settings(max_examples=25, deadline=None)
def test_junit_is_well_formed_and_counts_two_cases(text: str) -> None:
    root = ElementTree.fromstring(_render("junit", text).encode("utf-8"))
    assert len(root.findall("testsuite/testcase")) == 2
