"""Reports of every format, told apart by what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from telemap.errors import TelemapError
from telemap.tested import report as told
from telemap.tested.reading import read_report, read_reports
from telemap.tested.report import CoveredFile, CoveredFunction, CoveringTest
from telemap.tested.v8 import counts_of
from tests.source_maps import source_map

COBERTURA = """\
<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage version="2.1" timestamp="1700000000" line-rate="0.5">
  <sources><source>/ci/shop</source></sources>
  <packages>
    <package name="a"><classes>
      <class name="Cart" filename="a/Cart.java">
        <methods><method name="price" signature="()V"><lines><line number="4" hits="2"/></lines></method></methods>
        <lines><line number="4" hits="2"/><line number="5" hits="0"/><line number="x" hits="0"/></lines>
      </class>
      <class name="Cart$Line" filename="a/Cart.java"><lines><line number="5" hits="1"/></lines></class>
    </classes></package>
    <package name="b"><classes>
      <class name="Pay" filename="b/Pay.java"><lines><line number="1" hits="0"/></lines></class>
    </classes></package>
  </packages>
</coverage>
"""

JUNIT = """\
<testsuites><testsuite name="all" timestamp="2026-01-02T03:04:05+00:00">
  <testsuite name="inner" file="tests/cart.spec.ts">
    <testcase name="adds" classname="cart" time="0.25"/>
    <testcase name="pays" classname="cart" time="1,000.5"><failure message="no">text</failure></testcase>
    <testcase classname="cart"/>
  </testsuite>
  <testcase name="later"><skipped/></testcase>
  <testcase name="breaks" file="tests/other.spec.ts" time="soon"><error/></testcase>
