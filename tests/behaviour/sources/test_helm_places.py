"""The parts of Helm's places that need no helm: what template text says, which values stand behind it, how marks are read."""

import time
from collections.abc import Mapping

import pytest

from seawall.formats import kubernetes_yaml
from seawall.model.field_path import FieldPath
from seawall.sources.helm_chart import ChartFile
from seawall.sources.helm_places import RenderedChart, cut
from seawall.sources.helm_templates import line_of_key, mark_lines, read_template, values_around, values_read
from seawall.sources.helm_values import ValuesOrigins


def marked(text: str, *, partial: bool = False) -> list[int]:
    """Return the lines that get a mark."""
    template = read_template(text, partial=partial)
    return [int(line.rpartition(":")[2][:-2]) for line in mark_lines(template, 7).split("\n") if line.endswith("~#")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: 1\nb: {{ .Values.b }}\n", [1, 2]),
        ("a: 1\n\n---\nb: 2", [1, 4]),
        ("{{- if .Values.a -}}\na: 1\n{{- end }}", [2, 3]),  # what ends in -}} would swallow the mark
        ("{{- /* a\nb */}}\na: 1", [2, 3]),
        ("a: {{ .Values.a\n  | quote }}\nb: 1", [2, 3]),
        (
            '{{ define "x" }}\na: 1\nplain\n{{ .Values.a }}\n{{ toYaml .Values.b | nindent 2 }}\n{{ end }}\nb: 1',
            [2, 5, 7],
        ),
        ("a: |\n  text \\\n  more", [1, 3]),
    ],
)
def test_marks_stand_where_they_are_comments(text: str, lines: list[int]) -> None:
    assert marked(text) == lines


def test_a_partial_is_marked_only_where_it_is_plainly_yaml() -> None:
    assert marked("word\n- item\nkey: x\n{{ .Values.a }}", partial=True) == [2, 3]


@pytest.mark.parametrize(
    ("text", "line", "paths"),
    [
        ("a: {{ .Values.a.b }}:{{ $.Values.c }}", 1, [("a", "b"), ("c",)]),
        ('a: {{ index .Values "x-y" "z" }}', 1, [("x-y", "z")]),
        ("{{ with .Values.a }}\nb: {{ .c }}\n{{ with .d }}\ne: {{ .f.g }}\n{{ end }}\n{{ end }}", 2, [("a", "c")]),
        (
            "{{ with .Values.a }}\nb: {{ .c }}\n{{ with .d }}\ne: {{ .f.g }}\n{{ end }}\n{{ end }}",
            4,
            [("a", "d", "f", "g")],
        ),
        ("{{ range .Values.a }}\nb: {{ .c }}\n{{ end }}", 2, []),
        ('{{ with .Values.a }}\n{{ include "x" . }}\n{{ end }}', 2, []),
        ("{{ with .Values.a }}x{{ else }}\nb: {{ .Values.c }}\n{{ end }}", 2, [("c",)]),
    ],
)
def test_a_line_says_which_values_it_reads(text: str, line: int, paths: list[tuple[str, ...]]) -> None:
    assert values_read(read_template(text, partial=False), line) == paths


CONDITIONAL = """\
spec:
  {{- with .Values.outer }}
  outer:
    inner: {{ . }}
  {{- end }}
  containers:
  - name: main
    {{- if and .Values.a .Values.b.c }}
    inner: x
    {{- end }}
  - name: side
other: y
"""


@pytest.mark.parametrize(
    ("parent", "key", "line"),
    [(1, "outer", 3), (1, "inner", None), (3, "inner", 4), (7, "inner", 9), (11, "inner", None), (1, "other", None)],
)
def test_the_line_that_would_write_a_key_is_found_in_its_own_map(parent: int, key: str, line: int | None) -> None:
    assert line_of_key(read_template(CONDITIONAL, partial=False), parent, key) == line


def test_a_line_depends_on_the_values_around_it() -> None:
    template = read_template(CONDITIONAL, partial=False)
    assert values_around(template, 4) == [("outer",)]
    assert values_around(template, 9) == [("a",), ("b", "c")]
    assert values_around(template, 11) == []


def origins(sets: tuple[str, ...] = (), **given: str) -> ValuesOrigins:
    files: Mapping[str, ChartFile] = {
        "values.yaml": ChartFile("c/values.yaml", b"a: {b: one}\nsub: {x: outer}\nglobal: {g: all}\nport: 80\n"),
        "Chart.yaml": ChartFile("c/Chart.yaml", b"dependencies: [{name: sub}, {name: other, alias: renamed}]"),
        "charts/sub/values.yaml": ChartFile("c/charts/sub/values.yaml", b"x: own\nz: own\n"),
        "charts/other/values.yaml": ChartFile("c/charts/other/values.yaml", b"x: own\n"),
    }
    return ValuesOrigins(files, [(f"{name}.yaml", text.encode()) for name, text in given.items()], sets)


@pytest.mark.parametrize(
    ("template", "path", "value", "name"),
    [
        ("templates/a.yaml", ("a", "b"), "one", ["c/values.yaml:1 (a.b)"]),
        ("templates/a.yaml", ("a", "b"), "prefix-one", ["c/values.yaml:1 (a.b)"]),
        ("templates/a.yaml", ("a", "b"), "two", []),  # the template did something else with it
        ("templates/a.yaml", ("gone",), "x", []),
        ("charts/sub/templates/a.yaml", ("x",), "outer", ["c/values.yaml:2 (sub.x)"]),
        ("charts/sub/templates/a.yaml", ("z",), "own", ["c/charts/sub/values.yaml:2 (z)"]),
        ("charts/sub/templates/a.yaml", ("global", "g"), "all", ["c/values.yaml:3 (global.g)"]),
        ("charts/other/templates/a.yaml", ("x",), "own", ["c/charts/other/values.yaml:1 (x)"]),
    ],
)
def test_a_key_is_named_only_where_its_value_is_what_was_rendered(
    template: str, path: tuple[str, ...], value: object, name: list[str]
) -> None:
    assert origins().name(template, [path], ("spec", "field"), value) == name


