"""Code that is cut, torn and mixed up is read as far as it goes, and never stops a scan."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import seawall
from seawall.facts.code_patterns import derive_code_patterns
from seawall.formats.code_routes import guarded_views, guards_all, read_listeners, read_routes
from seawall.formats.source_code import SourceCode, language_of
from seawall.stages.code import read_forms

RULES = Path(seawall.__file__).parent / "rules" / "code"
EXAMPLES = sorted(path for path in RULES.glob("*/*") if language_of(path.name))
edits = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 20), st.text("(){}[]\"'`\n:,$\\@ é\0", max_size=5)), max_size=4
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EXAMPLES), edits)
def test_torn_code_never_stops_the_search_and_places_stay_in_the_text(
    path: Path, torn: list[tuple[int, int, str]]
) -> None:
    text = path.read_text()
    for start, length, put in torn:
        text = text[:start] + put + text[start + length :]
    language = language_of(path.name)
    assert language is not None
    source = SourceCode(path.name, language, text)
    for fact in derive_code_patterns(source, read_forms()[language]):
        location = fact.resource.origin.locate(()).location
        assert 1 <= location.line <= len(source.lines)
        assert 1 <= location.column <= len(source.lines[location.line - 1]) + 1
    routes = read_routes(source)
    assert all(1 <= route.span.line <= len(source.lines) for route in routes)
    assert isinstance(guards_all(source), bool)
    assert all(listener.port >= 0 for listener in read_listeners(source))
    assert set(guarded_views(source).values()) <= {True, False, None}
