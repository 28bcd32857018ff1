"""Installed Ruby gems: ``specifications/*.gemspec``, as RubyGems writes them.

A gemspec is a Ruby program. RubyGems writes its own in one form, ``s.name = "rake".freeze``, and that form is read; nothing is
executed. A hand-written gemspec (``s.version = Foo::VERSION``) does not lie in ``specifications``.
"""

import re

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import PackageList, collect
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the one gem."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    fields: dict[str, list[str]] = {}
    first = 0
    for number, line in enumerate(split_lines(data), 1):
        owner, dot, rest = line.strip().partition(".")
        key, equals, value = rest.partition("=")
        if dot and equals and owner in ("s", "spec", "gem") and (key := key.strip()) in _WANTED:
            fields.setdefault(key, _strings(value))
            first = first or (number if key == "name" else 0)
    name, version, platform = (next(iter(fields.get(key, ())), "") for key in ("name", "version", "platform"))
    if not name or not version:
        packages.refuse("the gemspec does not state its name and version as text", first or 1)
        return
    packages.add(
        "gem",
        name,
        version,
        line=first,
        qualifiers={"platform": platform if platform != "ruby" else ""},
        licences=fields.get("licenses", fields.get("license", ())),
    )


_QUOTED = re.compile(r"""\"([^\"]*)\"|'([^']*)'""")
_WANTED = frozenset(("name", "version", "platform", "licenses", "license"))


def _strings(text: str) -> list[str]:
    """Return the quoted strings of one line of Ruby, without escapes: names and versions have none."""
    return [double or single for double, single in _QUOTED.findall(text)]
