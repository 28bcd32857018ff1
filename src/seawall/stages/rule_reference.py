"""Everything that is to be said about rules, gathered: examples, frameworks, and whether they can be native policies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seawall.actions.write_files import write_files
from seawall.model.errors import UsageError
from seawall.model.framework import Framework
from seawall.model.rule import Rule
from seawall.policy.frameworks import parse_framework
from seawall.policy.load import RuleFolder
from seawall.reports import rule_pages
from seawall.reports.rule_facets import Snippet, first_document
from seawall.sources import framework_files, page_files, rule_folders
from seawall.stages import rule_sets


def frameworks() -> list[Framework]:
    """Return the shipped frameworks, sorted by id."""
    return [parse_framework(name, data) for name, data in framework_files.read()]


def find_rule(name: str) -> Rule:
    """Return the shipped rule with the id or alias `name`.

    Raises `UsageError` with the nearest names where there is none.
    """
    rules = rule_sets.shipped_rules()
    for rule in rules:
        if name == rule.id or name in rule.aliases:
            return rule
    raise UsageError(f"there is no rule {name!r}", remedy=suggest(name, [rule.id for rule in rules]))


def suggest(name: str, known: Sequence[str]) -> str:
    """Return the way out of a misspelt rule id: the nearest ids, those that hold its words included."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3, cutoff=0.6)
    near += [one for one in known if name and name in one and one not in near][:3]
    return f"did you mean {', '.join(near)}?" if near else "`seawall rules list` shows them"


def examples_of(folder: RuleFolder) -> dict[str, Snippet]:
    """Return the first bad and the first good example of the rule in `folder`. Raises `RuleError` where one cannot be read."""
    found: dict[str, Snippet] = {}
    for kind in ("bad", "good"):
        name = folder.example_names(kind)[0]
        data = rule_folders.read_file(Path(folder.place) / name)
        found[kind] = first_document(name, data.decode("utf-8", "backslashreplace"))
    return found


def is_shipped(name: str) -> bool:
    """Say whether `name` is the id or alias of a shipped rule."""
    return any(name == rule.id or name in rule.aliases for rule in rule_sets.shipped_rules())


def path_of(rule: Rule) -> Path:
    """Return where the folder of a shipped rule is."""
    return rule_folders.SHIPPED / rule.layer / rule.id


def folder_of(rule: Rule) -> RuleFolder:
    """Return the folder of a shipped rule."""
    (folder,) = rule_folders.read(path_of(rule))
    return folder


def pages(not_native: Mapping[str, str]) -> dict[str, str]:
    """Return the generated reference pages of the shipped rules by path below the documentation's folder."""
    folders = {folder.id: folder for folder in rule_folders.read(rule_folders.SHIPPED)}
    entries = [
        rule_pages.RuleEntry(rule=rule, examples=examples_of(folders[rule.id]), not_native=not_native.get(rule.id, ""))
        for rule in rule_sets.shipped_rules()
    ]
    return rule_pages.render(entries, frameworks())


def compare_pages(folder: Path, pages: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return, sorted, each page below `folder` that is not as it should be: ``missing``, ``stale`` or ``left over``.

    The generated folders hold nothing but generated pages, so any other page in them is left over.
    """
    present = page_files.read(folder, rule_pages.FOLDERS)
    found = [(path, "missing") for path in pages if path not in present]
    found += [(path, "stale") for path, text in pages.items() if path in present and present[path] != text]
    found += [(path, "left over") for path in present if path not in pages]
    return sorted(found)


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Make the generated folders below `folder` hold exactly `pages`. Raises `UsageError` where that cannot be written."""
    left_over = [path for path, state in compare_pages(folder, pages) if state == "left over"]
    write_files(folder, pages, left_over)
