"""XML to a small tree with lines, for files of strangers.

expat does the reading. A document type declaration, which entities need, is refused, so nothing expands and nothing is fetched;
depth and number of elements are bounded. Namespaces are dropped from the names of elements: no file that is read here uses two.
"""

from xml.parsers import expat

import msgspec

from seawall.formats.package_list import MalformedError

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_BYTES = 32 * 1024 * 1024
MAX_TEXT = 65_536
"""Bounds that a hand-made project file does not come near."""


class Element(msgspec.Struct):
    """An element: its local name, its text (without that of children), its children, and the line where it begins.

    `attributes` are by the names as they are written, with their prefixes.
    """

    name: str
    line: int
    text: str = ""
    children: list["Element"] = []
    attributes: dict[str, str] = {}

    def child(self, *path: str) -> "Element | None":
        """Return the first element at `path`."""
        element: Element | None = self
        for name in path:
            if element is None:
                return None
            element = next((inner for inner in element.children if inner.name == name), None)
        return element

    def value(self, *path: str) -> str:
        """Return the text of the first element at `path` without the space around it, or the empty string."""
        found = self.child(*path)
        return found.text.strip() if found is not None else ""

    def all(self, *path: str) -> list["Element"]:
        """Return every element whose last step of `path` is reached through the first elements of the others."""
        *parents, name = path
        found = self.child(*parents)
        return [inner for inner in found.children if inner.name == name] if found is not None else []


def read_xml(data: bytes, *, most: int = MAX_ELEMENTS, without: frozenset[str] = frozenset()) -> Element:
    """Return the root element. Raises `MalformedError` with the line.

    Elements below the root that are called one of `without` are left out with all that is in them; of the others `most` are read.
    """
    if len(data) > MAX_BYTES:
        raise MalformedError(f"is larger than {MAX_BYTES // 1024 // 1024} MB and is not read")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("", 0)
    stack = [top]
    count = 0
    left_out = 0  # how many elements deep in one that is left out

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, left_out
        local = name.rpartition(":")[2]
        left_out += bool(left_out or (local in without and len(stack) > 1))
        count += not left_out
        if len(stack) > MAX_DEPTH or count > most:
            raise MalformedError("has too many elements, or nests them too deeply", parser.CurrentLineNumber)
        element = Element(local, parser.CurrentLineNumber, "", [], attributes)
        if not left_out:
            stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        nonlocal left_out
        stack.pop()
        left_out -= bool(left_out)

    def text(content: str) -> None:
        # Appending to an attribute copies: without the bound a text of some megabytes takes minutes.
        if len(stack[-1].text) < MAX_TEXT:
            stack[-1].text += content

    def declaration(*_: object) -> None:
        raise MalformedError(
            "declares a document type, which is not read: entities could expand", parser.CurrentLineNumber
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = declaration
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise MalformedError(f"is no XML: {expat.ErrorString(error.code)}", error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not know
        if isinstance(error, MalformedError):
            raise
        raise MalformedError(f"is no XML: {error}", 1) from error
    return top.children[0]