def test_the_last_values_file_decides_and_a_set_decides_over_it() -> None:
    field: FieldPath = ("spec", "field")
    given = {"first": "a: {b: x1}", "second": "a: {b: x2}"}
    assert origins(**given).name("templates/a.yaml", [("a", "b")], field, "x2") == ["second.yaml:1 (a.b)"]
    found = origins(("a.b=x3,c=d",), **given).name("templates/a.yaml", [("a", "b")], field, "x3")
    assert found == ["--set a.b"]


def test_a_field_of_a_map_that_is_written_out_is_named_to_its_end() -> None:
    found = origins(one="ctx: {run: {user: 0}}").name("templates/a.yaml", [("ctx",)], ("spec", "run", "user"), 0)
    assert found == ["one.yaml:1 (ctx.run.user)"]


def test_rendered_text_is_cut_where_helm_cuts_it() -> None:
    text = "---\n# Source: c/templates/a.yaml\na: 1\n---\nb: 2\n---\n\n---\n# Source: c/templates/d.yaml\n\nd: 1\n"
    assert [(segment.source, segment.first, segment.lines[0]) for segment in cut(text)] == [
        ("c/templates/a.yaml", 3, "a: 1"),
        ("c/templates/a.yaml", 5, "b: 2"),
        ("c/templates/d.yaml", 10, ""),
    ]


def place(template: str, rendered: str, field: FieldPath, *, marks: str | None) -> tuple[int, str]:
    """Return line and note of `field` where the marked chart renders to `marks` (None: helm refuses it)."""
    head = "---\n# Source: c/templates/a.yaml\n"
    chart = RenderedChart(
        shown="c",
        text=head + rendered,
        load=lambda: {"templates/a.yaml": ChartFile("c/templates/a.yaml", template.encode())},
        render_marked=lambda _changed: None if marks is None else head + marks,
        values=lambda _files: origins(),
    )
    (document,) = kubernetes_yaml.parse("c", (head + rendered).encode()).documents
    found = chart.place(document, field)
    return found.location.line, found.snippet.partition("\n# ")[2]


TEMPLATE = "kind: A\nspec:\n  {{- range .Values.a }}\n  {{ . }}: 1\n  {{- end }}\nend: x\n"
RENDERED = "kind: A\nspec:\n  b: 1\n  c: 1\nend: x\n"


def test_a_mark_is_exact() -> None:
    marks = "kind: A #~0:1~#\nspec: #~0:2~#\n  b: 1 #~0:4~#\n  c: 1 #~0:4~# #~0:5~#\nend: x #~0:6~#\n"
    assert place(TEMPLATE, RENDERED, ("spec", "c"), marks=marks) == (4, "")
    assert place(TEMPLATE, RENDERED, ("end",), marks=marks) == (6, "")


def test_a_line_without_a_mark_stands_at_the_nearest_and_says_so() -> None:
    marks = "kind: A #~0:1~#\nspec: #~0:2~#\n  b: 1\n  c: 1\nend: x #~0:6~#\n"
    assert place(TEMPLATE, RENDERED, ("spec", "c"), marks=marks) == (
        2,
        "rendered from here; the exact line cannot be told",
    )


def test_where_the_marked_chart_does_not_render_the_text_is_matched() -> None:
    assert place(TEMPLATE, RENDERED, ("end",), marks=None) == (6, "")
    line, note = place(TEMPLATE, RENDERED, ("spec", "c"), marks=None)
    assert (line, note) == (2, "rendered from here; the exact line cannot be told")


def test_no_template_of_a_scanned_chart_takes_long() -> None:
    start = time.process_time()
    space = " " * 100_000
    template = read_template(
        f"a: {{{{ if{space}.x }}}}\nb: {space}{{{{ end{space}}}}}\n{space}- {{{{ .Values.a }}}}", partial=True
    )
    for number in range(1, 4):
        values_read(template, number)
    mark_lines(template, 0)
    # Documents whose two renderings differ in length, each of them one line over and over.
    lines = 6_000
    documents = "".join(f"---\n# Source: c/templates/a.yaml\nkind: A\n{'- x' + chr(10)}" for _ in range(2))
    body = "".join("- x\n" for _ in range(lines))
    chart = RenderedChart(
        shown="c",
        text=documents.replace("- x\n", f"list:\n{body}"),
        load=lambda: {"templates/a.yaml": ChartFile("c/templates/a.yaml", b"kind: A\n{{ x }}\n")},
        render_marked=lambda _changed: documents.replace("- x\n", f"list:\n{body}- x\n").replace(
            "kind: A", "kind: A #~0:1~#"
        ),
        values=lambda _files: origins(),
    )
    (document, _) = kubernetes_yaml.parse("c", documents.replace("- x\n", f"list:\n{body}").encode()).documents
    assert chart.place(document, ("list", 5)).location.path == "c"
    assert time.process_time() - start < 10


def test_marks_of_a_rendering_that_differs_are_paired_by_the_lines_that_agree() -> None:
    # randAlphaNum and now give other text each time.
    marks = "kind: A #~0:1~#\nspec: #~0:2~#\n  other: 1 #~0:4~#\nend: x #~0:6~#\n"
    assert place(TEMPLATE, RENDERED, ("end",), marks=marks) == (6, "")
