"""What ``seawall.yaml`` and the command line say together: the choice of rules, the gate, the declared suppressions.

The command line wins: its ``--rules`` replaces the file's rule sets, its gate options replace the file's, its ``--skip`` adds,
and a rule that ``--only`` names runs even where the file skips it.
"""

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from seawall.model.configuration import Configuration, Gate
from seawall.model.errors import UsageError
from seawall.model.field_path import FieldPath
from seawall.model.rule import Rule
from seawall.model.suppression import SuppressionForm
from seawall.model.taxonomy import Stage
from seawall.policy.select import RULE_SETS, is_named
from seawall.sources.scan_root import find_configuration, read_configuration
from seawall.stages.rule_sets import RuleChoice

if TYPE_CHECKING:
    from seawall.formats.configuration import ConfigurationFile
    from seawall.sources.manifests import ReadOptions

REGISTRY_RULE = "untrusted-registry"
"""The rule that ``allowedRegistries`` turns on, and its parameter."""
REGISTRY_PARAMETER = "allowed"

_WORDS = {bool: "true or false", str: "a string", list: "a list", dict: "a map", int: "a number", float: "a number"}


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration in force. `path` is as the user would name it; both are None where there is none.

    `directory` is the real one in which the file (or the link to it) stands: paths in it are relative to that.
    """

    path: str | None = None
    file: "ConfigurationFile | None" = None
    directory: str | None = None

    @property
    def configuration(self) -> Configuration | None:
        """What the file says."""
        return self.file.configuration if self.file else None


def load(explicit: str | None, targets: Sequence[str]) -> Configured:
    """Return the configuration that `explicit` names, or the one that the targets find.

    Raises `UsageError` for an explicit file that does not exist, and with ``path:line`` for what is wrong in it.
    """
    path = explicit if explicit is not None else find_configuration(targets)
    if path is None:
        return Configured()
    from seawall.formats.configuration import parse

    data = read_configuration(path)
    return Configured(path=path, file=parse(path, data), directory=os.path.realpath(os.path.dirname(path)))


def run_stage(choice: RuleChoice, *, live: bool) -> Stage:
    """Return the stage of a run: the one that ``--stage`` names, else runtime for a cluster and deploy for files."""
    if len(choice.stages) == 1:
        return choice.stages[0]
    return Stage.RUNTIME if live else Stage.DEPLOY


def configure_rules(choice: RuleChoice, configured: Configured, stage: Stage) -> RuleChoice:
    """Return the command line's `choice` with what it leaves open filled in from the file."""
    configuration = configured.configuration
    if configuration is None:
        return choice
    everywhere, here = configuration.rules, configuration.stages.of(stage).rules
    sets = here.sets if here.sets is not None else everywhere.sets
    params: dict[str, Mapping[str, Any]] = {}
    if configuration.allowed_registries is not None:
        params[REGISTRY_RULE] = {REGISTRY_PARAMETER: configuration.allowed_registries}
    for source in (everywhere.params, here.params, choice.params):
        for rule, values in source.items():
            params[rule] = {**params.get(rule, {}), **values}
    return msgspec.structs.replace(
        choice,
        rules=choice.rules or tuple(_resolve(name, configured.directory) for name in sets or ()),
        also=(REGISTRY_RULE,) if configuration.allowed_registries is not None and not choice.rules else (),
        left_out=(*everywhere.skip, *here.skip),
        params=params,
    )


def _resolve(name: str, directory: str | None) -> str:
    return name if name in RULE_SETS or directory is None else os.path.join(directory, name)


def gate_of(configured: Configured, stage: Stage) -> Gate:
    """Return the file's gate for `stage`, with the baseline's path made absolute."""
    configuration = configured.configuration
    if configuration is None or configured.directory is None:
        return Gate()
    everywhere, here = configuration.gate, configuration.stages.of(stage).gate
    baseline = here.baseline or everywhere.baseline
    return Gate(
        fail_on=here.fail_on or everywhere.fail_on,
        allow_unscanned=everywhere.allow_unscanned if here.allow_unscanned is None else here.allow_unscanned,
        baseline=os.path.join(configured.directory, baseline) if baseline else None,
    )


