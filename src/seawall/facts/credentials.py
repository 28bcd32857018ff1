"""Which credentials lie open in files? (fact ``Credential``)

The value is nowhere in the fact: a rule, a report and a log say where it stands and what it opens, which is enough to change it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from seawall.model.credential import Leak
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Location, Place, Resource, ResourceRef

KIND = "Credential"


class LeakOrigin(msgspec.Struct, frozen=True):
    """The place of a credential; what stands there is shown without its value."""

    leak: Leak

    @property
    def path(self) -> str:
        """The file, and the member of an archive behind an exclamation mark."""
        return path_of(self.leak)

    def locate(self, field: FieldPath) -> Place:
        """Return the place of the value, whatever `field`."""
        leak = self.leak
        location = Location(self.path, leak.line, leak.column, leak.end_line, leak.end_column)
        return Place(location, leak.shown, leak.snippet)


def path_of(leak: Leak) -> str:
    """Return the path of the file that holds `leak`, with the member of an archive."""
    return f"{leak.path}!{leak.inner}" if leak.inner else leak.path


def derive_credentials(leaks: Iterable[Leak]) -> Iterator[Fact]:
    """Yield a fact for each credential."""
    for leak in leaks:
        detector = leak.detector
        path = path_of(leak)
        value = {
            "detector": detector.id,
            "title": detector.title,
            "provider": detector.provider,
            "group": detector.group,
            "severity": detector.severity.value,
            "confidence": detector.confidence.value,
            "name": leak.name,
            "shown": leak.shown,
            "identity": leak.identity,
            "path": path,
            "line": leak.line,
            "forTests": leak.for_tests,
            "encoded": leak.encoded,
            "revoke": detector.revoke.removesuffix("."),
            "where": _where(leak),
            "firstCommit": leak.first_commit,
            "lastCommit": leak.last_commit,
            "author": leak.author,
            "date": leak.date,
        }
        ref = ResourceRef("code", detector.title, "", path)
        identity = f"{detector.id} {leak.identity}"
        yield Fact(KIND, Resource(ref, value, LeakOrigin(leak)), value, {}, identity=identity)


def _where(leak: Leak) -> str:
    """Say in words what a message adds to title and place."""
    words = f" in {leak.name}" if leak.name else ""
    if leak.encoded:
        words += ", encoded"
    if leak.first_commit:
        words += f", in the history from {leak.first_commit[:12]} of {leak.date}"
        if leak.last_commit != leak.first_commit:
            words += f" to {leak.last_commit[:12]}"
    return words
