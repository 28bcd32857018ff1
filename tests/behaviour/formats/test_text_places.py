"""Places in texts whose parsers say where each field stands."""

from seawall.formats.text_places import Span, TextOrigin
from seawall.model.resource import Location

LINES = ["FROM alpine", "RUN a \\", "    b", "USER röot"]
ORIGIN = TextOrigin(
    "Dockerfile", LINES, {("user",): Span(4, 6, 4, 10), ("run",): Span(2, 5, 3, 6), (): Span(1, 1, 4, 10)}
)


def test_a_field_stands_where_it_was_read() -> None:
    place = ORIGIN.locate(("user",))
    assert place.location == Location("Dockerfile", 4, 6, 4, 10)
    assert place.evidence == "röot"
    assert place.snippet == "USER röot"


def test_a_text_over_several_lines_is_shown_whole() -> None:
    place = ORIGIN.locate(("run",))
    assert place.evidence == "a \\\n    b"
    assert place.snippet == "RUN a \\\n    b"


def test_what_is_absent_stands_where_its_parent_does() -> None:
    place = ORIGIN.locate(("user", "group"))
    assert place.location == Location("Dockerfile", 4, 6, 4, 10)
    assert place.evidence is None
    assert ORIGIN.locate(("nothing",)).location.line == 1


def test_of_a_secret_only_the_place_is_told() -> None:
    place = TextOrigin("a.env", ["KEY=hunter2"], {("value",): Span(1, 5, 1, 12)}, secret=True).locate(("value",))
    assert place.location == Location("a.env", 1, 5, 1, 12)
    assert (place.evidence, place.snippet) == (None, "")


def test_a_span_beyond_the_text_shows_what_is_there() -> None:
    assert TextOrigin("x", [], {(): Span(3, 1, 4, 1)}).locate(()).evidence == ""
