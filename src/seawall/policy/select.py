"""Which rules run: rule sets, layers, stages, and globs on ids.

A rule set is a name for a choice of rules. ``all`` holds every rule that is not deprecated; ``default`` those that name
it in ``sets``; the framework sets follow from a rule's ``maps``, so that a rule enters them by saying which control it serves.
"""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from seawall.model.errors import UsageError
from seawall.model.rule import Rule
from seawall.model.taxonomy import Layer, RuleStatus, Stage


def _pss_levels(rule: Rule) -> list[str]:
    level = rule.maps.get("pss", [])
    return [level] if isinstance(level, str) else level


RULE_SETS: dict[str, Callable[[Rule], bool]] = {
    "default": lambda rule: "default" in rule.sets,
    "pss-baseline": lambda rule: "baseline" in _pss_levels(rule),
    # The restricted level includes the baseline level (Pod Security Standards).
    "pss-restricted": lambda rule: bool(_pss_levels(rule)),
    "cis": lambda rule: any(name.startswith("cis-") for name in rule.maps),
    "nsa": lambda rule: "nsa" in rule.maps,
    "all": lambda rule: True,
}


def in_sets(rules: Iterable[Rule], sets: Sequence[str]) -> list[Rule]:
    """Return the rules of the named `sets`, without deprecated ones. Raises `UsageError` on an unknown name."""
    for name in sets:
        if name not in RULE_SETS:
            raise UsageError(f"there is no rule set {name!r}", remedy="the rule sets: " + ", ".join(RULE_SETS))
    return [
        rule
        for rule in rules
        if rule.status is not RuleStatus.DEPRECATED and any(RULE_SETS[name](rule) for name in sets)
    ]


def narrow(
    rules: Sequence[Rule],
    *,
    layers: Sequence[Layer] = (),
    stages: Sequence[Stage] = (),
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    without: Sequence[str] = (),
) -> list[Rule]:
    """Return the `rules` of one of `layers` and `stages` (empty: any) whose id or alias matches `only` and not `skip`.

    `without` are kinds of facts that the run does not collect: rules that look at one are left out.

    Raises `UsageError` for a glob in `only` or `skip` that names no rule: a misspelt id must not pass for a clean scan.
    """
    for option, globs in (("--only", only), ("--skip", skip)):
        for glob in globs:
            if not any(is_named(rule, (glob,)) for rule in rules):
                raise UsageError(
                    f"{option} {glob!r} matches no rule that was chosen", remedy="`seawall rules list` shows them"
                )
    chosen = [
        rule
        for rule in rules
        if (not layers or rule.layer in layers)
        and (not stages or any(stage in stages for stage in rule.stages))
        and (not only or is_named(rule, only))
        and not is_named(rule, skip)
        and not any(kind in without for kind in rule.match.facts)
    ]
    if rules and not chosen:
        raise UsageError(
            "the options leave no rule to judge by, and a scan without rules would pass anything",
            remedy="--layer, --stage, --only and --skip narrow what --rules chose; `seawall rules list` shows it",
        )
    return chosen


def is_named(rule: Rule, globs: Sequence[str]) -> bool:
    """Tell whether one of `globs` matches the rule's id, or is an alias of it.

    An old name is not matched by a pattern: who writes one asks for the rules that are called so today.
    """
    return any(fnmatchcase(rule.id, glob) or glob in rule.aliases for glob in globs)
