"""Stack traces of many languages, as their runtimes print them, read as what they tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.mapping.stack_traces import Frame, StackTrace, stack_traces
from telemap.mapping.stack_traces.languages import trace_languages

SAMPLES = {
    f"{file.name.removesuffix('.toml')}-{number}": sample
    for file in resources.files("telemap.mapping.stack_traces").joinpath("languages").iterdir()
    for number, sample in enumerate(tomllib.loads(file.read_text("utf-8"))["samples"], start=1)
}
each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())

NOISE = (
    "2026-01-05 10:00:01 INFO ready",
    "",
    "a: b",
    "  indented",
    "at noon",
    "done.",
    "{",
    "}",
    "| a | b |",
    "✅ – ok",
)


def drawn(trace: StackTrace, indent: str = "", label: str = "") -> Iterator[str]:
    """A trace as the samples of the languages draw it."""
    error = f"{trace.error_class}: {trace.message}" if trace.message else trace.error_class or "-"
    omitted = f" +{trace.omitted_frames}" if trace.omitted_frames else ""
    yield indent + label + error.replace("\n", "\\n") + omitted
    for frame in trace.frames:
        place = ":".join(str(number) for number in (frame.line_number, frame.column_number) if number)
        what = [frame.function_name or "-", frame.file_path or "-", place, "(vendored)" if frame.is_vendored else ""]
        yield f"{indent}  {' '.join(part for part in what if part)}"
    for link in trace.links:
        yield from drawn(link.trace, indent + "  ", f"{link.kind}: ")


def drawing(text: str) -> str:
    return "".join(f"{line}\n" for trace in stack_traces(text) for line in drawn(trace))


def frames(traces: Iterable[StackTrace]) -> list[Frame]:
    return [frame for trace in traces for frame in (*trace.frames, *frames(link.trace for link in trace.links))]


def own(trace: StackTrace) -> list[tuple[str, str, int | None]]:
    """Function, file name and line of the frames that are no library's."""
    return [
        (frame.function_name, re.split(r"[/\\]", frame.file_path)[-1], frame.line_number)
        for frame in trace.frames
        if not frame.is_vendored
    ]


def output(*command: str, folder: Path, **environment: str) -> str:
    """What a program prints that is expected to fail; the test is skipped where its runtime is absent."""
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} on this machine")
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment}
    )
    return ran.stdout + ran.stderr


@each_sample
def test_samples_are_read_as_they_are_drawn(sample: dict[str, str]) -> None:
    assert drawing(sample["text"]) == sample["traces"]


@each_sample
def test_line_ends_of_another_system_change_nothing(sample: dict[str, str]) -> None:
    assert stack_traces(sample["text"].replace("\n", "\r\n")) == stack_traces(sample["text"])


@pytest.mark.parametrize("name", trace_languages())
def test_every_pattern_has_a_sample(name: str) -> None:
    language = trace_languages()[name]
    texts = [sample["text"] for key, sample in SAMPLES.items() if key.startswith(name)]
    for pattern, replacement in language.rewrites:
        texts = [pattern.sub(replacement, text) for text in texts]
    patterns = {
        *language.frames,
        *language.frames_inside,
        *language.errors,
        *(link.pattern for link in language.links),
        *(
            one
            for one in (language.opens, language.omitted, language.closes, language.notices)
            if one.pattern != "(?!)"
        ),
    }
    begins = [(text, at.end()) for text in texts for at in re.finditer("^", text, re.MULTILINE)]
    assert [pattern.pattern for pattern in patterns if not any(pattern.match(*begin) for begin in begins)] == []


@each_sample
@settings(deadline=None)
@given(before=st.lists(st.sampled_from(NOISE), max_size=4), after=st.lists(st.sampled_from(NOISE), max_size=4))
def test_text_around_a_trace_changes_nothing_in_its_frames(
    sample: dict[str, str], before: list[str], after: list[str]
) -> None:
    text = "\n".join([*before, "", sample["text"].strip("\n"), "", *after])
    assert frames(stack_traces(text)) == frames(stack_traces(sample["text"]))


@each_sample
def test_a_trace_cut_off_anywhere_gives_the_frames_that_are_whole(sample: dict[str, str]) -> None:
    whole = set(frames(stack_traces(sample["text"])))
    for end in range(len(sample["text"])):
        found = frames(stack_traces(sample["text"][:end]))
        assert len(set(found) - whole) <= 1, sample["text"][:end]  # the last may be cut itself


