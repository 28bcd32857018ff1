"""Collects what one file says about packages, and turns what it cannot say into `Unscanned`.

A parser is a function ``read(packages, data)`` that adds rows and edges to a `PackageList`; `collect` runs it, and makes of every
`MalformedError` a sentence with the file and the line. What was read before the error stays.

    def parse(path: str, data: bytes) -> ParsedPackages:
        return collect(path, data, _read)
"""

from collections.abc import Callable, Iterable
from typing import Any

from seawall.formats.purl import PurlError, build
from seawall.model.package import Package, ParsedPackages
from seawall.model.resource import Unscanned

MAX_BYTES = 128 * 1024 * 1024
"""Largest file that is read. The biggest package databases and lockfiles in the wild are a tenth of it."""

MAX_PACKAGES = 200_000
"""Most packages of one file: ten times the largest lockfiles and distributions, a bound on memory of about 100 MB."""

MAX_PROBLEMS = 100
"""Most problems of one file that are reported."""

MAX_EDGES = 5_000_000
"""Most requirements of one file, a bound on time: lists of many packages of one name that require it would multiply."""

MAX_PARENTS = 32
"""Most requirers that a package names. The first tells the chain; a report with a thousand of them helps nobody."""

MAX_TEXT = 1024
"""Longest name, version or licence: registries refuse far shorter ones, and a longer one is an attack or a broken file."""

ECOSYSTEMS = {
    "apk": "Alpine",
    "bitnami": "Bitnami",
    "cargo": "crates.io",
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "deb": "Debian",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "opam": "opam",
    "pub": "Pub",
    "pypi": "PyPI",
    "rpm": "",
    "swift": "SwiftURL",
    "vcpkg": "vcpkg",
    "vscode-extension": "VSCode",
}
"""The OSV ecosystem of each purl type. That of distributions is refined when the distribution is known (``distributions``)."""


class MalformedError(ValueError):
    """The file, or what is left of it, cannot be read. `line` is 0 where there are no lines."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class PackageList:
    """The rows of one file, what requires what among them, and its problems."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.rooted = False
        """Whether the file says what is required directly; else `direct` stays unknown."""
        self._rows: list[dict[str, Any]] = []
        self._parents: list[list[int]] = []
        self._roots: set[int] = set()
        self._edges = 0
        self._unscanned: list[Unscanned] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self,
        type_: str,
        name: str,
        version: str,
        *,
        namespace: str = "",
        line: int = 0,
        qualifiers: dict[str, str] | None = None,
        licences: Iterable[str] = (),
        shown: str = "",
        shown_version: str = "",
        **fields: Any,
    ) -> int:
        """Add one package and return its number, or -1 where it is no package (said in the problems).

        `shown` is its name as its ecosystem writes it, where that is not `name` (``@angular/core``, ``group:artifact``), and
        `shown_version` its version, where the purl has another (rpm's epoch); `fields` are further fields of `Package`.
        """
        if len(self._rows) >= MAX_PACKAGES:
            raise MalformedError(f"names more than {MAX_PACKAGES:,} packages; the rest is not read", line)
        shown = shown or (f"{namespace}/{name}" if namespace else name)
        if len(shown) > MAX_TEXT or len(version) > MAX_TEXT:
            self.refuse(f"a name or version is longer than {MAX_TEXT:,} characters", line, path=fields.get("path", ""))
            return -1
        try:
            purl = build(type_, namespace, name, version, qualifiers)
        except (PurlError, UnicodeEncodeError) as error:
            self.refuse(f"{shown!r} is no package of the kind {type_}: {error}", line, path=fields.get("path", ""))
            return -1
        fields.setdefault("ecosystem", ECOSYSTEMS.get(type_, ""))
        stated = tuple(dict.fromkeys(text for text in licences if text and len(text) <= MAX_TEXT))
        self._rows.append(
            {
                "purl": purl,
                "name": shown,
                "version": shown_version or version,
                "path": self.path,
                "line": line,
                "licences": stated,
                **fields,
            }
        )
        self._parents.append([])
        return len(self._rows) - 1

    def require(self, parent: int, child: int) -> None:
        """Say that row `parent` requires row `child`; numbers of no row are passed over."""
        self._count_edge()
        if parent >= 0 and child >= 0 and parent != child:
            known = self._parents[child]
            if len(known) < MAX_PARENTS and parent not in known:
                known.append(parent)

    def root(self, child: int) -> None:
        """Say that what the file belongs to requires row `child` directly."""
        self._count_edge()
        self.rooted = True
        if child >= 0:
            self._roots.add(child)

    def root_where(self, is_direct: Callable[[str], bool]) -> None:
        """Say that what the file belongs to requires the packages directly of whose names `is_direct` holds, and no other."""
        self.rooted = True
        self._roots.update(number for number, row in enumerate(self._rows) if is_direct(row["name"]))

    def _count_edge(self) -> None:
        self._edges += 1
        if self._edges > MAX_EDGES:
            raise MalformedError(f"states more than {MAX_EDGES:,} requirements; the rest is not read")

    def scope(self, number: int, scope: str) -> None:
        """Set the scope of a row that was added before."""
        self._rows[number]["scope"] = scope

    def refuse(self, reason: str, line: int = 0, *, path: str = "") -> None:
        """Add a problem of the file, at `line` where it has lines. `path`: of another file that is read with it."""
        if len(self._unscanned) < MAX_PROBLEMS:
            path = path or self.path
            self._unscanned.append(Unscanned(f"{path}:{line}" if line else path, reason))
        elif len(self._unscanned) == MAX_PROBLEMS:
            self._unscanned.append(Unscanned(self.path, f"{MAX_PROBLEMS} problems: further ones are not listed"))

    def extend(self, other: ParsedPackages) -> None:
        """Take over what another parser said about a part of this file."""
        for package in other.packages:
            if len(self._rows) >= MAX_PACKAGES:
                raise MalformedError(f"names more than {MAX_PACKAGES:,} packages; the rest is not read")
            self._rows.append({field: getattr(package, field) for field in package.__struct_fields__})
            self._parents.append([])
        for problem in other.unscanned:
            if len(self._unscanned) < MAX_PROBLEMS:
                self._unscanned.append(problem)

    def finish(self) -> ParsedPackages:
        """Return the packages in the file's order, each once: the same purl at the same line is one."""
        packages: dict[tuple[str, str, int], Package] = {}
        for number, row in enumerate(self._rows):
            if self._parents[number]:
                row["parents"] = tuple(dict.fromkeys(self._rows[parent]["purl"] for parent in self._parents[number]))
            if self.rooted:
                row["direct"] = number in self._roots
            packages.setdefault((row["purl"], row["path"], row["line"]), Package(**row))
        return ParsedPackages(tuple(packages.values()), tuple(self._unscanned))


def collect(
    path: str, data: bytes, read: Callable[[PackageList, bytes], None], *, most: int = MAX_BYTES
) -> ParsedPackages:
    """Run `read` over `data`, whatever it is, and return what it found and what it could not read.

    Of more than `most` bytes nothing is read.
    """
    packages = PackageList(path)
    if len(data) > most:
        packages.refuse(f"is larger than {most // 1024 // 1024:,} MB and is not read")
        return packages.finish()
    try:
        read(packages, data)
    except MalformedError as error:
        packages.refuse(error.reason, error.line)
    except RecursionError:
        packages.refuse("is nested too deeply and is not read")
    return packages.finish()
