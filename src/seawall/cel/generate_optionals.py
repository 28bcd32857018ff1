"""Optionals of the fast form: most are made by `a.?b` and taken apart by the next call, so none needs to be built."""

from typing import TYPE_CHECKING

from seawall.cel.checked import Call, Const, ListNode, MapNode, Node

if TYPE_CHECKING:
    from seawall.cel.generate_fast import FastWriter


def write_optional(writer: "FastWriter", node: Call, target: Node) -> str:
    """The expression for `or`, `orValue`, `hasValue` or `value` of the optional `target`; statements are emitted first."""
    missing = writer.use("MISSING")
    if node.function == "hasValue":
        content = _content(writer, target)
        return (
            f"{writer.use('has_value')}({writer.expression(target)})"
            if content is None
            else f"({content} is not {missing})"
        )
    if node.function == "value":
        content = _content(writer, target)
        if content is None:
            return f"{writer.use('value_of')}({writer.expression(target)})"
        name = writer.fresh()
        return f"({name} if ({name} := {content}) is not {missing} else {writer.use('value_of')}({writer.use('NONE')}))"
    argument = node.args[0]
    if node.function == "orValue":
        return _or_value(writer, target, argument)
    content = _content(writer, node)
    if content is not None:
        name = writer.fresh()
        return f"({writer.use('NONE')} if ({name} := {content}) is {missing} else {writer.use('Optional')}({name}))"
    return _or_built(writer, target, argument, is_value=False)


def _or_value(writer: "FastWriter", target: Node, argument: Node) -> str:
    missing = writer.use("MISSING")
    empty = isinstance(argument, ListNode | MapNode) and not (
        argument.elements if isinstance(argument, ListNode) else argument.entries
    )
    if writer.is_chain(target):
        if isinstance(argument, Const):
            return writer.chain(target, writer.literal(argument))
        if empty:
            return writer.chain(target, writer.use("NO_ITEMS" if isinstance(argument, ListNode) else "EMPTY"))
    content = _content(writer, target)
    if content is None:
        return _or_built(writer, target, argument, is_value=True)
    name = writer.fresh()
    text, before = writer.captured(argument)
    if not before:
        return f"({name} if ({name} := {content}) is not {missing} else {text})"
    writer.emit(f"{name} = {content}")
    writer.emit(f"if {name} is {missing}:")
    writer.lines += before
    writer.emit(f"    {name} = {text}")
    return name


def _content(writer: "FastWriter", node: Node) -> str | None:
    """The expression for what an optional holds, or `MISSING`; None where the optional itself must be built."""
    missing = writer.use("MISSING")
    if writer.is_chain(node):
        return writer.chain(node, missing)
    if isinstance(node, Call) and node.function == "or" and node.target is not None:
        first = _content(writer, node.target)
        if first is None:
            return None
        outer, writer.lines = writer.lines, []
        second = _content(writer, node.args[0])
        before, writer.lines = writer.lines, outer
        if second is None or before:
            return None
        name = writer.fresh()
        return f"({name} if ({name} := {first}) is not {missing} else {second})"
    return None


def _or_built(writer: "FastWriter", target: Node, argument: Node, *, is_value: bool) -> str:
    """`or` and `orValue` on an optional that was built; both look at their argument only when it is empty."""
    name = writer.fresh()
    writer.emit(f"{name} = {writer.use('to_optional')}({writer.expression(target)})")
    writer.emit(f"if {name} is {writer.use('NONE')}:")
    text, before = writer.captured(argument)
    writer.lines += before
    if is_value:
        writer.emit(f"    {name} = {text}")
        writer.emit(f"else: {name} = {name}.content")
    else:
        writer.emit(f"    {name} = {writer.use('to_optional')}({text})")
    return name
