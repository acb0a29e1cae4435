"""What a team has accepted, in a file of its repository."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.acceptances import ACCEPTED_FILE, Acceptance, accept, read_acceptances
from telemap.errors import TelemapError

TODAY = date(2026, 1, 2)


def acceptance(finding_id: str, verb: str = "flows", reason: str = "it is known") -> Acceptance:
    return Acceptance(id=finding_id, verb=verb, title="cart:paid is missing", reason=reason, accepted=TODAY)


def test_what_is_accepted_is_read_again_for_its_verb(tmp_path: Path) -> None:
    assert read_acceptances(tmp_path, "flows") == {}
    ours = [acceptance("a1"), acceptance("b2", reason="later")]
    for one in (*ours, acceptance("c3", verb="errors")):
        assert accept(tmp_path, one) == tmp_path / ACCEPTED_FILE
    assert read_acceptances(tmp_path, "flows") == {one.id: one for one in ours}
    text = (tmp_path / ACCEPTED_FILE).read_text()
    assert (text.count("# "), text.count("[[accepted]]")) == (2, 3)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_reason_may_be_any_text(tmp_path_factory: pytest.TempPathFactory, reason: str) -> None:
    folder = tmp_path_factory.mktemp("accepted")
    accept(folder, acceptance("a1", reason=reason))
    assert read_acceptances(folder, "flows")["a1"].reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[accepted]", "Expected"),
        ('[[accepted]]\nid = "a1"\n', "missing required field `verb`"),
        ('[[acepted]]\nid = "a1"\n', "unknown field `acepted`"),
        ("accepted = 7\n", "Expected `array`"),
    ],
)
def test_a_file_that_is_not_usable_is_told(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / ACCEPTED_FILE).write_text(text)
    with pytest.raises(TelemapError, match="what is accepted cannot be read") as error:
        read_acceptances(tmp_path, "flows")
    assert reason in str(error.value)
    assert ACCEPTED_FILE in str(error.value)


def test_a_file_that_people_saved_with_a_byte_order_mark_is_added_to(tmp_path: Path) -> None:
    first, second = acceptance("a1"), acceptance("b2")
    accept(tmp_path, first)
    path = tmp_path / ACCEPTED_FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    accept(tmp_path, second)
    assert read_acceptances(tmp_path, "flows") == {"a1": first, "b2": second}


def test_what_is_no_text_in_a_reason_is_replaced(tmp_path: Path) -> None:
    accept(tmp_path, acceptance("a1", reason="caf\udce9"))
    assert read_acceptances(tmp_path, "flows")["a1"].reason == "caf?"


def test_nothing_is_added_where_the_file_could_not_be_read_any_more(tmp_path: Path) -> None:
    path = tmp_path / ACCEPTED_FILE
    path.write_text("accepted = []\n")
    with pytest.raises(TelemapError, match="nothing can be added to what is accepted"):
        accept(tmp_path, acceptance("a1"))
    assert path.read_text() == "accepted = []\n"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TelemapError, match="nothing can be added to what is accepted"):
        accept(tmp_path / "gone", acceptance("a1"))
