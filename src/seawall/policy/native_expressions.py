"""A rule's logic in the form that ``ValidatingAdmissionPolicy`` has for it (docs/adr/0007).

A rule sees a fact as ``object``, may walk a list with ``each``, and gives one verdict an item; a native policy sees the admitted
object and gives one verdict a validation. So the fact's fields become composed variables, the items that fail become a variable
of their own, a validation holds when there are none, and its message joins theirs with ``'; '``, in the list's order.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from seawall.cel.checked import Call, Ident, Node, Select, decode
from seawall.cel.errors import CompileError
from seawall.cel.rewrite import replace_identifiers
from seawall.cel.scopes import children, free_variables
from seawall.model.errors import RuleError
from seawall.model.field_path import FieldPath
from seawall.model.rule import Rule, Validation
from seawall.policy.compile import RULE_ENVIRONMENT, parse_each
from seawall.policy.compiled import Each
from seawall.policy.load import literal

SEPARATOR = "; "
"""Between the messages of several failing items, natively and wherever a scan's findings are told as one sentence."""

_NAMES = frozenset(RULE_ENVIRONMENT.variables)

# Words that CEL keeps for itself (langdef, "Identifiers"): a field may have such a name, a composed variable may not.
_RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"}
    | {"namespace", "null", "package", "return", "true", "var", "void", "while"}
)


class NativeLogic(msgspec.Struct, frozen=True, kw_only=True):
    """What decides: composed `variables` in the order in which they build on each other, and `validations`; both as the
    fields of a native policy."""

    variables: list[dict[str, str]]
    validations: list[dict[str, str]]


def write_logic(rule: Rule, params: Mapping[str, Any], fact_fields: Mapping[str, str]) -> NativeLogic:
    """Return the logic of `rule` with its own parameters overridden by `params`, over the admitted ``object``.

    `fact_fields` are the fields of the fact that the rule looks at as CEL, empty for a rule on resources. Raises `RuleError`
    where the rule uses its fact in a way that has no such form.
    """
    return _Writer(rule, params, fact_fields).write()


