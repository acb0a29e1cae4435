"""Reports that are broken anywhere: something is told, or nothing, and no command ends by it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.store.store import Store
from telemap.store.tested import index_coverage
from telemap.tested.reading import read_report
from tests.tested.test_reading import COBERTURA, JUNIT

LCOV = "TN:a\nSF:a.py\nFN:1,f\nFNDA:2,f\nDA:1,3,9yAA\nBRDA:1,0,0,1\nend_of_record\n"
ISTANBUL = (
    '{"/a.js": {"statementMap": {"0": {"start": {"line": 1}}}, "s": {"0": 1}, '
    '"fnMap": {"0": {"line": 1}}, "f": {"0": 1}}}'
)
COVERAGE = (
    '{"meta": {"version": "7", "branch_coverage": true}, '
    '"files": {"a.py": {"executed_lines": [1], "contexts": {"1": ["t"]}}}}'
)
V8 = (
    '{"result": [{"url": "file:///a.js", "functions": [{"functionName": "f", "ranges": [{"startOffset": 0, '
    '"endOffset": 9, "count": 1}]}]}], "source-map-cache": {"file:///a.js": {"lineLengths": [9], "data": '
    '{"version": 3, "sources": ["b.ts"], "names": [], "mappings": "AAAA"}}}}'
)
TEXTS = [LCOV, ISTANBUL, COVERAGE, V8, COBERTURA, JUNIT]


@pytest.mark.parametrize("text", TEXTS, ids=["lcov", "istanbul", "coverage", "v8", "cobertura", "junit"])
def test_each_text_is_read_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "report").write_text(text)
    report = read_report(tmp_path / "report")
    assert report.files or report.cases


@settings(max_examples=300)
@given(st.sampled_from(TEXTS), st.data())
def test_no_change_of_a_report_ends_the_reading(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 8, len(text))))
    put = data.draw(st.sampled_from(["", "0", "-1", "9" * 30, "null", "[]", "{}", '"', "<", "\0", "é", "1e400", "\n"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report")
        path.write_text(text[:at] + put + text[until:], encoding="utf-8")
        report = read_report(path)
    assert all(problem.reason and problem.help for problem in report.problems)


@pytest.mark.parametrize(
    "text",
    [
        LCOV.replace("DA:1,3", f"DA:{'9' * 18},3").replace("FNDA:2", f"FNDA:{'9' * 18}") * 9,
        LCOV.replace("DA:1,3", f"DA:{'9' * 5000},3"),
        ISTANBUL.replace('"line": 1}', f'"line": -{"9" * 30}}}'),
        COVERAGE.replace("[1]", f"[0, -7, {'9' * 30}]").replace('"1":', f'"{"9" * 30}":'),
        V8.replace('"count": 1', f'"count": {"9" * 30}'),
        COBERTURA.replace("1700000000", "9" * 30).replace('"4" hits', f'"{"9" * 30}" hits'),
        JUNIT.replace("0.25", "1e300"),
        "<testsuites>" + "<testsuite>" * 20_000 + '<testcase name="a"/>' + "</testsuite>" * 20_000 + "</testsuites>",
    ],
)
def test_numbers_and_depths_without_end_are_stored_or_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "report").write_text(text)
    store = Store(tmp_path / "store", create=True)
    index_coverage(store, [tmp_path / "report"])
    [row] = store.rows("SELECT format IS NOT NULL AS is_known FROM test_report")
    assert row == {"is_known": True}