def configure_registries(reading: "ReadOptions", configured: Configured) -> "ReadOptions":
    """Return `reading` with what the file says of registries. The command line's mirrors come first, its authority counts."""
    configuration = configured.configuration
    if configuration is None or configured.directory is None:
        return reading
    said = configuration.registries
    authority = said.certificate_authority
    return msgspec.structs.replace(
        reading,
        insecure_registries=(*reading.insecure_registries, *said.insecure),
        registry_ca=reading.registry_ca or (os.path.join(configured.directory, authority) if authority else ""),
        registry_mirrors=(
            *reading.registry_mirrors,
            *(f"{host}={mirror}" for host, mirrors in said.mirrors.items() for mirror in mirrors),
        ),
    )


def suppression_forms(configured: Configured) -> frozenset[SuppressionForm]:
    """Return the forms in which suppressions count."""
    forms = configured.configuration.suppression_forms if configured.configuration else None
    return frozenset(SuppressionForm if forms is None else forms)


def protected_rules(configured: Configured, rules: Sequence[Rule]) -> frozenset[str]:
    """Return the ids of `rules` that ``mustNotSuppress`` names: no baseline accepts their findings either."""
    configuration = configured.configuration
    globs = configuration.must_not_suppress if configuration else ()
    return frozenset(rule.id for rule in rules if is_named(rule, globs))


def check_names(configured: Configured, known: Sequence[Rule]) -> None:
    """Refuse what names a rule or a parameter that does not exist, or gives a parameter a value of another type.

    Suppressions are left out: what is wrong with one is a finding. Raises `UsageError` with ``path:line``.
    """
    file = configured.file
    if file is None:
        return
    rules = {name: rule for rule in known for name in (rule.id, *rule.aliases)}
    configuration = file.configuration
    parts: list[tuple[FieldPath, Any]] = [(("rules",), configuration.rules)]
    parts += [(("stages", stage.value, "rules"), configuration.stages.of(stage).rules) for stage in Stage]
    for path, choice in parts:
        for index, glob in enumerate(choice.skip):
            _check_glob(file, (*path, "skip", index), glob, rules)
        for name, values in choice.params.items():
            _check_params(file, (*path, "params", name), values, {rule.id: rule for rule in known})
    for index, glob in enumerate(configuration.must_not_suppress):
        _check_glob(file, ("mustNotSuppress", index), glob, rules)


def _check_glob(file: "ConfigurationFile", path: FieldPath, glob: str, rules: Mapping[str, Rule]) -> None:
    if not any(fnmatchcase(name, glob) for name in rules):
        raise UsageError(f"{glob!r} is the name of no rule", place=file.place(path), remedy=_suggest(glob, rules))


def _check_params(
    file: "ConfigurationFile", path: FieldPath, values: Mapping[str, Any], rules: Mapping[str, Rule]
) -> None:
    rule = rules.get(str(path[-1]))
    if rule is None:
        remedy = _suggest(str(path[-1]), rules)
        raise UsageError(f"{str(path[-1])!r} is the name of no rule", place=file.place(path), remedy=remedy)
    for name, value in values.items():
        if name not in rule.params:
            there = ", ".join(sorted(rule.params)) or "none"
            raise UsageError(
                f"the rule {rule.id} has no parameter {name!r}",
                place=file.place((*path, name)),
                remedy=f"its parameters: {there}",
            )
        expected = type(rule.params[name])
        if expected in _WORDS and not _fits(value, expected):
            raise UsageError(
                f"the parameter {name} of {rule.id} is {_WORDS[expected]}", place=file.place((*path, name))
            )


def _fits(value: Any, expected: type) -> bool:
    if expected in (int, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, expected)


def _suggest(name: str, rules: Mapping[str, Rule]) -> str:
    from difflib import get_close_matches  # only for the message: start-up time

    close = get_close_matches(name, rules, n=1)
    return f"did you mean {close[0]}?" if close else "`seawall rules list` shows them"
