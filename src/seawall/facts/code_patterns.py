"""Places in source code that have a form of `detectors/code`: the fact `CodePattern`. Rules say which of them must not be."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from seawall.facts.code_taint import find_tainted
from seawall.formats.code_detectors import FAMILIES, PLACE, Detector, Form
from seawall.formats.source_code import SHOWN, CodeMatch, SourceCode
from seawall.formats.text_places import Span, TextOrigin
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource, ResourceRef

KIND: Final = "CodePattern"
API_VERSION: Final = "code"
HIDDEN: Final = "***"

_MAX_WORDS: Final = 80
_ABOVE: Final = 6
"""Lines above a place that a form may look at."""
_SPACE: Final = re.compile(r"\s+")


def by_language(detectors: Iterable[Detector]) -> Mapping[str, list[tuple[Detector, Form, Mapping[str, Any]]]]:
    """Return the forms to search for in each language of ast-grep, each with its detector and what ast-grep is asked."""
    found: dict[str, list[tuple[Detector, Form, Mapping[str, Any]]]] = {}
    for detector in detectors:
        for form in detector.forms:
            for language in FAMILIES[form.language]:
                found.setdefault(language, []).append((detector, form, form.config()))
    return found


def derive_code_patterns(
    source: SourceCode, forms: Iterable[tuple[Detector, Form, Mapping[str, Any]]]
) -> Iterator[Fact]:
    """Yield a fact for every place of `source` that has one of `forms`; one place of one detector once, in their order."""
    found: dict[tuple[str, Span], Fact] = {}
    is_tainted: Callable[[str], bool] | None = None
    for detector, form, config in forms:
        if not form.may_be_in(source.text):
            continue
        for match in source.find(config):
            if form.tainted:
                is_tainted = is_tainted or find_tainted(source)
                if not all(is_tainted(match.captures.get(name, "")) for name in form.tainted):
                    continue
            match = _narrowed(match)
            if form.unless_above and _stands_above(form.unless_above, source, match.span.line):
                continue
            found.setdefault((detector.id, match.span), _fact(source, detector, form, match))
    yield from (fact for _, fact in sorted(found.items(), key=lambda one: (one[0][1], one[0][0])))


def _stands_above(pattern: str, source: SourceCode, line: int) -> bool:
    return re.search(pattern, "\n".join(source.lines[max(0, line - 1 - _ABOVE) : line - 1])) is not None


def _narrowed(match: CodeMatch) -> CodeMatch:
    """Return the place that the form points to within what it matched."""
    if PLACE not in match.captures:
        return match
    return msgspec.structs.replace(match, span=match.places[PLACE], text=match.captures[PLACE])


def _fact(source: SourceCode, detector: Detector, form: Form, match: CodeMatch) -> Fact:
    spans: dict[FieldPath, Span] = {(): match.span, ("text",): match.span}
    spans |= {("captures", name): span for name, span in match.places.items()}
    value = {
        "detector": detector.id,
        "language": source.language,
        "path": source.path,
        "line": match.span.line,
        "text": HIDDEN if detector.secret else match.text,
        "captures": dict.fromkeys(match.captures, HIDDEN) if detector.secret else dict(match.captures),
        "says": _sentence(form.says, match.captures),
    }
    origin = TextOrigin(source.path, source.lines, spans, secret=detector.secret)
    ref = ResourceRef(API_VERSION, SHOWN[source.language], "", source.path)
    identity = f"{detector.id} {_SPACE.sub('', match.text)}"
    return Fact(KIND, Resource(ref, value, origin), value, {}, identity=identity)


def _sentence(says: str, captures: Mapping[str, str]) -> str:
    for name, text in captures.items():
        short = _SPACE.sub(" ", text)
        says = says.replace(f"{{{name}}}", short if len(short) <= _MAX_WORDS else f"{short[:_MAX_WORDS]}…")
    return says
