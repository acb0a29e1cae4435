"""The view of records, with the templates that the code tells of their messages and the values in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.mapping.records import RecordLocator
from telemap.store import message_templates
from telemap.store.indexing import index_code
from telemap.store.locators import present_locator
from telemap.store.message_templates import template_id
from telemap.store.readonly import query
from telemap.store.store import Store
from tests.builders import ingested
from tests.repositories import commit

CODE = """\
import logging

log = logging.getLogger("shop")


def pay(order):
    log.info("paid %d of %.2f EUR by %s", order.number, order.amount, order.user)
    log.info("step 1: order %s", order)
    log.info("step 2: order %s", order)
    log.info("%s done", order)


def again(order):
    log.info("retried %s", order)


def once_more(order):
    log.error("retried %s", order)
"""

LOG = """\
2026-01-02 03:04:05,000 INFO shop: paid 1,200 of 12.50 EUR by bob
2026-01-02 03:04:05,001 INFO shop: paid 7 of 0.10 EUR by eve
2026-01-02 03:04:05,002 INFO shop: step 1: order 17
2026-01-02 03:04:05,003 INFO shop: step 2: order 17
2026-01-02 03:04:05,004 INFO shop: step 3: order 17
2026-01-02 03:04:05,005 INFO shop: retried 9
2026-01-02 03:04:05,006 INFO shop: nobody wrote this
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop.py").write_text(CODE)
    (tmp_path / "app.log").write_text(LOG)
    store, _ = ingested(tmp_path, tmp_path / "app.log")
    index_code(store, [tmp_path / "src"])
    return store


def told(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return list(query(store, sql).rows)


def test_records_have_the_templates_of_log_statements_and_the_values_in_their_messages(store: Store) -> None:
    sql = "SELECT template, attributes FROM record LEFT JOIN (SELECT DISTINCT template_id, template FROM log_statement)"
    assert told(store, sql + " USING (template_id) ORDER BY line_number") == [
        (
            "paid {order.number} of {order.amount} EUR by {order.user}",
            {"order.number": "1200", "order.amount": "12.5", "order.user": "bob"},
        ),
        (
            "paid {order.number} of {order.amount} EUR by {order.user}",
            {"order.number": "7", "order.amount": "0.1", "order.user": "eve"},
        ),
        ("step 1: order {order}", {"order": "17"}),
        ("step 2: order {order}", {"order": "17"}),
        (None, {}),
        ("retried {order}", {"order": "9"}),
        (None, {}),
    ]


def test_a_message_that_is_a_shape_tells_nothing_of_others_of_that_shape(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text('import logging\n\nlogging.info("try 0")\nlogging.info("try 1")\n')
    lines = (f"2026-01-02 03:04:05,000 INFO root: try {number}\n" for number in range(3))
    (tmp_path / "app.log").write_text("".join(lines))
    store, _ = ingested(tmp_path, tmp_path / "app.log")
    index_code(store, [tmp_path])
    found = told(store, "SELECT template_id FROM record ORDER BY line_number")
    assert found == [(template_id("try 0"),), (template_id("try 1"),), (None,)]


def test_what_was_logged_beside_a_message_counts_more_than_what_stands_in_it(tmp_path: Path, store: Store) -> None:
    line = '{"time": "2026-01-02T03:04:05Z", "level": "info", "msg": "retried 9", "order": "no 9", "user": "bob"}\n'
    (tmp_path / "more.log").write_text(line)
    ingested(tmp_path, tmp_path / "more.log")
    more = told(store, "SELECT attributes FROM record WHERE attributes['user'] = 'bob'")
    assert more == [({"order": "no 9", "user": "bob"},)]


def test_values_behind_a_message_have_their_keys(tmp_path: Path, store: Store) -> None:
    (tmp_path / "more.log").write_text("2026-01-02 03:04:05,000 INFO shop: 9 done user=bob why='too late' a.b=\n")
    ingested(tmp_path, tmp_path / "more.log")
    (found,) = told(store, "SELECT attributes FROM record WHERE body LIKE '%user=bob%'")
    assert found == ({"order": "9", "user": "bob", "why": "too late", "a.b": ""},)


def test_a_question_that_shows_nothing_of_templates_does_not_look_for_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(message_templates, "find_templates")
    assert told(store, "SELECT count(*), max(r.body) FROM record AS r") == [(7, "step 3: order 17")]
    assert told(store, "SELECT logger_name AS n, count(*) FROM record GROUP BY ALL ORDER BY ALL") == [("shop", 7)]
    assert told(store, "SELECT * EXCLUDE (attributes) FROM log_statement WHERE false") == []
    with pytest.raises(ImportError):
        told(store, "WITH r AS (FROM RECORD) SELECT count(*) FROM r")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT body FROM main.Record JOIN log_statement USING (template_id)",
        "SELECT contains(r::VARCHAR, 'order.number') FROM record AS r TABLESAMPLE 100%",
        "SELECT contains(main.record::VARCHAR, 'order.number') FROM record",
        "SELECT contains(row::VARCHAR, 'order.number') FROM (SELECT record AS row FROM record)",
        "SELECT t FROM record AS r(a, b, c, d, e, f, g, h, i, t)",
        "SELECT DISTINCT #10 FROM record",
        "SELECT template_id FROM query_table('record')",
        "SELECT t FROM query('SELECT template_id AS t FROM record')",
    ],
)
def test_all_ways_of_asking_for_templates_find_them(store: Store, sql: str) -> None:
    assert any(value for (value,) in told(store, sql))


