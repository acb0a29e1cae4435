"""``telemap query``: what it shows, and that it shows it without doing anything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Telemap

INTERFACE = {
    "source": "source_id, uri, log_format, service_name, service_version, size_bytes, read_bytes, record_count, "
    "first_time_unix_nano, last_time_unix_nano",
    "record": "source_id, line_number, byte_offset, byte_length, time_unix_nano, severity_text, severity_number, "
    "logger_name, printed_location, template_id, event_name, body, attributes, trace_id, span_id, unparsed_reason",
    "unparsed": "source_id, line_number, unparsed_reason",
    "span": "span_id, parent_span_id, trace_id, kind, name, sequence_id, movement, beat, event_name, handler, plugin, "
    "request_id, start_time_unix_nano, end_time_unix_nano, duration_ns, reported_duration_ns, status, status_message, "
    "inferred_by, source_id, first_line, last_line, service_version, code_function_name, code_file_path, "
    "code_line_number, code_confidence",
    "handler": "handler, plugin, code_file_path, code_line_number",
    "state_change": "span_id, key, operation, before, after, time_unix_nano",
    "declared_step": "sequence_id, movement, beat, event_name, handler, file_path, line_number",
    "finding": "finding_id, analysis, kind, severity, title, handler, code_file_path, code_line_number, first_seen, "
    "last_seen, count, evidence",
}


def test_the_schema_has_every_view_and_column_of_the_interface_without_a_store(project: Path, telemap: Telemap) -> None:
    document = json.loads(telemap("query", "--schema", "--format", "json").out)
    views = {view["name"]: {column["name"] for column in view["columns"]} for view in document["views"]}
    missing = {name: set(columns.split(", ")) - views.get(name, set()) for name, columns in INTERFACE.items()}
    assert missing == {name: set() for name in INTERFACE}
    assert all(view["description"].endswith(".") or ";" in view["description"] for view in document["views"])
    assert not (project / ".telemap").exists()


def test_the_schema_as_csv_has_all_views(project: Path, telemap: Telemap) -> None:
    lines = telemap("query", "--schema", "--format", "csv").out.splitlines()
    assert lines[0] == "view,column,type"
    assert {line.split(",")[0] for line in lines[1:]} >= set(INTERFACE)


def test_the_name_of_a_view_shows_all_of_it(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    assert len(telemap("query", "record", "--format", "csv").out.splitlines()) == 7


def test_rows_that_are_too_wide_stand_below_each_other(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    said = telemap("query", "SELECT " + ", ".join(f"{n} AS column_number_{n}" for n in range(6)))
    assert said.out == "row 1\n" + "".join(f"  column_number_{n}  {n}\n" for n in range(6))


def test_values_of_every_kind_are_written(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    sql = (
        "SELECT NULL AS nothing, true AS truth, 1.5::DECIMAL(4,2) AS price, "
        "170141183460469231731687303715884105727 AS huge, "
        "to_timestamp(1.5) AS zoned, TIMESTAMP '2026-01-02 03:04:05' AS time, [1, 2] AS list, {'a': 1} AS struct, "
        "'nan'::DOUBLE AS nan, 'ab'::BLOB AS bytes, INTERVAL 90 SECOND AS span"
    )
    said = telemap("query", sql, "--format", "json")
    assert (said.status, said.err) == (0, "")
    assert json.loads(said.out)["rows"] == [
        {
            "nothing": None,
            "truth": True,
            "price": 1.5,
            "huge": 170141183460469231731687303715884105727,
            "zoned": "1970-01-01T00:00:01.500000Z",
            "time": "2026-01-02T03:04:05",
            "list": [1, 2],
            "struct": {"a": 1},
            "nan": None,
            "bytes": "YWI=",
            "span": "PT90S",
        }
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY span TO '{store}/stolen.csv'",
        "WITH w AS (COPY span TO '{store}/stolen.csv') SELECT * FROM w",
        "SELECT (WITH w AS (COPY span TO '{store}/stolen.csv') SELECT 1)",
        "EXPLAIN ANALYZE COPY span TO '{store}/stolen.csv'",
        "EXPORT DATABASE '{store}/stolen'",
        "CREATE TABLE t AS SELECT 1",
        "WITH w AS (INSERT INTO span VALUES (1) RETURNING 1) SELECT * FROM w",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM read_csv('{project}/telemap.toml')",
        "SELECT * FROM glob('{project}/*')",
        "SELECT * FROM '{project}/logs/app.log'",
        "SELECT * FROM read_text('{store}/../.gitignore')",
        "SELECT * FROM sql",
        "SELECT 1; DROP VIEW span",
    ],
)
def test_a_question_can_neither_write_nor_read_elsewhere(sql: str, project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    store = project / ".telemap" / "store"
    before = sorted(project.rglob("*"))
    said = telemap("query", sql.format(store=store, project=project))
    assert (said.out, said.status) == ("", 2)
    assert said.err.startswith("error[bad-query]: ")
    assert sorted(project.rglob("*")) == before
