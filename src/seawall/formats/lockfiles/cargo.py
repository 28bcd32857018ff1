"""``Cargo.lock`` of every version. A package without a source is of the workspace: what it requires is direct.

Cargo does not write which of these are for development, so `scope` is empty.
"""

from collections import defaultdict

from seawall.formats.lockfile_text import decode_toml, lines_of
from seawall.formats.package_list import PackageList, collect
from seawall.formats.untyped import tables, text, texts
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked crates, the workspace's own left out, and what requires what."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    entries = tables(decode_toml(data), "package")
    by_name: dict[str, list[int]] = defaultdict(list)
    by_version: dict[tuple[str, str], list[int]] = defaultdict(list)
    numbers = []
    for entry, line in zip(entries, lines_of(data, "[[package]]", len(entries)), strict=True):
        name, version = text(entry, "name"), text(entry, "version")
        number = -1
        if not name or not version:
            packages.refuse("a package has no name or no version", line)
        elif source := text(entry, "source"):
            number = packages.add("cargo", name, version, line=line, qualifiers=_origin(source))
            by_name[name].append(number)
            by_version[name, version].append(number)
        numbers.append(number)
    packages.rooted = True
    for entry, parent in zip(entries, numbers, strict=True):
        for required in texts(entry, "dependencies"):
            # "name", "name version" where several versions are locked, "name version (source)" where several sources are
            name, _, rest = required.partition(" ")
            version = rest.partition(" ")[0]
            for child in by_version.get((name, version), []) if version else by_name.get(name, []):
                if not text(entry, "source"):
                    packages.root(child)
                else:
                    packages.require(parent, child)


def _origin(source: str) -> dict[str, str]:
    """Advisories are about the public registry's crates: one from a repository says so in its purl."""
    return {"vcs_url": source} if source.startswith("git+") else {}