def test_without_code_records_are_as_they_were_logged(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LOG)
    store, _ = ingested(tmp_path, tmp_path / "app.log")
    assert told(store, "SELECT DISTINCT template_id, attributes FROM record") == [(None, {})]


def test_a_build_has_the_templates_of_its_own_code(tmp_path: Path) -> None:
    source = tmp_path / "src" / "shop.py"
    source.parent.mkdir()
    for version, word in (("v1", "paid"), ("v2", "settled")):
        source.write_text(f'import logging\n\nlogging.info("{word} %s", 1)\n')
        commit(tmp_path, version)
        (tmp_path / f"{version}.log").write_text(f"2026-01-02 03:04:05,000 INFO root: {word} o1\n")
        store, _ = ingested(tmp_path, tmp_path / f"{version}.log", build=version)
    index_code(store, [tmp_path / "src"])
    now = told(store, "SELECT body, template_id IS NOT NULL FROM record ORDER BY body")
    index_code(store, [tmp_path / "src"], at="v1")
    then = told(store, "SELECT body, template_id IS NOT NULL FROM record ORDER BY body")
    assert (now, then) == ([("paid o1", False), ("settled o1", True)], [("paid o1", True), ("settled o1", True)])


words = st.sampled_from(("step", "0", "1", "22", "order", "%s", "%d", "%.1f", "a=%s", "7b", "(x)"))
gaps = st.sampled_from(("0", "1", "22", "7b", "order", "1.5", "-3", "x y", ""))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=6, unique_by=tuple), st.data())
def test_a_record_has_the_template_that_its_own_text_tells(
    tmp_path_factory: pytest.TempPathFactory, templates: list[list[str]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "src").mkdir()
    calls = [f"logging.info({' '.join(parts)!r}, {', '.join('abcd')})" for parts in templates]
    (folder / "src" / "code.py").write_text("import logging\n\n" + "\n".join(calls) + "\n")
    messages = [
        " ".join(data.draw(gaps) if "%" in part else part for part in data.draw(st.sampled_from(templates)))
        for _ in range(12)
    ]
    (folder / "app.log").write_text("".join(f"2026-01-02 03:04:05,000 INFO root: {text}\n" for text in messages))
    store, _ = ingested(folder, folder / "app.log")
    index_code(store, [folder / "src"])
    with store.connect() as connection:
        locator = present_locator(connection)
    rows = told(store, "SELECT body, logger_name, severity_text, template_id, attributes FROM record")
    assert [row[3:] for row in rows] == [expected(locator, *row[:3]) for row in rows]


def expected(locator: RecordLocator, body: str, logger: str, severity: str) -> tuple[str | None, dict[str, str]]:
    from telemap.mapping.logged import Logged

    found, _ = locator.message_template(Logged(body, logger, severity))
    if found is None:
        return None, {}
    return template_id(str(found.template)), {name: str(value) for name, value in found.values(body).items()}
