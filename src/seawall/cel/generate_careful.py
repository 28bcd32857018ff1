"""The exact form of a program: every operation checks its operands, and errors and unknowns are absorbed where CEL says so."""

from seawall.cel.checked import Call, Comprehension, Const, Ident, ListNode, MapNode, Node, Select
from seawall.cel.generate import Unsupported, Writer
from seawall.cel.macros import Shape

_OPTIONAL_OR = ("or", "orValue")
# Operators and functions whose "no such overload" does not name them, in cel-go as here.
_OPERATORS = "!_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in _[_] _[?_] _?._ _+_ _-_ _*_ _/_ _%_ -_"
UNNAMED = frozenset((*_OPERATORS.split(), "startsWith", "endsWith", "contains", "matches"))


class CarefulWriter(Writer):
    """Writes the function `careful`."""

    def expression(self, node: Node) -> str:
        if isinstance(node, Const):
            return self.literal(node)
        if isinstance(node, Ident):
            return self.ident(node)
        if isinstance(node, Select):
            operation = self.use("has_field" if node.test else "select")
            return f"{operation}({self.expression(node.operand)}, {node.field!r})"
        if isinstance(node, ListNode):
            return self._list(node)
        if isinstance(node, MapNode):
            return self._map(node)
        if isinstance(node, Comprehension):
            return self._comprehension(node)
        if not isinstance(node, Call):
            raise Unsupported("unsupported expression", node)
        if node.function in ("_&&_", "_||_"):
            return self._logic(node)
        if node.function == "_?_:_":
            return self._conditional(node)
        if node.function in _OPTIONAL_OR and node.target is not None:
            return self._or(node)
        if node.function in ("_[?_]", "_[_]") and not isinstance(node.args[1], Const):
            return self._index(node)
        operands = ([node.target] if node.target is not None else []) + node.args
        function = self.call(node.function, len(operands), node.target is not None, node)
        texts = ", ".join(self._in_order(operands))
        if node.function in UNNAMED or (node.function in ("find", "findAll") and isinstance(node.args[0], Const)):
            return f"{function}({texts})"
        return f"{self.use('invoke')}({function}, {node.function!r}, {texts})"

    def _index(self, node: Call) -> str:
        """`a[b]` and `a[?b]`: where `a` is an empty optional, `b` is not looked at."""
        result = self.fresh("r")
        self.emit(f"{result} = {self.expression(node.args[0])}")
        self.emit(f"if {result} is not {self.use('NONE')}:")
        key, before = self.captured(node.args[1])
        self.lines += before
        function = self.call(node.function, 2, False, node)
        self.emit(f"    {result} = {function}({result}, {key})")
        return result

    def _in_order(self, nodes: list[Node]) -> list[str]:
        """The expressions for `nodes`, which run from left to right also where one of them needs statements before it."""
        texts: list[str] = []
        for node in nodes:
            text, before = self.captured(node, deeper=0)
            if before:
                texts = [self._held(earlier) for earlier in texts]
                self.lines += before
            texts.append(text)
        return texts

    def _held(self, text: str) -> str:
        if text.isidentifier():
            return text
        name = self.fresh()
        self.emit(f"{name} = {text}")
        return name

    def _logic(self, node: Call) -> str:
        """`&&` and `||`: an operand that decides wins over an error or unknown of the other; unknown wins over error."""
        result, fault = self.fresh("r"), self.fresh("f")
        decides = node.function == "_||_"
        faults, merge, truth = self.use("FAULTS"), self.use("merge_faults"), self.use("truth")
        self.emit(f"{fault} = None")
        left, before = self.captured(node.args[0])
        self.emit("try:")
        self.lines += before
        self.emit(f"    {result} = {truth}({left})")
        self.emit(f"except {faults} as e: {fault} = {merge}(None, e); {result} = {not decides}")
        self.emit(f"if {result} is {not decides}:")
        right, before = self.captured(node.args[1], deeper=2)
        self.emit("    try:")
        self.lines += before
        self.emit(f"        {result} = {truth}({right})")
        self.emit(f"    except {faults} as e: raise {merge}({fault}, e)")
        self.emit(f"    if {fault} is not None and {result} is {not decides}: raise {fault}")
        return result

    def _conditional(self, node: Call) -> str:
        result = self.fresh("r")
        condition = self.expression(node.args[0])
        self.emit(f"if {self.use('truth')}({condition}):")
        for branch, word in ((node.args[1], None), (node.args[2], "else:")):
            if word:
                self.emit(word)
            text, before = self.captured(branch)
            self.lines += before
            self.emit(f"    {result} = {text}")
        return result

    def _or(self, node: Call) -> str:
        """`or` and `orValue` look at their argument only when the optional is empty."""
        if node.target is None:
            raise TypeError(f"{node.function} has no target")
        result = self.fresh("r")
        self.emit(f"{result} = {self.use('to_optional')}({self.expression(node.target)})")
        self.emit(f"if {result} is {self.use('NONE')}:")
        text, before = self.captured(node.args[0])
        self.lines += before
        if node.function == "or":
            self.emit(f"    {result} = {self.use('to_optional')}({text})")
        else:
            self.emit(f"    {result} = {text}")
            self.emit(f"else: {result} = {result}.content")
        return result

    def _list(self, node: ListNode) -> str:
        if not node.optional:
            return f"[{', '.join(self._in_order(node.elements))}]"
        result = self.fresh("l")
        self.emit(f"{result} = []")
        for place, element in enumerate(node.elements):
            text = self.expression(element)
            if place in node.optional:
                item = self.fresh()
                self.emit(f"{item} = {self.use('unwrap_entry')}({text})")
                self.emit(f"if {item} is not {self.use('NONE')}: {result}.append({item}.content)")
            else:
                self.emit(f"{result}.append({text})")
        return result

    def _map(self, node: MapNode) -> str:
        if node.message:
            raise Unsupported(f"undeclared reference to '{node.message}'", node)
        result = self.fresh("m")
        self.emit(f"{result} = {{}}")
        put = self.use("set_entry")
        for key, value, optional in node.entries:
            key_text = self.named(key)
            text = self.expression(value)
            if optional:
                item = self.fresh()
                self.emit(f"{item} = {self.use('unwrap_entry')}({text})")
                self.emit(f"if {item} is not {self.use('NONE')}: {put}({result}, {key_text}, {item}.content)")
            else:
                self.emit(f"{put}({result}, {key_text}, {text})")
        return result

    def _comprehension(self, node: Comprehension) -> str:
        macro, _ = self.loop(node, careful=True)
        if macro.shape is Shape.BIND:
            return self._bind(node)
        result, fault = self.fresh("r"), self.fresh("f")
        variable, second = self.fresh("x"), self.fresh("y")
        items = self.fresh("i")
        self.emit(f"{items} = list({self.use('pairs' if node.var2 else 'elements')}({self.expression(macro.source)}))")
        self.count(items)
        start = {Shape.ALL: "True", Shape.EXISTS: "False", Shape.EXISTS_ONE: "0", Shape.LIST: "[]"}
        self.emit(f"{result} = {start.get(macro.shape, '{}')}")
        quantifier = macro.shape in (Shape.ALL, Shape.EXISTS)
        if quantifier:
            self.emit(f"{fault} = None")
        self.emit(f"for {variable}{', ' + second if node.var2 else ''} in {items}:")
        outer = self.bind(node.var, variable)
        outer2 = self.bind(node.var2, second) if node.var2 else None
        self.depth += 1
        self.loops += 1
        condition = macro.condition
        if quantifier and condition is not None:
            self._quantifier(condition, result, fault, macro.shape is Shape.EXISTS)
        else:
            if condition is not None:
                self.emit(f"if not {self.use('truth')}({self.expression(condition)}): continue")
            if macro.shape is Shape.EXISTS_ONE:
                self.emit(f"{result} += 1")
            elif macro.element is not None:
                element = self.expression(macro.element)
                if macro.shape is Shape.LIST:
                    self.emit(f"{result}.append({element})")
                elif macro.shape is Shape.MAP:
                    self.emit(f"{self.use('insert')}({result}, {variable}, {element})")
                else:
                    self.emit(f"{self.use('insert_all')}({result}, {element})")
        self.depth -= 1
        self.loops -= 1
        if outer2 is not None:
            self.unbind(node.var2, outer2)
        self.unbind(node.var, outer)
        if quantifier:
            undecided = "not " if macro.shape is Shape.EXISTS else ""
            self.emit(f"if {fault} is not None and {undecided}{result}: raise {fault}")
        return f"({result} == 1)" if macro.shape is Shape.EXISTS_ONE else result

    def _quantifier(self, condition: Node, result: str, fault: str, decides: bool) -> None:
        """One round of `all` or `exists`: an error is kept until an element decides."""
        self.emit("try:")
        text, before = self.captured(condition)
        self.lines += before
        self.emit(f"    if {self.use('truth')}({text}) is {decides}: {result} = {decides}; break")
        self.emit(f"except {self.use('FAULTS')} as e: {fault} = {self.use('merge_faults')}({fault}, e)")

    def _bind(self, node: Comprehension) -> str:
        local = self.fresh("b")
        self.emit(f"{local} = {self.expression(node.init)}")
        outer = self.bind(node.accu, local)
        result = self.named(node.result)
        self.unbind(node.accu, outer)
        return result
