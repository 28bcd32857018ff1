"""Which values key stands behind a rendered field: ``values.yaml:12 (image.tag)``.

The order is helm's: ``--set`` before ``--values`` files (the last first), before the values of the outer charts (under the
subchart's name), before the chart's own ``values.yaml``. A key is named only when its value is what was rendered.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_yaml import Document
from seawall.model.field_path import FieldPath, format_field_path, value_at
from seawall.sources.helm_chart import ChartFile

Values = tuple[str, ...]


class ValuesOrigins:
    """Answers for one chart and one choice of values."""

    def __init__(self, files: Mapping[str, ChartFile], given: Sequence[tuple[str, bytes]], sets: Sequence[str]) -> None:
        self._files = files
        self._sets = dict(_assignments(sets))
        self._given = [document for path, data in reversed(given) if (document := _read(path, data)) is not None]
        self._own: dict[str, Document | None] = {}
        self._aliases: dict[str, Mapping[str, str]] = {}

    def name(self, template: str, paths: Sequence[Values], field: FieldPath, value: Any) -> list[str]:
        """Return the keys among `paths` (what the template line reads) that gave `value` to `field`, each with its place.

        `template` is the template's path in the chart. `value` is the rendered value, None for an absent field: then the map
        that the line writes out is named, because there the field belongs.
        """
        charts = self._charts(template)
        found = []
        for path in paths:
            named = self._find(charts, path, field, value)
            if named:
                found.append(named)
        return list(dict.fromkeys(found))

    def _find(self, charts: list[tuple[str, str]], path: Values, field: FieldPath, value: Any) -> str:
        prefix: Values = tuple(name for _, name in charts[1:])
        spots = [prefix + path] + ([path] if path[0] == "global" and prefix else [])
        # The line may write out a map of which the field is a part: try the field's last steps below the key.
        tails: list[FieldPath] = [field[len(field) - size :] for size in range(min(len(field), 8) + 1)]
        for spot in spots:
            for size in range(len(spot), 0, -1):
                written = self._sets.get(spot[:size])
                if size == len(spot) and written is not None and _same(written, value):
                    return f"--set {'.'.join(spot)}"
            for document in self._given:
                if value_at(document.value, spot) is not None:
                    return _name_in(document, spot, tails, value)
        for depth, (directory, _) in enumerate(charts):
            own = self._own_values(directory)
            for spot in {prefix[depth:] + path: None, **({path: None} if path[0] == "global" else {})}:
                if own is not None and value_at(own.value, spot) is not None:
                    return _name_in(own, spot, tails, value)
        return ""

    def _charts(self, template: str) -> list[tuple[str, str]]:
        """Return the charts from the outermost to that of `template`: directory in the chart, and name in values."""
        charts = [("", "")]
        directory = ""
        for name in re.findall(r"charts/([^/]+)/", template):
            aliases = self._aliases_of(directory)
            directory = f"{directory}charts/{name}/"
            charts.append((directory, aliases.get(name, name)))
        return charts

    def _aliases_of(self, directory: str) -> Mapping[str, str]:
        if directory not in self._aliases:
            file = self._files.get(f"{directory}Chart.yaml")
            document = _read("", file.data) if file else None
            listed = document.value.get("dependencies") if document else None
            self._aliases[directory] = {
                str(item.get("name")): str(item["alias"])
                for item in (listed if isinstance(listed, list) else ())
                if isinstance(item, dict) and item.get("alias")
            }
        return self._aliases[directory]

    def _own_values(self, directory: str) -> Document | None:
        if directory not in self._own:
            file = self._files.get(f"{directory}values.yaml")
            self._own[directory] = _read(file.shown, file.data) if file else None
        return self._own[directory]


def _read(path: str, data: bytes) -> Document | None:
    documents = kubernetes_yaml.parse(path, data).documents
    return documents[0] if documents and isinstance(documents[0].value, dict) else None


def _name_in(document: Document, spot: Values, tails: Sequence[FieldPath], value: Any) -> str:
    for tail in tails:
        path: FieldPath = (*spot, *tail)
        held = value_at(document.value, path)
        if held is not None and _same(held, value):
            return f"{document.path}:{document.locate(path).location.line} ({format_field_path(path)})"
    return ""


def _same(held: Any, rendered: Any) -> bool:
    """Tell whether the value `held` is what was rendered: equal, or written out as a part of a longer text."""
    if rendered is None:
        return isinstance(held, (dict, list))
    if isinstance(held, (dict, list)) or isinstance(rendered, (dict, list)):
        return bool(held == rendered)
    written, text = _write(held), _write(rendered)
    return bool(written) and (written == text or (isinstance(rendered, str) and len(written) > 1 and written in text))


def _write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _assignments(sets: Sequence[str]) -> list[tuple[Values, str]]:
    """Return path and text of each ``a.b=c`` in ``--set`` arguments; lists and escapes of that syntax are left out."""
    found = []
    for argument in sets:
        for assignment in argument.split(","):
            key, equals, value = assignment.partition("=")
            if equals and re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", key):
                found.append((tuple(key.split(".")), value))
    return found
