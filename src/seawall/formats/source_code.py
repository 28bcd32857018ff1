"""Source texts of applications, searched by the form of their syntax tree. ast-grep over tree-sitter does it; nothing is run.

    source = read("app.py", data)
    source.find({"rule": {"pattern": "eval($CODE)"}})     # the places, each with what $CODE stands for

tree-sitter goes on behind what it cannot parse, so half-written code is searched as far as it goes. What is searched for is
ast-grep's rule object (ast-grep.github.io/reference/rule.html). A text of another encoding than its language's is an `Unscanned`.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from seawall.formats.text_places import Span
from seawall.model.resource import Unscanned

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode

EXTENSIONS: Final[Mapping[str, str]] = {
    ".py": "python",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".java": "java",
}
"""Languages by the ending of a file's name, as ast-grep calls them."""

SHOWN: Final[Mapping[str, str]] = {
    "python": "Python",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "tsx": "TypeScript",
    "go": "Go",
    "java": "Java",
}
"""Languages as people write them."""

MAX_MATCHES: Final = 200
"""Places of one form that a file is searched for. Each may hold all that follow, so that their texts grow with the square."""

MAX_TEXT: Final = 2000
"""Characters of a place that are looked at."""

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PYTHON_ENCODING: Final = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_VARIABLE: Final = re.compile(r"\$(?:\$\$)?([A-Z_][A-Z0-9_]*)")


class CodeMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a searched form: where it is, its text, and what each metavariable stands for, with its place."""

    span: Span
    text: str
    captures: Mapping[str, str]
    places: Mapping[str, Span]


class SourceCode:
    """The text of one file in one language."""

    def __init__(self, path: str, language: str, text: str) -> None:
        self.path = path
        self.language = language
        self.text = text

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines, without their ends."""
        return self.text.split("\n")

    @cached_property
    def root(self) -> "SgNode":
        """The root of the syntax tree, parsed when it is first asked for."""
        from ast_grep_py import SgRoot

        return SgRoot(self.text, self.language).root()

    def find(self, rule: Mapping[str, Any]) -> Iterator[CodeMatch]:
        """Yield the places of the form that `rule` describes, at most `MAX_MATCHES`. Raises `ValueError` for no valid rule."""
        names = variables_of(rule)
        try:
            nodes = self.root.find_all(cast("Config", dict(rule)))
        except RuntimeError as error:
            raise ValueError(" ".join(str(error).partition("Stack backtrace")[0].split())) from None
        for node in nodes[:MAX_MATCHES]:
            captures: dict[str, str] = {}
            places: dict[str, Span] = {}
            for name in names:
                found = node.get_match(name)
                several = [] if found is not None else node.get_multiple_matches(name)
                if found is not None:
                    captures[name], places[name] = found.text()[:MAX_TEXT], _span(found)
                elif several:
                    captures[name] = "".join(one.text()[:MAX_TEXT] for one in several)[:MAX_TEXT]
                    places[name] = Span(*_span(several[0])[:2], *_span(several[-1])[2:])
            yield CodeMatch(span=_span(node), text=node.text()[:MAX_TEXT], captures=captures, places=places)


def language_of(name: str) -> str | None:
    """Return the language of the file called `name`; None for what is no source text that Seawall reads."""
    dot = name.rfind(".")
    return EXTENSIONS.get(name[dot:]) if dot > 0 else None


def read(path: str, data: bytes) -> SourceCode | Unscanned:
    """Return the text of the file at `path`, whose name says its language."""
    language = language_of(path)
    if language is None:
        return Unscanned(path, "is no source text of a language that Seawall reads")
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            declared = _PYTHON_ENCODING.match(data[:400]) if language == "python" else None
            if declared is None:
                raise
            text = data.decode(declared[1].decode("ascii"))
    except (UnicodeDecodeError, LookupError, ValueError):
        return Unscanned(
            path, f"is no {SHOWN[language]} text in {encoding.upper().removesuffix('-SIG')}, so it cannot be judged"
        )
    if "\0" in text:
        return Unscanned(path, f"has zero bytes, which no {SHOWN[language]} text has")
    return SourceCode(path, language, text.replace("\r\n", "\n"))


def variables_of(rule: Any) -> frozenset[str]:
    """Return the names of the metavariables in a rule that stand for something (``$_X`` does not)."""
    if isinstance(rule, str):
        return frozenset(name for name in _VARIABLE.findall(rule) if not name.startswith("_"))
    if isinstance(rule, Mapping):
        rule = list(rule.values())
    if isinstance(rule, list):
        return frozenset().union(*map(variables_of, rule))
    return frozenset()


def _span(node: "SgNode") -> Span:
    place = node.range()
    return Span(place.start.line + 1, place.start.column + 1, place.end.line + 1, place.end.column + 1)