</testsuite></testsuites>
"""


def place(line: int) -> dict[str, Any]:
    return {"start": {"line": line, "column": 0}, "end": {"line": line, "column": None}}


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_cobertura_has_several_packages_and_classes_of_one_file(tmp_path: Path) -> None:
    report = read_report(write(tmp_path / "x.xml", COBERTURA))
    assert (report.format, report.tool_version, report.folders) == ("cobertura", "2.1", ("/ci/shop",))
    assert report.made_unix_nano == 1_700_000_000_000_000_000
    assert report.files == (
        CoveredFile("a/Cart.java", (4, 5), (), (), (CoveredFunction("price", 4, 2),)),
        CoveredFile("b/Pay.java", (), (1,)),
    )
    [problem] = report.problems
    assert (problem.line_number, problem.summary, problem.reason) == (
        9,
        "line without numbers",
        "it has number='x', hits='0'",
    )


def test_junit_has_suites_in_suites(tmp_path: Path) -> None:
    report = read_report(write(tmp_path / "x.xml", JUNIT))
    assert report.made_unix_nano == 1_767_323_045_000_000_000
    assert report.cases == (
        told.TestCase("adds", "cart", "tests/cart.spec.ts", "passed", 250_000_000),
        told.TestCase("pays", "cart", "tests/cart.spec.ts", "failed", 1_000_500_000_000),
        told.TestCase("later", None, None, "skipped", None),
        told.TestCase("breaks", None, "tests/other.spec.ts", "errored", None),
    )
    assert [problem.line_number for problem in report.problems] == [5]


def test_xml_that_declares_entities_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'
    report = read_report(write(tmp_path / "x.xml", bomb))
    assert (report.cases, [problem.summary for problem in report.problems]) == ((), ["file declares an entity"])


def test_istanbul_has_statements_and_functions(tmp_path: Path) -> None:
    file = {
        "path": "/ci/src/cart.ts",
        "statementMap": {"0": place(2), "1": place(2), "2": place(5)},
        "s": {"0": 0, "1": 3, "2": 0},
        "fnMap": {"0": {"name": "price", "decl": place(1), "loc": place(1)}, "1": {"name": "(anonymous_1)", "line": 4}},
        "f": {"0": 3, "1": 0},
    }
    report = read_report(write(tmp_path / "c.json", {"/ci/src/cart.ts": file, "/ci/b.ts": {"statementMap": {}}}))
    functions = (CoveredFunction("price", 1, 3), CoveredFunction("(anonymous_1)", 4, 0))
    assert (report.format, report.files) == (
        "istanbul",
        (CoveredFile("/ci/src/cart.ts", (2,), (5,), (), functions),),
    )
    assert [problem.summary for problem in report.problems] == ["file '/ci/b.ts' of the report not used"]


def test_json_of_coverage_py_has_contexts(tmp_path: Path) -> None:
    file = {
        "executed_lines": [1, 2],
        "missing_lines": [4],
        "contexts": {"1": [""], "2": ["tests/a.py::test_a|run", "tests/a.py::test_a|setup"]},
    }
    meta = {"format": 3, "version": "7.6.0", "timestamp": "2026-01-02T03:04:05+00:00", "branch_coverage": False}
    report = read_report(write(tmp_path / "c.json", {"meta": meta, "files": {"a.py": file}}))
    assert report.files == (CoveredFile("a.py", (1, 2), (4,), (CoveringTest("tests/a.py::test_a", (2,)),)),)
    assert (report.tool, report.tool_version, report.made_unix_nano) == (
        "coverage.py",
        "7.6.0",
        1_767_323_045_000_000_000,
    )


def test_the_innermost_range_of_v8_counts() -> None:
    assert counts_of([(0, 100, 1), (10, 50, 3), (20, 50, 0), (60, 70, 0)]) == (
        [0, 10, 20, 50, 60, 70, 100],
        [1, 3, 0, 1, 0, 1, 0],
    )


def v8(url: str, functions: list[tuple[str, int, int, int]], **more: Any) -> dict[str, Any]:
    told = [
        {"functionName": n, "ranges": [{"startOffset": a, "endOffset": b, "count": c}], "isBlockCoverage": True}
        for n, a, b, c in functions
    ]
    return {"result": [{"scriptId": "1", "url": "node:fs", "functions": []}, {"url": url, "functions": told}], **more}


def test_offsets_of_v8_are_in_utf_16_and_a_changed_file_is_told(tmp_path: Path) -> None:
    text = "// 😀\nfunction pay() {\n  return 1;\n}\nrun();\n"
    file = write(tmp_path / "ü a.js", text)
    start = text.index("function") + 1
    counts = [("", 0, len(text) + 1, 1), ("pay", start, text.index("run"), 0)]
    path = write(tmp_path / "coverage-7-1700000000123-0.json", v8(file.as_uri(), counts))
    report = read_report(path)
    assert report.made_unix_nano == 1_700_000_000_123_000_000
    assert report.files == (CoveredFile(file.as_posix(), (1, 5), (2, 3, 4), (), (CoveredFunction("pay", 2, 0),)),)
    write(file, f"{text}\n")
    again = read_report(path)
    reason = f"the file has {len(text) + 2} characters by now, of which the report knows {len(text) + 1}"
    assert (again.files, [problem.reason for problem in again.problems]) == ((), [reason])


def test_what_v8_tells_of_a_bundle_is_told_of_its_sources(tmp_path: Path) -> None:
    # The bundle is "function a(){x}\na();": line 0 is the function, line 1 its call.
    data = json.loads(
        source_map([[(0, 0, 4, 0), (13, 0, 5, 2)], [(0, 1, 0, 0)]], sources=["../src/a.ts", "../src/b.ts"])
    )
    url = (tmp_path / "dist" / "app.js").as_uri()
    cache = {url: {"lineLengths": [15, 4], "data": data, "url": "app.js.map"}}
    report = read_report(
        write(tmp_path / "c.json", v8(url, [("", 0, 20, 1), ("a", 0, 15, 0)], **{"source-map-cache": cache}))
    )
    source = (tmp_path / "src").as_posix()
    assert report.files == (
        CoveredFile(f"{source}/a.ts", (), (5, 6), (), (CoveredFunction("a", 5, 0),)),
        CoveredFile(f"{source}/b.ts", (1,), ()),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is no report of coverage.py, LCOV, Cobertura, Istanbul, V8 or JUnit"),
        ('{"result": [', "Input data was truncated"),
        ("SQLite format 3\0 but no more", None),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: str, reason: str | None) -> None:
    [report] = read_reports([write(tmp_path / "report", content)])
    [problem] = report.problems
    assert (problem.file_path, problem.line_number, problem.summary) == (
        str(tmp_path / "report"),
        1,
        "report cannot be read",
    )
    assert reason is None or problem.reason == reason


def test_folders_are_searched_for_files_of_usual_names(tmp_path: Path) -> None:
    lcov = "SF:a.js\nDA:1,1\nend_of_record\n"
    for name in (
        "out/lcov.info",
        "target/TEST-a.xml",
        "node_modules/a/lcov.info",
        "coverage-summary.json",
        ".coveragerc",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(
            tmp_path / name,
            JUNIT if name.endswith(".xml") else "[run]" if name[0] == "." else "{}" if "summary" in name else lcov,
        )
    assert [(report.path.relative_to(tmp_path).as_posix(), report.format) for report in read_reports([tmp_path])] == [
        ("out/lcov.info", "lcov"),
        ("target/TEST-a.xml", "junit"),
    ]
    with pytest.raises(TelemapError, match="no file or folder"):
        read_reports([tmp_path / "nothing"])
