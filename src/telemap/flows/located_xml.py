"""XML that remembers the line of each element; nothing of it is fetched or expanded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from telemap.model.declared import Problem

MOST_BYTES = 64 * 2**20


@dataclass(slots=True)
class Element:
    """An element without its namespace; the text is that before its first child."""

    name: str
    attributes: dict[str, str]
    line_number: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def named(self, *names: str) -> Iterator[Element]:
        """The children of these names."""
        return (child for child in self.children if child.name in names)

    def text_at(self, *path: str) -> str | None:
        """The text of the first element on a path of names, stripped; None where there is no such element."""
        found = self
        for name in path:
            first = next(found.named(name), None)
            if first is None:
                return None
            found = first
        return found.text.strip()

    def walked(self, name: str) -> Iterator[Element]:
        """The element and those of this name that lie in it, directly or in each other, as the document has them."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(list(element.named(name)))


def read_xml(data: bytes, file_path: str) -> Element | Problem:
    """The outermost element of a document, or why there is none."""
    if len(data) > MOST_BYTES:
        reason = f"it has {len(data)} bytes, of which {MOST_BYTES} are read at most"
        return Problem(file_path, 1, "file is too large", reason, "split it into one file for each flow")
    outermost = Element("", {}, 1)
    opened = [outermost]
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(name: str, attributes: dict[str, str]) -> None:
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(" ")[2], local, parser.CurrentLineNumber)
        opened[-1].children.append(element)
        opened.append(element)

    def add(text: str) -> None:
        if not opened[-1].children:
            opened[-1].text += text

    def refuse(*_: object) -> None:
        raise _EntityError

    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = begin, add
    parser.EndElementHandler = lambda _: opened.pop() and None
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = f"column {error.offset + 1}: {expat.ErrorString(error.code)}"
        return Problem(file_path, error.lineno, "file is not valid XML", reason, "mend the syntax")
    except (ValueError, LookupError) as error:  # of the encoding that it claims to be in
        return Problem(file_path, 1, "file cannot be read", str(error), "save it as XML in UTF-8")
    except _EntityError:
        reason = "entities can make a small file endless, or bring in other files"
        return Problem(file_path, parser.CurrentLineNumber, "file declares an entity", reason, "remove the declaration")
    return outermost.children[0]


class _EntityError(Exception):
    pass
