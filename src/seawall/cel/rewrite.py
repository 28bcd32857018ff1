"""Replace free variables of an expression by other text, at the exact places where the parser saw them.

String literals, comprehension variables of the same name and comments are left alone, since only places that the checked
tree names are touched. The exporter and the rule compiler put parameters and variables in place with it.
"""

import re
from collections.abc import Iterator, Mapping

from seawall.cel.checked import Comprehension, Ident, Node, Select
from seawall.cel.environment import Environment
from seawall.cel.program import check
from seawall.cel.scopes import children


def replace_identifiers(text: str, mapping: Mapping[str, str], environment: Environment) -> str:
    """Return `text` with each free ``name`` or ``name.field`` of `mapping` replaced by its value.

    ``name.field`` wins over ``name``. Raises `CompileError` where `text` does not compile in `environment`.
    """
    checked = check(text, environment)
    edits: dict[int, tuple[int, str]] = {}
    for name, field, node in _free(checked.root, None, frozenset()):
        start = checked.positions.get(node.id, -1)
        keys = (f"{name}.{field}", name) if field else (name,)
        for key in keys:
            if key not in mapping:
                continue
            found = re.compile(r"\s*\.\s*".join(map(re.escape, key.split(".")))).match(text, start)
            if start >= 0 and found:
                edits[start] = (found.end(), mapping[key])
                break
    for start in sorted(edits, reverse=True):
        end, replacement = edits[start]
        text = text[:start] + replacement + text[end:]
    return text


def _free(node: Node, field: str | None, hidden: frozenset[str]) -> Iterator[tuple[str, str | None, Ident]]:
    """Yield each variable that no comprehension hides, with the field that is selected from it, if any."""
    if isinstance(node, Ident):
        if node.name not in hidden:
            yield node.name, field, node
    elif isinstance(node, Select):
        yield from _free(node.operand, node.field, hidden)
    elif isinstance(node, Comprehension):
        inner = hidden | {node.accu, node.var, node.var2}
        yield from _free(node.range, None, hidden)
        yield from _free(node.init, None, hidden)
        for part in (node.condition, node.step, node.result):
            yield from _free(part, None, inner)
    else:
        for child in children(node):
            yield from _free(child, None, hidden)
