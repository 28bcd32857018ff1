"""The fast form of a program: Python's native operations, chosen so that they raise wherever CEL would do something else.

Only types that are certain are relied on: those of literals, of comparisons and of functions with one result type, never the
checker's guess about `dyn` data. See `generate` for what happens when a native operation raises.
"""

from seawall.cel.checked import Call, Comprehension, Const, Ident, ListNode, MapNode, Node, Select
from seawall.cel.fast_calls import INLINE, result_type
from seawall.cel.generate import Unsupported, Writer
from seawall.cel.macros import Shape

_COMPARISONS = {
    "_<_": ("<", "less"),
    "_<=_": ("<=", "less_equal"),
    "_>_": (">", "greater"),
    "_>=_": (">=", "greater_equal"),
}
_NUMBERS = ("int", "uint", "double")


class FastWriter(Writer):
    """Writes the function `program`."""

    def kind(self, node: Node) -> str:
        """The type of a node as far as it is certain, otherwise `dyn`."""
        if isinstance(node, Const):
            return node.type
        if isinstance(node, Ident):
            return self.types.get(self.scope.get(node.name, ""), "dyn")
        if isinstance(node, Select):
            return "bool" if node.test else "dyn"
        if isinstance(node, ListNode):
            return "list"
        if isinstance(node, MapNode):
            return "map"
        if isinstance(node, Comprehension):
            macro, _ = self.loop(node, careful=False)
            kinds = {
                Shape.ALL: "bool",
                Shape.EXISTS: "bool",
                Shape.EXISTS_ONE: "bool",
                Shape.LIST: "list",
                Shape.BIND: "dyn",
            }
            return kinds.get(macro.shape, "map")
        if isinstance(node, Call):
            if node.function == "_?_:_":
                kinds_of = {self.kind(node.args[1]), self.kind(node.args[2])}
                return kinds_of.pop() if len(kinds_of) == 1 else "dyn"
            if node.function in ("_+_", "_-_", "_*_", "_/_", "_%_"):
                kinds_of = {self.kind(node.args[0]), self.kind(node.args[1])}
                if len(kinds_of) == 1 or "string" in kinds_of:
                    return "string" if "string" in kinds_of else kinds_of.pop()
                return "dyn"
            if node.function == "orValue" and node.target is not None:
                return "dyn"
            return result_type(node.function)
        return "dyn"

    def expression(self, node: Node) -> str:
        if isinstance(node, Const):
            return self.literal(node)
        if isinstance(node, Ident):
            return self.ident(node)
        if isinstance(node, Select):
            return self._select(node)
        if isinstance(node, ListNode):
            return self._list(node)
        if isinstance(node, MapNode):
            return self._map(node)
        if isinstance(node, Comprehension):
            return self._comprehension(node)
        if not isinstance(node, Call):
            raise Unsupported("unsupported expression", node)
        return self._call(node)

    def operand(self, node: Node) -> str:
        """`expression` for what a member is taken from: Python refuses `1.startswith`, so a literal is named."""
        inner = node
        while isinstance(inner, Call) and inner.function == "dyn":
            inner = inner.args[0]
        text = self.expression(node)
        if not isinstance(inner, Const | ListNode):
            return text
        name = self.fresh()
        self.emit(f"{name} = {text}")
        return name

    def truth(self, node: Node) -> str:
        """The expression for a node of which CEL demands a bool."""
        text = self.expression(node)
        if self.kind(node) == "bool":
            return text
        name = self.fresh()
        return f"({name} if ({name} := {text}) is True or {name} is False else {self.use('truth')}({name}))"

    def captured_truth(self, node: Node) -> tuple[str, list[str]]:
        """`truth` with the statements that must come before it, not yet emitted, one level deeper."""
        outer, self.lines = self.lines, []
        self.depth += 1
        try:
            text = self.truth(node)
        finally:
            statements, self.lines = self.lines, outer
            self.depth -= 1
        return text, statements

    def _call(self, node: Call) -> str:
        function, target, args = node.function, node.target, node.args
        if function in ("_&&_", "_||_"):
            return self._logic(node)
        if function == "_?_:_":
            return self._conditional(node)
        if function == "!_":
            return f"(not {self.truth(args[0])})"
        if function in ("_==_", "_!=_"):
            return self._equality(args[0], args[1], function == "_!=_")
        if function in _COMPARISONS:
            return self._comparison(node)
        if function == "_+_":
            return self._add(node)
        if function in ("_-_", "_*_") and self.kind(args[0]) == self.kind(args[1]) == "int":
            return f"{self.use('to_int')}({self.expression(args[0])} {function[1]} {self.expression(args[1])})"
        if function == "@in":
            return self._in(args[0], args[1])
        if function in ("or", "orValue", "hasValue", "value") and target is not None:
            from seawall.cel.generate_optionals import write_optional

            return write_optional(self, node, target)
        if function == "_[_]" and not self.is_chain(args[0]):
            if self.kind(args[1]) == "string":
                return f"{self.operand(args[0])}[{self.expression(args[1])}]"
            if isinstance(args[1], Const) and type(args[1].value) is int and args[1].value >= 0:
                name, place = self.fresh(), args[1].value
                slow = f"{self.use('index')}({name}, {place})"
                return f"({name}[{place}] if ({name} := {self.expression(args[0])}).__class__ is list else {slow})"
        if function in ("_?._", "_[?_]") and self.is_chain(node):
            text, name = self.chain(node, self.use("MISSING")), self.fresh()
            return f"({self.use('NONE')} if ({name} := {text}) is {self.use('MISSING')} else {self.use('Optional')}({name}))"
        operands = ([target] if target is not None else []) + args
        inline = INLINE.get((function, len(operands)))
        if inline is not None:
            written: str | None = inline(self, operands)
            if written is not None:
                return written
        name = self.call(function, len(operands), target is not None, node)
        return f"{name}({', '.join([self.expression(operand) for operand in operands])})"

    def _select(self, node: Select) -> str:
        if self.is_chain(node.operand):
            inner = self.chain(node.operand, self.use("EMPTY"))
            missing = self.use("MISSING")
            if node.test:
                return f"({inner}.get({node.field!r}, {missing}) is not {missing})"
            name = self.fresh()
            text = f"{inner}.get({node.field!r}, {missing})"
            return f"({self.use('NONE')} if ({name} := {text}) is {missing} else {self.use('Optional')}({name}))"
        operand = self.operand(node.operand)
        if node.test:
            if self.kind(node.operand) == "map":
                return f"({node.field!r} in {operand})"
            missing = self.use("MISSING")
            return f"({operand}.get({node.field!r}, {missing}) is not {missing})"
        return f"{operand}[{node.field!r}]"

    def is_chain(self, node: Node) -> bool:
        """Whether a node is `a.?b`, `a[?'b']`, or `.c` and `['c']` on one of these: an optional found by string keys."""
        if isinstance(node, Call):
            if node.function == "_?._":
                return True
            if node.function in ("_[?_]", "_[_]") and self.kind(node.args[1]) == "string":
                return node.function == "_[?_]" or self.is_chain(node.args[0])
        return isinstance(node, Select) and not node.test and self.is_chain(node.operand)

    def chain(self, node: Node, default: str) -> str:
        """The value that an optional of `is_chain` holds, or the Python expression `default` where it is empty."""
        if isinstance(node, Select):
            base, key = node.operand, repr(node.field)
        elif isinstance(node, Call):
            base, key = node.args[0], self.expression(node.args[1])
        else:
            raise TypeError(f"{type(node).__name__} is no chain of optional fields")
        inner = self.chain(base, self.use("EMPTY")) if self.is_chain(base) else self.operand(base)
        return f"{inner}.get({key}, {default})"

    def _logic(self, node: Call) -> str:
        word = "and" if node.function == "_&&_" else "or"
        left = self.truth(node.args[0])
        if left == str(word == "and"):  # a rule's parameter, known when it was compiled
            return self.truth(node.args[1])
        right, before = self.captured_truth(node.args[1])
        if not before:
            return f"({left} {word} {right})"
        name = self.fresh("r")
        self.emit(f"{name} = {left}")
        self.emit(f"if {'' if word == 'and' else 'not '}{name}:")
        self.lines += before
        self.emit(f"    {name} = {right}")
        return name

    def _conditional(self, node: Call) -> str:
        condition = self.truth(node.args[0])
        yes, before_yes = self.captured(node.args[1])
        no, before_no = self.captured(node.args[2])
        if not before_yes and not before_no:
            return f"({yes} if {condition} else {no})"
        name = self.fresh("r")
        self.emit(f"if {condition}:")
        self.lines += before_yes
        self.emit(f"    {name} = {yes}")
        self.emit("else:")
        self.lines += before_no
        self.emit(f"    {name} = {no}")
        return name

    def _equality(self, a: Node, b: Node, negated: bool) -> str:
        if isinstance(a, Const) and not isinstance(b, Const):
            a, b = b, a
        word = "!=" if negated else "=="
        kinds = (self.kind(a), self.kind(b))
        if kinds[0] == kinds[1] and kinds[0] in ("string", "int", "uint", "bool", "bytes", "null_type"):
            return f"({self.expression(a)} {word} {self.expression(b)})"
        if "string" in kinds or "bytes" in kinds or "null_type" in kinds:
            # Nothing of another type equals these, in Python as in CEL; `==` lets an unknown speak where `is` would not.
            return f"({self.expression(a)} {word} {self.expression(b)})"
        if "bool" in kinds:
            boolean, other = (a, b) if kinds[0] == "bool" else (b, a)
            name = self.fresh()
            text = f"(({name} := {self.expression(other)}) == {self.expression(boolean)} and {name}.__class__ is bool)"
            return f"(not {text})" if negated else text
        if isinstance(b, Const) and kinds[1] == "int" and abs(b.value) < 1 << 53:
            if b.value not in (0, 1):
                return f"({self.expression(a)} {word} {self.literal(b)})"
            name = self.fresh()
            text = f"(({name} := {self.expression(a)}) == {self.literal(b)} and {name}.__class__ is not bool)"
            return f"(not {text})" if negated else text
        text = f"{self.use('equals')}({self.expression(a)}, {self.expression(b)})"
        return f"(not {text})" if negated else text

    def _comparison(self, node: Call) -> str:
        operator, function = _COMPARISONS[node.function]
        a, b = node.args
        kinds = (self.kind(a), self.kind(b))
        if kinds[0] == kinds[1] and kinds[0] in ("int", "string", "uint", "bytes"):
            return f"({self.expression(a)} {operator} {self.expression(b)})"
        if kinds[1] == "int" and isinstance(b, Const):
            name = self.fresh()
            text = self.expression(a)
            slow = f"{self.use(function)}({name}, {self.literal(b)})"
            return f"({name} {operator} {self.literal(b)} if ({name} := {text}).__class__ is int else {slow})"
        return f"{self.use(function)}({self.expression(a)}, {self.expression(b)})"

    def _add(self, node: Call) -> str:
        a, b = node.args
        kinds = (self.kind(a), self.kind(b))
        if (_is_read(a) or _is_read(b)) and ("string" in kinds or (kinds == ("list", "list") and not self.loops)):
            return f"({self.expression(a)} + {self.expression(b)})"  # other types raise; one side is data, so growth is linear
        if kinds == ("int", "int"):
            return f"{self.use('to_int')}({self.expression(a)} + {self.expression(b)})"
        return f"{self.use('add')}({self.expression(a)}, {self.expression(b)})"

    def _in(self, item: Node, collection: Node) -> str:
        if isinstance(collection, ListNode) and collection.elements and not collection.optional:
            texts = [e.value for e in collection.elements if isinstance(e, Const) and isinstance(e.value, str)]
            if len(texts) == len(collection.elements):
                members = ", ".join(repr(text) for text in dict.fromkeys(texts))
                return f"({self.expression(item)} in {{{members}}})"
        if self.kind(item) == "string":
            if self.kind(collection) in ("list", "map"):
                return f"({self.expression(item)} in {self.expression(collection)})"
            key, name = self.expression(item), self.fresh()
            slow = f"{self.use('contains')}({key}, {name})"
            if isinstance(item, Const):
                text = self.expression(collection)
                return f"({key} in {name} if ({name} := {text}).__class__ in {self.use('CONTAINERS')} else {slow})"
        return f"{self.use('contains')}({self.expression(item)}, {self.expression(collection)})"

    def _list(self, node: ListNode) -> str:
        if not node.optional:
            return f"[{', '.join([self.expression(element) for element in node.elements])}]"
        parts = []
        for place, element in enumerate(node.elements):
            text = self.expression(element)
            parts.append(f"*{self.use('spread')}({text})" if place in node.optional else text)
        return f"[{', '.join(parts)}]"

    def _map(self, node: MapNode) -> str:
        if node.message:
            raise Unsupported(f"undeclared reference to '{node.message}'", node)
        if all(
            isinstance(key, Const) and isinstance(key.value, str) and not optional for key, _, optional in node.entries
        ):
            return "{" + ", ".join(f"{self.expression(k)}: {self.expression(v)}" for k, v, _ in node.entries) + "}"
        result = self.fresh("m")
        self.emit(f"{result} = {{}}")
        for key, value, optional in node.entries:
            put = self.use("set_optional_entry" if optional else "set_entry")
            self.emit(f"{put}({result}, {self.expression(key)}, {self.expression(value)})")
        return result

    def _comprehension(self, node: Comprehension) -> str:
        from seawall.cel.generate_loops import write_loop

        return write_loop(self, node)


def _is_read(node: Node) -> bool:
    """Whether the value of `node` is a literal or stands in the data: it cannot grow from step to step."""
    if isinstance(node, Call) and node.function == "orValue" and node.target is not None:
        return _is_read(node.args[0]) and isinstance(node.target, Select | Call)
    if isinstance(node, ListNode):
        return not node.elements
    return isinstance(node, Const) or (isinstance(node, Select) and not node.test)
