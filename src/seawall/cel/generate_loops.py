"""Loops of the fast form: a comprehension becomes a `for` statement that stops as soon as its answer is known."""

from typing import TYPE_CHECKING

from seawall.cel.checked import Comprehension, Const, ListNode
from seawall.cel.macros import Macro, Shape

if TYPE_CHECKING:
    from seawall.cel.generate_fast import FastWriter


def write_loop(writer: "FastWriter", node: Comprehension) -> str:
    """Emit the loop of `node`; returns the expression for its result."""
    macro, _ = writer.loop(node, careful=False)
    if macro.shape is Shape.BIND:
        local = writer.fresh("b")
        writer.emit(f"{local} = {writer.expression(node.init)}")
        outer = writer.bind(node.accu, local, writer.kind(node.init))
        result = writer.named(node.result)
        writer.unbind(node.accu, outer)
        return result
    start = {Shape.ALL: "True", Shape.EXISTS: "False", Shape.EXISTS_ONE: "0", Shape.LIST: "[]"}
    result = writer.fresh("r")
    variable, second = writer.fresh("x"), writer.fresh("y")
    items = _items(writer, node, macro)
    writer.emit(f"{result} = {start.get(macro.shape, '{}')}")
    writer.emit(f"for {variable}{', ' + second if node.var2 else ''} in {items}:")
    outer = writer.bind(node.var, variable, _element_kind(macro))
    outer2 = writer.bind(node.var2, second) if node.var2 else None
    writer.depth += 1
    writer.loops += 1
    _body(writer, macro, result, variable)
    writer.depth -= 1
    writer.loops -= 1
    if outer2 is not None:
        writer.unbind(node.var2, outer2)
    writer.unbind(node.var, outer)
    return f"({result} == 1)" if macro.shape is Shape.EXISTS_ONE else result


def _items(writer: "FastWriter", node: Comprehension, macro: Macro) -> str:
    """The Python iterable that the loop runs through."""
    source = macro.source
    text = writer.expression(source)
    if node.var2:
        items = writer.fresh("i")
        writer.emit(f"{items} = list({writer.use('pairs')}({text}))")
    elif isinstance(source, ListNode) and not source.optional and all(isinstance(e, Const) for e in source.elements):
        return text
    else:
        items = text if text.isidentifier() else writer.fresh("i")
        if items != text:
            writer.emit(f"{items} = {text}")
        if writer.kind(source) != "list":
            held = items
            if not items.startswith("i"):
                items = writer.fresh("i")
                writer.emit(f"{items} = {held}")
            writer.emit(f"if {items}.__class__ is not list: {items} = {writer.use('elements')}({items})")
    writer.count(items)
    return items


def _element_kind(macro: Macro) -> str:
    if isinstance(macro.source, ListNode) and not macro.source.optional:
        kinds = {element.type if isinstance(element, Const) else "dyn" for element in macro.source.elements}
        if len(kinds) == 1:
            return kinds.pop()
    return "dyn"


def _body(writer: "FastWriter", macro: Macro, result: str, variable: str) -> None:
    condition = writer.truth(macro.condition) if macro.condition is not None else None
    if macro.shape in (Shape.ALL, Shape.EXISTS):
        decides = macro.shape is Shape.EXISTS
        writer.emit(f"if {'' if decides else 'not '}{condition}:")
        writer.emit(f"    {result} = {decides}")
        writer.emit("    break")
        return
    if condition is not None:
        writer.emit(f"if {condition}:")
        writer.depth += 1
    if macro.shape is Shape.EXISTS_ONE:
        writer.emit(f"{result} += 1")
    elif macro.element is not None:
        element = writer.expression(macro.element)
        if macro.shape is Shape.LIST:
            writer.emit(f"{result}.append({element})")
        elif macro.shape is Shape.MAP:
            writer.emit(f"{writer.use('insert')}({result}, {variable}, {element})")
        else:
            writer.emit(f"{writer.use('insert_all')}({result}, {element})")
    if condition is not None:
        writer.depth -= 1
