"""Which variables of the environment an expression reads."""

from collections.abc import Iterator

from seawall.cel.checked import Call, Comprehension, Ident, ListNode, MapNode, Node, Select


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node."""
    if isinstance(node, Select):
        yield node.operand
    elif isinstance(node, Call):
        if node.target is not None:
            yield node.target
        yield from node.args
    elif isinstance(node, ListNode):
        yield from node.elements
    elif isinstance(node, MapNode):
        for key, value, _ in node.entries:
            yield key
            yield value
    elif isinstance(node, Comprehension):
        yield from (node.range, node.init, node.condition, node.step, node.result)


def free_variables(node: Node, names: frozenset[str]) -> set[str]:
    """Those of `names` that `node` reads and that no comprehension within it hides."""
    if isinstance(node, Ident):
        return {node.name} & names
    if isinstance(node, Comprehension):
        found = free_variables(node.range, names) | free_variables(node.init, names)
        found |= free_variables(node.result, names - {node.accu})
        inner = names - {node.accu, node.var, node.var2}
        return found | free_variables(node.condition, inner) | free_variables(node.step, inner)
    found = set[str]()
    for child in children(node):
        found |= free_variables(child, names)
    return found
