"""Resources: configured things with a kind and an identity, and the places they were read from."""

from typing import Any, Protocol

import msgspec

from seawall.model.field_path import FieldPath


class Location(msgspec.Struct, frozen=True, order=True, rename="camel"):
    """A span of a file. Lines and columns count from 1; columns count characters; the end is exclusive in columns."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Place(msgspec.Struct, frozen=True):
    """Where a field stands and how it is written there.

    `evidence` is the value's text as the file has it (None where the field is absent and the location is that of its
    nearest existing parent); `snippet` is the whole source line, or the first lines of a block.
    """

    location: Location
    evidence: str | None
    snippet: str


class Origin(Protocol):
    """The document that a resource was read from: answers where a field stands. Implemented in `formats` and `sources`."""

    @property
    def path(self) -> str:
        """The path as the user would name it: relative to the scanned directory, ``-`` for standard input."""
        ...

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field` below the document's root, or of its nearest existing parent."""
        ...


class ResourceRef(msgspec.Struct, frozen=True, order=True, rename="camel"):
    """The identity of a resource as a report names it. `namespace` is empty where none is written."""

    api_version: str
    kind: str
    namespace: str
    name: str


class Resource(msgspec.Struct, frozen=True, eq=False):
    """One configured thing.

    `object` is its value with nulls dropped from maps, as the API server drops them; it must not be changed.
    `prefix` is the path of the object below its document's root: ``()`` or ``("items", 3)`` in a List.
    """

    ref: ResourceRef
    object: dict[str, Any]
    origin: Origin
    prefix: FieldPath = ()

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field`, which is relative to the object's own root."""
        return self.origin.locate(self.prefix + field)


class Unscanned(msgspec.Struct, frozen=True, order=True):
    """Something that should have been scanned and could not be. Never dropped: it reaches the report and the exit status.

    `path` may end in ``:line``; `reason` says what is wrong and the way out.
    """

    path: str
    reason: str
