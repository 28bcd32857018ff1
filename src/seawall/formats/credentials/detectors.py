"""The shapes of ``detectors/credentials/*.yaml``: text to `Detector`s."""

from collections.abc import Iterable

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.model.credential import Detector
from seawall.model.errors import RuleError


def parse_detectors(files: Iterable[tuple[str, bytes]]) -> list[Detector]:
    """Return the detectors of `files`, each its group's name and its text, in order.

    Raises `RuleError` where one does not follow the form, or an id stands for two.
    """
    found: list[Detector] = []
    seen: set[str] = set()
    for group, data in files:
        place = f"detectors/credentials/{group}.yaml"
        parsed = kubernetes_yaml.parse(place, data)
        if parsed.unscanned:
            raise RuleError(parsed.unscanned[0].reason, place=parsed.unscanned[0].path)
        try:
            entries = msgspec.convert(parsed.documents[0].value, list[Detector])
        except msgspec.ValidationError as error:
            raise RuleError(str(error), place=place) from None
        for entry in entries:
            if entry.id in seen or bool(entry.regex) == bool(entry.names):
                raise RuleError(f"detector {entry.id} has two entries, or not one of regex and names", place=group)
            seen.add(entry.id)
            found.append(msgspec.structs.replace(entry, group=group))
    return found
