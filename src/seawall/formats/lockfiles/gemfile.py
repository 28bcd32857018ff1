"""``Gemfile.lock`` (and ``gems.locked``) of Bundler: sections of indented lines.

``GEM`` and ``GIT`` list gems at four spaces, what they require at six; ``DEPENDENCIES`` is what the Gemfile asks for. ``PATH``
are the repository's own gems. Bundler does not write groups, so `scope` is empty.
"""

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import PackageList, collect
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked gems, what requires what, and what is asked for directly."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    numbers: dict[str, list[int]] = {}
    wants: list[tuple[list[int], str]] = []
    asked: list[str] = []
    section, current = "", [-1]
    for line, text in enumerate(split_lines(data), 1):
        stripped = text.strip()
        if not stripped:
            continue
        indent = len(text) - len(text.lstrip(" "))
        if indent == 0:
            section = stripped
        elif section in ("GEM", "GIT", "PATH", "PLUGIN SOURCE") and indent == 4:
            name, version, platform = _gem(stripped)
            own = section == "PATH"
            if not own and not (name and version):
                packages.refuse(f"is no gem with a version: {stripped[:100]!r}", line)
            current = [-1]
            if name and version and not own:
                current = [packages.add("gem", name, version, line=line, qualifiers={"platform": platform})]
                numbers.setdefault(name, []).extend(current)
            elif own:
                current = []  # what the repository's own gem requires is required directly
        elif section in ("GEM", "GIT", "PATH", "PLUGIN SOURCE") and indent == 6:
            wants.append((current, stripped.partition(" ")[0]))
        elif section == "DEPENDENCIES" and indent == 2:
            packages.rooted = True
            asked.append(stripped.partition(" ")[0].removesuffix("!"))
    for parents, name in wants:
        for child in numbers.get(name, ()):
            if parents:
                packages.require(parents[0], child)
            else:
                packages.root(child)
    for name in asked:
        for child in numbers.get(name, ()):
            packages.root(child)


def _gem(text: str) -> tuple[str, str, str]:
    """Return name, version and platform of ``nokogiri (1.15.4-x86_64-linux)``; a gem's version has no dash of its own."""
    name, _, rest = text.partition(" (")
    version, _, platform = rest.removesuffix(")").partition("-")
    return name, version, platform