@settings(deadline=None)
@given(st.text(alphabet="at (:1)@#.'\n\tEFile\"|+- ", max_size=80))
def test_any_text_is_read(text: str) -> None:
    stack_traces("  File \"\n:in '\n#0 \n\tgoroutine \npanicked at \n  at @\n" + text)


@pytest.mark.parametrize(
    "piece",
    ["at ", "at a (eval at ", "(", ":1", "a.", "Error: ", "Uncaught A: ", "0: a", " in a:1", "a\n", "Suppressed: a\n"],
)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    text = "  File \"\n:in '\n#0 \n\tgoroutine \npanicked at \n  at @\n" + piece * (200_000 // len(piece))
    start = time.process_time()
    stack_traces(text)
    assert time.process_time() - start < 15  # two minutes where it is quadratic


def test_a_line_number_that_may_be_cut_off_is_no_frame() -> None:
    texts = [
        'Traceback (most recent call last):\n  File "a.py", line 1',
        "goroutine 1 [running]:\nmain.main()\n\t/a.go:1",
    ]
    assert [stack_traces(text) for text in texts] == [(), ()]


def test_a_megabyte_of_nearly_frames_is_no_trace() -> None:
    assert stack_traces("\n    at " + "at " * 350_000) == ()


def test_a_chain_of_very_many_causes_is_read() -> None:
    traces = stack_traces("a.B: c\n\tat a.B.c(B.java:1)\n" + "Caused by: a.B: c\n\tat a.B.c(B.java:1)\n" * 5_000)
    assert len(frames(traces)) == 5_001


def test_a_chain_of_very_many_contexts_is_read() -> None:
    one = 'Traceback (most recent call last):\n  File "a.py", line 1, in a\nA: b\n'
    link = "\nDuring handling of the above exception, another exception occurred:\n\n"
    assert len(frames(stack_traces(link.join([one] * 1_000)))) == 1_000


def test_the_cause_is_what_was_raised_first() -> None:
    (trace,) = stack_traces(SAMPLES["java-1"]["text"])
    assert trace.cause is not None
    assert trace.cause.error_class == "java.io.IOException"
    assert trace.cause.cause is not None
    assert trace.cause.cause.cause is None


def test_the_frame_in_the_program_is_neither_a_librarys_nor_a_wrappers() -> None:
    (trace,) = stack_traces(
        "Error: no\n    at log (/srv/shop/log.js:1:1)\n    at emit (/srv/shop/node_modules/pino/p.js:2:2)\n"
        "    at pay (/srv/shop/pay.js:3:3)\n"
    )
    pay = Frame("pay", "/srv/shop/pay.js", 3, 3, "javascript", is_vendored=False)
    assert trace.in_app_frame({"log"}) == pay
    assert trace.in_app_frame() == trace.frames[0]
    assert trace.in_app_frame({"log", "pay"}) is None


def test_traces_of_several_languages_come_in_the_order_of_the_text() -> None:
    text = SAMPLES["ruby-1"]["text"] + "\n" + SAMPLES["python-1"]["text"]
    assert [trace.language for trace in stack_traces(text)] == ["ruby", "python"]


def test_a_real_trace_of_python(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "def fail(n):\n"
        "    if n > 0:\n"
        "        return fail(n - 1)\n"
        "    raise ValueError('a\\nb')\n"
        "def wrap():\n"
        "    try:\n"
        "        fail(9)\n"
        "    except ValueError as error:\n"
        "        error.add_note('a note')\n"
        "        raise RuntimeError('wrapped') from error\n"
        "try:\n"
        "    wrap()\n"
        "except RuntimeError as error:\n"
        "    raise ExceptionGroup('many', [error, ExceptionGroup('inner', [TypeError('never raised')])])\n"
    )
    (trace,) = stack_traces(output(sys.executable, "shop.py", folder=tmp_path))
    assert re.sub(r"\S*/", "", "\n".join(drawn(trace))).splitlines() == [
        "ExceptionGroup: many (2 sub-exceptions)",
        "  <module> shop.py 14",
        "  context: RuntimeError: wrapped",
        "    wrap shop.py 10",
        "    <module> shop.py 12",
        "    cause: ValueError: a +6",
        "      fail shop.py 4",
        "      fail shop.py 3",
        "      fail shop.py 3",
        "      fail shop.py 3",
        "      wrap shop.py 7",
        "  group: RuntimeError: wrapped",  # whose cause has been told
        "    wrap shop.py 10",
        "    <module> shop.py 12",
        "  group: ExceptionGroup: inner (1 sub-exception)",
        "    group: TypeError: never raised",
    ]


def test_a_real_trace_of_node(tmp_path: Path) -> None:
    (tmp_path / "shop.mjs").write_text(
        "class Cart { constructor() { [1].map(function each() { eval('null.x') }) } }\n"
        "async function run() { try { new Cart() } catch (error) { throw new Error('a\\nb', { cause: error }) } }\n"
        "const error = await run().catch(error => error)\n"
        "console.error(new AggregateError([error], 'many'))\n"
    )
    (trace,) = stack_traces(output("node", "shop.mjs", folder=tmp_path))
    (member,) = trace.links
    assert (trace.error_class, trace.message, own(trace)) == ("AggregateError", "many", [("", "shop.mjs", 4)])
    assert (member.kind, member.trace.error_class) == ("group", "Error")
    assert own(member.trace) == [("run", "shop.mjs", 2), ("", "shop.mjs", 3)]
    assert member.trace.cause is not None
    assert member.trace.cause.error_class == "TypeError"
    assert own(member.trace.cause)[:4] == [
        ("eval", "shop.mjs", 1),
        ("each", "shop.mjs", 1),
        ("new Cart", "shop.mjs", 1),
        ("run", "shop.mjs", 2),
    ]


def test_a_real_trace_of_java(tmp_path: Path) -> None:
    (tmp_path / "Shop.java").write_text(
        "public class Shop {\n"
        '  static class Till implements AutoCloseable { public void close() { throw new Error("open"); } }\n'
        "  static void pay() { throw new IllegalArgumentException(); }\n"
        "  static void run() {\n"
        "    try (Till till = new Till()) { pay(); }\n"
        '    catch (Exception error) { throw new RuntimeException("a\\nb", error); }\n'
        "  }\n"
        "  public static void main(String[] args) { Runnable run = () -> run(); run.run(); }\n"
        "}\n"
    )
    (trace,) = stack_traces(output("java", "Shop.java", folder=tmp_path))
    assert (trace.error_class, trace.message) == ("java.lang.RuntimeException", "a\nb")
    assert own(trace) == [
        ("Shop.run", "Shop.java", 6),
        ("Shop.lambda$main$0", "Shop.java", 8),
        ("Shop.main", "Shop.java", 8),
    ]
    assert trace.cause is not None
    assert trace.cause.error_class == "java.lang.IllegalArgumentException"
    assert own(trace.cause)[:2] == [("Shop.pay", "Shop.java", 3), ("Shop.run", "Shop.java", 5)]
    (suppressed,) = trace.cause.links
    assert (suppressed.kind, suppressed.trace.error_class) == ("suppressed", "java.lang.Error")
    assert own(suppressed.trace) == [("Shop$Till.close", "Shop.java", 2)]
    assert suppressed.trace.omitted_frames > 0


@pytest.mark.parametrize("backtrace", ["0", "1", "full"])
def test_a_real_trace_of_rust(tmp_path: Path, backtrace: str) -> None:
    (tmp_path / "shop.rs").write_text(
        "#[inline(never)]\n"
        'fn pay(cart: i32) -> i32 { if cart == 0 { panic!("bad: {}\\nsecond", cart) } cart }\n'
        'fn main() { let run = |cart| pay(cart); println!("{}", run(0)); }\n'
    )
    output("rustc", "-g", "shop.rs", folder=tmp_path)
    (trace,) = stack_traces(output(str(tmp_path / "shop"), folder=tmp_path, RUST_BACKTRACE=backtrace))
    assert (trace.error_class, trace.message) == ("panic", "bad: 0\nsecond")
    names = [(re.sub(r"::h[0-9a-f]{16}$", "", name), file, line) for name, file, line in own(trace) if file]
    assert names == (
        [("", "shop.rs", 2)]
        if backtrace == "0"
        else [("shop::pay", "shop.rs", 2), ("shop::main::{{closure}}", "shop.rs", 3), ("shop::main", "shop.rs", 3)]
    )
