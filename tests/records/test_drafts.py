"""The files of formats that are being made."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from telemap.records.drafts import Draft, DraftPattern, quoted
from telemap.records.formats import Sample

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text("'\"\\\n\t\x7f\x00#aé", max_size=8)


@given(TEXTS)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert tomllib.loads(f"text = {quoted(text)}") == {"text": text}


@given(name=TEXTS.filter(str), regex=TEXTS, line=TEXTS, word=TEXTS, key=TEXTS)
def test_a_file_says_what_the_draft_says(name: str, regex: str, line: str, word: str, key: str) -> None:
    draft = Draft(
        title=name,
        comments=("about it", line),
        layouts=("%s",),
        severities={word: "ERROR"},
        keys={"requires": [key], "body": [key, line]},
        key_comments={"body": line},
        patterns=(DraftPattern(name, regex, ("why", line)),),
        samples=(Sample(line, name, {"severity_number": 17, key: line}), Sample("plain", None)),
        epilogue=("[[events]]", line),
    )
    lines = "lines" if "\n" in line else "line"
    assert tomllib.loads(draft.text) == {
        "title": name,
        "time": {"layouts": ["%s"]},
        "severity": {word: "ERROR"},
        "json": {"requires": [key], "body": [key, line]},
        "patterns": {name: regex},
        "samples": [{lines: line, "event_name": name, "fields": {"severity_number": 17, key: line}}, {"line": "plain"}],
    }


def test_a_draft_becomes_a_format_of_its_name() -> None:
    log_format = Draft(title="App", patterns=(DraftPattern("line", "^(?P<body>.*)$"),)).format("app")
    assert (log_format.name, log_format.title, log_format.groups) == ("app", "App", ("body",))