class _Writer:
    def __init__(self, rule: Rule, params: Mapping[str, Any], fact_fields: Mapping[str, str]) -> None:
        self._rule = rule
        self._fact_fields = {_variable_name(name): expression for name, expression in fact_fields.items()}
        self._mapping = {f"params.{name}": literal(value) for name, value in {**rule.params, **params}.items()}
        self._mapping |= {f"object.{name}": f"variables.{_variable_name(name)}" for name in fact_fields}
        self._variables = dict(self._fact_fields)
        """By name, in order; what nothing uses is left out in the end."""

    def write(self) -> NativeLogic:
        rule = self._rule
        for variable in rule.variables:
            self._add_variable(variable.name, self._rewrite(variable.expression))
        conditions = [self._rewrite(condition.expression) for condition in rule.match_conditions]
        each = parse_each(rule)
        validations = []
        for index, validation in enumerate(rule.validations):
            test = self._rewrite(validation.expression)
            if each is None:
                written = self._whole(validation, conditions, test)
            else:
                written = self._itemwise(validation, conditions, test, each, f"failing{index + 1 if index else ''}")
            validations.append(written)
        return NativeLogic(variables=self._used_variables(validations), validations=validations)

    def _add_variable(self, name: str, expression: str) -> None:
        """Make `expression` a composed variable, or put it in place: where it depends on the item, which no composed variable
        can, and where it is an optional, which cel-go does not select from once it has been composed."""
        own = _variable_name(name)
        is_optional = _tree(expression).type.startswith("optional_type")
        if own in self._variables or is_optional or self._free(expression) & {"item", "parent"}:
            self._mapping[f"variables.{name}"] = f"({expression})"
        else:
            self._mapping[f"variables.{name}"] = f"variables.{own}"
            self._variables[own] = expression

    def _rewrite(self, text: str) -> str:
        """Return `text` over the admitted object: parameters as literals, the fact's fields as variables."""
        try:
            text = replace_identifiers(text, self._mapping, RULE_ENVIRONMENT)
        except CompileError as error:
            raise RuleError(f"does not compile: {error}", place=f"rule {self._rule.id}") from error
        if self._fact_fields and "object" in self._free(text):
            raise RuleError(
                f"{text!r} uses the fact as a whole, which has no native form", place=f"rule {self._rule.id}"
            )
        return text

    def _whole(self, validation: Validation, conditions: Sequence[str], test: str) -> dict[str, str]:
        parts = [*(_negate(condition) for condition in conditions), test]
        expression = " ||\n".join(_operand(part) for part in parts) if conditions else test
        written = {"expression": expression, "message": validation.message or self._rule.title}
        if validation.message_expression:
            written["messageExpression"] = self._rewrite(validation.message_expression)
        return written

    def _itemwise(
        self, validation: Validation, conditions: Sequence[str], test: str, each: Each, name: str
    ) -> dict[str, str]:
        fails = " &&\n  ".join([*(_operand(condition, "_&&_") for condition in conditions), _negate(test)])
        outer = self._list(each.outer)
        message = self._rewrite(validation.message_expression) if validation.message_expression else ""
        if each.inner is None:
            self._variables[name] = f"{outer}.filter(item,\n  {fails})"
            messages = f"variables.{name}.map(item, {message})"
        else:
            inner = _path("parent", each.inner)
            self._variables[name] = (
                f"{outer}.map(parent, {{\n  'parent': dyn(parent),\n"
                f"  'items': dyn({inner}.filter(item,\n  {fails}))\n"
                "}).filter(found, size(found.items) > 0)"
            )
            if message:
                message = replace_identifiers(message, {"parent": "found.parent"}, RULE_ENVIRONMENT)
            messages = f"variables.{name}.map(found, found.items.map(item, {message}).join('{SEPARATOR}'))"
        written = {"expression": f"size(variables.{name}) == 0", "message": validation.message or self._rule.title}
        if message:
            written["messageExpression"] = f"{messages}.join('{SEPARATOR}')"
        return written

    def _list(self, path: FieldPath) -> str:
        if self._fact_fields:
            first = _variable_name(str(path[0]))
            return _path(f"variables.{first}", path[1:]) if len(path) > 1 else f"variables.{first}"
        # A required list that is empty, such as the rules of an aggregated ClusterRole, is null in the API server.
        optional = f"object{_steps(path)}"
        return f"({optional}.orValue(null) == null ? [] : {optional}.value())"

    def _used_variables(self, validations: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        users = [_tree(text) for one in validations for key, text in one.items() if key != "message"]
        used: set[str] = set()
        for name in reversed(self._variables):
            if any(_mentions(user, name) for user in users):
                used.add(name)
                users.append(_tree(self._variables[name]))
        return [
            {"name": name, "expression": expression} for name, expression in self._variables.items() if name in used
        ]

    def _free(self, text: str) -> set[str]:
        return free_variables(_tree(text), _NAMES)


def _tree(text: str) -> Node:
    return decode(RULE_ENVIRONMENT.front_end.compile(text).serialize()).root


def _mentions(node: Node, name: str) -> bool:
    """Say whether ``variables.<name>`` stands in `node`."""
    if isinstance(node, Select) and node.field == name:
        operand = node.operand
        if isinstance(operand, Ident) and operand.name == "variables":
            return True
    return any(_mentions(child, name) for child in children(node))


def _path(root: str, path: FieldPath) -> str:
    """Return the list at `path` below `root`, empty where a step of it is absent, as a scan takes it."""
    return f"{root}{_steps(path)}.orValue([])"


def _steps(path: FieldPath) -> str:
    return "".join(f".?{step}" if str(step).isidentifier() else f"[?{literal(step)}]" for step in path)


def _variable_name(name: str) -> str:
    return f"{name}_" if name in _RESERVED else name


def _function(text: str) -> str:
    root = _tree(text)
    return root.function if isinstance(root, Call) else ""


def _negate(text: str) -> str:
    """Return the opposite of `text`, without a double negation."""
    if _function(text) == "!_":
        return text.strip().removeprefix("!").strip()
    return f"!({text})"


def _operand(text: str, operator: str = "_||_") -> str:
    """Return `text` as an operand of ``||`` or ``&&``, in parentheses where it binds less."""
    weaker = {"_?_:_"} if operator == "_||_" else {"_?_:_", "_||_"}
    return f"({text})" if _function(text) in weaker else text
