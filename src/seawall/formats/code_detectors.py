"""Forms of source code that are worth a rule's look, as data: ``detectors/code/*.yaml``.

    detectors:
      - id: tls-verification-disabled     # what rules call it
        forms:
          - language: python              # javascript is JavaScript and TypeScript
            says: certificates are not verified     # {NAME} is what $NAME stands for
            keywords: [verify]            # a file without any of these words is not parsed
            option: verify=False          # how the place is described: see below
            of: ^requests\\.
            hits: ["requests.get(url, verify=False)"]
            misses: ["requests.get(url, verify=True)"]

A place is described by `patterns` (code with metavariables: ``$ONE``, ``$$$ANY``), by an ast-grep `rule` with `constraints`, or
as an `option`: a named argument, a key of an object, or a field of a struct, whose text matches; `of` is what is called with it.
`built` names metavariables that must be texts put together from parts, `variable` such that must not be literals, `tainted`
such that must come from a request (`facts.code_taint`). A test runs every hit and miss. `secret` hides the text in reports.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("python",),
    "javascript": ("javascript", "typescript", "tsx"),
    "go": ("go",),
    "java": ("java",),
}
"""The languages of ast-grep that a form's language stands for."""

_OPTION_KINDS: Final = {
    "python": ("keyword_argument", "pair"),
    "javascript": ("pair",),
    "go": ("keyed_element",),
    "java": ("element_value_pair",),
}
_CALLS: Final = {
    "python": ("call", "function", "arguments"),
    "javascript": ("call_expression", "function", "arguments"),
    "go": ("composite_literal", "type", "body"),
    "java": ("annotation", "name", "arguments"),
}
"""What an option is given to: its kind, and the fields that name it and that hold the options."""

_BUILT: Final[Mapping[str, list[dict[str, Any]]]] = {
    # A constant in capitals (a table's name) is not what an attacker chooses.
    "python": [
        {"kind": "string", "has": {"kind": "interpolation", "not": {"regex": r"^\{[A-Z_0-9.]+\}$"}}},
        {"kind": "binary_operator", "has": {"any": [{"kind": "string"}, {"kind": "binary_operator"}]}},
        {"kind": "call", "has": {"field": "function", "regex": r"^[rbuf]*[\"'][\s\S]*\.format$"}},
    ],
    "javascript": [
        {"kind": "template_string", "has": {"kind": "template_substitution", "not": {"regex": r"^\$\{[A-Z_0-9.]+\}$"}}},
        {"kind": "binary_expression", "has": {"any": [{"kind": "string"}, {"kind": "binary_expression"}]}},
    ],
    "go": [
        {
            "kind": "binary_expression",
            "has": {"any": [{"kind": "interpreted_string_literal"}, {"kind": "binary_expression"}]},
        },
        {"kind": "call_expression", "has": {"field": "function", "regex": r"^fmt\.Sprintf$"}},
    ],
    "java": [
        {"kind": "binary_expression", "has": {"any": [{"kind": "string_literal"}, {"kind": "binary_expression"}]}},
        {"kind": "method_invocation", "regex": r"^String\.format\("},
    ],
}
PLACE: Final = "AT"
"""The metavariable that stands for the place itself, where a form needs more around it."""

_LITERAL: Final = r"""^(?:[rbuRBU]{0,2}["'`][^$]*["'`]|-?[\d.]+|[A-Z][A-Z_0-9]*|True|False|None|null|nil|true|false)$"""


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form in one language. `also` are further words of which the file must have one; `unless` are words that clear it,
    `unless_above` a form of the lines above the place that does: a condition that the user must have asked for."""

    language: str
    says: str
    keywords: list[str]
    patterns: list[str] = []
    rule: dict[str, Any] = {}
    option: str = ""
    of: str = ""
    constraints: dict[str, dict[str, Any]] = {}
    built: list[str] = []
    variable: list[str] = []
    tainted: list[str] = []
    also: list[str] = []
    unless: list[str] = []
    unless_above: str = ""
    hits: list[str]
    misses: list[str] = []

    def config(self) -> Mapping[str, Any]:
        """Return what ast-grep searches for."""
        rule = self._rule()
        constraints: dict[str, Any] = {name: {"all": [value]} for name, value in self.constraints.items()}
        for name in self.built:
            constraints.setdefault(name, {"all": []})["all"].append({"any": _BUILT[self.language]})
        for name in self.variable:
            constraints.setdefault(name, {"all": []})["all"].append({"not": {"regex": _LITERAL}})
        return {"rule": rule, "constraints": constraints} if constraints else {"rule": rule}

    def may_be_in(self, text: str) -> bool:
        """Say whether `text` has the words without which the form cannot stand in it."""
        return (
            any(word in text for word in self.keywords)
            and (not self.also or any(word in text for word in self.also))
            and not any(word in text for word in self.unless)
        )

    def _rule(self) -> dict[str, Any]:
        if self.patterns:
            return {"any": [{"pattern": _pattern(self.language, pattern)} for pattern in self.patterns]}
        if not self.option:
            return self.rule
        option: dict[str, Any] = {
            "any": [{"kind": kind} for kind in _OPTION_KINDS[self.language]],
            "regex": f"^{self.option}$",
        }
        if not self.of:
            return option
        # From the call down, never up: tree-sitter finds a node's parent from the root, which is slow in deep trees.
        kind, name, options = _CALLS[self.language]
        place = {"has": {"all": [option, {"pattern": f"${PLACE}"}]}}
        holder = {"any": [place, {"has": {"kind": "object", **place}}]} if self.language == "javascript" else place
        return {
            "kind": kind,
            "all": [{"has": {"field": name, "regex": self.of}}, {"has": {"field": options, **holder}}],
        }


def _pattern(language: str, pattern: str) -> str | dict[str, str]:
    if language == "go" and pattern.endswith(")"):  # a call that stands alone may be a conversion of types
        return {"context": f"package p\nfunc f() {{\n\t{pattern}\n}}", "selector": "call_expression"}
    return pattern


class Detector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rules name, in all the forms that it takes."""

    id: str
    forms: list[Form]
    secret: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    detectors: list[Detector]


def read_detectors(place: str, values: Iterable[Any]) -> Iterator[Detector]:
    """Yield the detectors of the documents `values` of the file at `place`. Raises `ValueError` with the place."""
    for value in values:
        try:
            read = msgspec.convert(value, _File)
        except msgspec.ValidationError as error:
            raise ValueError(f"{place}: {error}") from None
        for detector in read.detectors:
            for form in detector.forms:
                described = [bool(form.patterns), bool(form.rule), bool(form.option)]
                if form.language not in FAMILIES or not form.keywords or described.count(True) != 1:
                    raise ValueError(
                        f"{place}: {detector.id}: needs a language, keywords, and patterns, a rule or an option"
                    )
            yield detector
