from __future__ import annotations

import pytest

from telemap.flows import located_xml
from telemap.flows.located_xml import Element, read_xml
from telemap.model.declared import Problem


def test_elements_have_lines_and_no_namespaces() -> None:
    text = '<a:x xmlns:a="u" a:k="1">\n t<y>\n<z/></y> after</a:x>'
    z = Element("z", {}, 3)
    assert read_xml(text.encode(), "f") == Element("x", {"k": "1"}, 1, "\n t", [Element("y", {}, 2, "\n", [z])])


def test_the_encoding_is_that_of_the_declaration() -> None:
    found = read_xml('<?xml version="1.0" encoding="ISO-8859-1"?><x>Zürich</x>'.encode("latin-1"), "f")
    assert found == Element("x", {}, 1, "Zürich")


@pytest.mark.parametrize(
    ("data", "line_number", "summary"),
    [
        (b"<x>\n<y></x>", 2, "file is not valid XML"),
        (b"", 1, "file is not valid XML"),
        (b"\x00\x01", 1, "file is not valid XML"),
        (b'<?xml version="1.0" encoding="no-such"?><x/>', 1, "file cannot be read"),
        (b'<!DOCTYPE x [\n<!ENTITY e "eee">]><x>&e;</x>', 2, "file declares an entity"),
        (b'<!DOCTYPE x [\n<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>', 2, "file declares an entity"),
        (b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost/x.dtd">%p;]><x/>', 1, "file declares an entity"),
    ],
)
def test_what_is_no_xml_or_would_bring_in_more_is_told(data: bytes, line_number: int, summary: str) -> None:
    found = read_xml(data, "f")
    assert isinstance(found, Problem)
    assert (found.file_path, found.line_number, found.summary) == ("f", line_number, summary)


def test_a_document_type_elsewhere_is_not_fetched() -> None:
    assert read_xml(b'<!DOCTYPE x SYSTEM "http://localhost:9/x.dtd"><x/>', "f") == Element("x", {}, 1)


def test_files_are_read_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(located_xml, "MOST_BYTES", 4)
    assert read_xml(b"<x/>", "f") == Element("x", {}, 1)
    found = read_xml(b"<xy/>", "f")
    assert isinstance(found, Problem)
    assert found.reason == "it has 5 bytes, of which 4 are read at most"


def test_deeply_nested_elements_are_read() -> None:
    found = read_xml(b"<x>" * 50_000 + b"</x>" * 50_000, "f")
    assert isinstance(found, Element)
    assert sum(1 for _ in found.walked("x")) == 50_000
