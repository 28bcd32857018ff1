"""An SBOM while it is read: its components and who requires whom, and what becomes of them at the end.

Each format's reader adds what its document says, and `finish` makes packages of it. A component without a purl is no package that
could be matched with anything; libraries without one are said in one sentence, other things (files, images, lock files) are not.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from seawall.formats.package_list import (
    MAX_EDGES,
    MAX_PACKAGES,
    MAX_PARENTS,
    MAX_PROBLEMS,
    MalformedError,
)
from seawall.formats.purl import PurlError
from seawall.formats.sbom import names
from seawall.formats.sbom.components import Component, package_of
from seawall.formats.sbom.purls import DISTRIBUTED, named_distro
from seawall.formats.untyped import table
from seawall.model.inventory import Subject
from seawall.model.package import Distro, Package
from seawall.model.resource import Unscanned

LINE: Final = "line"
"""Key of an item's own line, where another notation is read into the form of a format's JSON."""

_TRIVY_CLASS = "aquasecurity:trivy:Class"
_MOST_NAMED = 5
_WITHOUT_PURL = frozenset(("library", "framework"))


class Sbom(msgspec.Struct, frozen=True, kw_only=True):
    """What an SBOM says. `subject` is what it is of, where it says so."""

    packages: Sequence[Package] = ()
    unscanned: Sequence[Unscanned] = ()
    subject: Subject | None = None
    distro: Distro | None = None


class SbomDocument:
    """The components of one SBOM, added one by one."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.subject: Subject | None = None
        self.distro: Distro | None = None
        self.ours = False
        """Whether Seawall wrote it: then what it does not say is not concluded from anything else."""
        self._components: list[Component] = []
        self._by_ref: dict[str, Component] = {}
        self._edges: dict[str, list[str]] = {}
        self._inside: dict[str, list[str]] = {}
        self._roots: list[str] = []
        self._count = 0
        self._problems: list[Unscanned] = []

    def items(self, value: Any, *path: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of the list at `path`. What is no list, or no object in it, may have been a package, and is said."""
        found = value
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None and not isinstance(found, list):
            self.refuse(f"{'.'.join(path)} is no list")
            return
        for number, item in enumerate(found or ()):
            if isinstance(item, dict):
                yield table(item)
            else:
                self.refuse(f"{'.'.join(path)}[{number}] is no object")

    def add(self, component: Component) -> None:
        """Add a component. Where two have the same reference, relations are about the first, and two packages are said."""
        if len(self._components) >= MAX_PACKAGES:
            raise MalformedError(f"names more than {MAX_PACKAGES:,} components; the rest is not read", component.line)
        if component.kind == "operating-system" and self.distro is None:
            self.distro = named_distro(component.name, component.version, component.description)
        self._components.append(component)
        if component.ref:
            known = self._by_ref.setdefault(component.ref, component)
            if known.purl != component.purl:
                self.refuse(f"{component.ref[:200]!r} refers to two different packages", component.line)

    def root(self, ref: str) -> None:
        """Say that `ref` is what the SBOM is of."""
        self._roots.append(ref)

    def require(self, above: str, below: str) -> None:
        """Say that the component `above` requires `below`."""
        self._relate(self._edges, above, below)

    def contain(self, above: str, below: str) -> None:
        """Say that `below` is inside of `above`."""
        self._relate(self._inside, above, below)

    def _relate(self, relations: dict[str, list[str]], above: str, below: str) -> None:
        self._count += 1
        if self._count > MAX_EDGES:
            raise MalformedError(f"states more than {MAX_EDGES:,} relations; the rest is not read")
        if above != below:
            relations.setdefault(above, []).append(below)

    def refuse_incomplete(self) -> None:
        """Say that the document itself calls what it lists incomplete: what is missing in it was held against nothing."""
        self.refuse("says of itself that it is incomplete: not all of its target could be read when it was written")

    def refuse(self, reason: str, line: int = 0) -> None:
        """Add a problem, at `line` where it is known."""
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Unscanned(f"{self.path}:{line}" if line else self.path, reason))
        elif len(self._problems) == MAX_PROBLEMS:
            self._problems.append(Unscanned(self.path, f"{MAX_PROBLEMS} problems: further ones are not listed"))

    def finish(self) -> Sbom:
        """Return the packages in the document's order, each once at its place, and what could not be read."""
        self._place_by_lock_files()
        packages: list[tuple[Component, Package]] = []
        by_ref: dict[str, Package] = {}
        for component in self._components:
            if not component.purl:
                continue
            try:
                package = package_of(component, self.path, self.distro, ours=self.ours)
            except (PurlError, UnicodeEncodeError) as error:
                self.refuse(f"{component.purl[:200]!r} is no package URL: {error}", component.line)
                continue
            packages.append((component, package))
            if component.ref:
                by_ref.setdefault(component.ref, package)
        self._refuse_nameless()
        parents, direct = self._parents(by_ref), self._direct(by_ref)
        found: dict[tuple[str, str, int, str], Package] = {}
        for component, package in packages:
            package = msgspec.structs.replace(
                package,
                parents=tuple(parents.get(component.ref, ())),
                direct=self._is_direct(component, direct, has_parents=component.ref in parents),
            )
            found.setdefault((package.purl, package.path, package.line, package.image_layer), package)
        return Sbom(
            packages=tuple(found.values()),
            unscanned=tuple(self._problems),
            subject=self.subject,
            distro=self.distro,
        )

    def _refuse_nameless(self) -> None:
        bare = [one for one in self._components if not one.purl and self._is_package(one)]
        if not bare:
            return
        named = ", ".join(repr(one.name[:80]) for one in bare[:_MOST_NAMED]) + (
            ", …" if len(bare) > _MOST_NAMED else ""
        )
        what = "1 component has" if len(bare) == 1 else f"{len(bare):,} components have"
        self.refuse(f"{what} no package URL, so that nothing can be known of it: {named}", bare[0].line)

    def _is_package(self, component: Component) -> bool:
        """Tell what should have a package URL from what only holds others: a lock file, a directory, the parts of an image."""
        holds = any(
            ref in self._by_ref for ref in self._inside.get(component.ref, ())
        )  # a package has files in it, too
        if component.kind in _WITHOUT_PURL:
            return not holds
        requires = bool(self._edges.get(component.ref))
        return component.kind == "application" and bool(component.version) and not holds and not requires

    def _parents(self, packages: dict[str, Package]) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = {}
        for above, requires in self._edges.items():
            parent = packages.get(above)
            if parent is None:
                continue
            for below in requires:
                child = packages.get(below)
                if child is not None and child.purl != parent.purl:
                    known = parents.setdefault(below, [])
                    if len(known) < MAX_PARENTS and parent.purl not in known:
                        known.append(parent.purl)
        return parents

    def _direct(self, packages: dict[str, Package]) -> frozenset[str]:
        """Return the references of what the target, or a lock file in it, requires; empty where the SBOM tells no two apart.

        Many tools let the target require everything: that says of no package that it is direct.
        """
        tops = [*self._roots]
        for root in self._roots:
            tops += [
                ref
                for ref in (*self._edges.get(root, ()), *self._inside.get(root, ()))
                if ref not in packages and self._kind(ref) not in ("operating-system", "")
            ]
        # Of Go, Trivy lets the lock file require the module itself, which has no version, and that the others.
        tops += [below for top in tops for below in self._edges.get(top, ()) if _is_own(packages.get(below))]
        direct = frozenset(below for top in tops for below in self._edges.get(top, ()) if below in packages)
        return direct if any(ref not in direct for ref in packages) else frozenset()

    def _kind(self, ref: str) -> str:
        component = self._by_ref.get(ref)
        return component.kind if component is not None else ""

    def _is_direct(self, component: Component, direct: frozenset[str], *, has_parents: bool) -> bool | None:
        told = component.properties.get(names.DIRECT, "")
        if told or self.ours:
            return {"true": True, "false": False}.get(told)
        if not direct or component.purl[4:].partition("/")[0] in DISTRIBUTED:
            return None
        return True if component.ref in direct else False if has_parents else None

    def _place_by_lock_files(self) -> None:
        """Trivy makes a component of each lock file, and lets it require its packages: then that is their file."""
        for lock in self._components:
            if lock.purl or lock.properties.get(_TRIVY_CLASS) != "lang-pkgs" or "/" not in f"{lock.name}/":
                continue
            pending, seen = deque([lock.ref]), {lock.ref}
            while pending:
                at = pending.popleft()
                for ref in (*self._edges.get(at, ()), *self._inside.get(at, ())):
                    component = self._by_ref.get(ref)
                    if ref in seen or component is None or not component.purl:
                        continue
                    seen.add(ref)
                    pending.append(ref)
                    if not component.place():
                        component.file = lock.name


def _is_own(package: Package | None) -> bool:
    return package is not None and not package.version and package.ecosystem == "Go"


def read_document(path: str, data: bytes, read: Callable[[SbomDocument, bytes], None]) -> Sbom:
    """Run `read` over `data`, whatever it is; what was read before it failed stays."""
    document = SbomDocument(path)
    try:
        read(document, data)
    except MalformedError as error:
        document.refuse(error.reason, error.line)
    except RecursionError:
        document.refuse("is nested too deeply and is not read")
    return document.finish()


class Lines:
    """Finds the lines of texts that come one after the other, in one pass over the file."""

    _MOST_MISSES = 20

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._line = 1
        self._misses = 0

    def find(self, text: str) -> int:
        """Return the line of the next string that begins with `text`; 0 where it is written in another way."""
        if not text or self._misses >= self._MOST_MISSES:
            return 0
        at = self._data.find(b'"' + text.encode("utf-8", "replace"), self._at)
        if at < 0:
            self._misses += 1
            return 0
        self._line += self._data.count(b"\n", self._at, at)
        self._at = at
        return self._line


def first_of(texts: Iterable[str]) -> str:
    """Return the first of `texts` that says something."""
    return next((text for text in texts if text), "")
