"""The JSON lines kernel and its twin: each does what is said, and both do the same."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.records import json_lines, json_python
from telemap.records.json_lines import ARRAY, ESCAPED, FALSE, MEMBER, NULL, NUMBER, OBJECT, STRING, TRUE, first_error

if TYPE_CHECKING:
    from types import ModuleType

try:
    from telemap.records import _json
except ImportError:
    _json = None


@pytest.fixture(scope="session")
def native() -> ModuleType:
    if _json is None:
        pytest.skip("the native kernel is not built: python setup.py build_ext --inplace")
    return _json


@pytest.fixture(scope="session", params=["python", "native"])
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    return json_python if request.param == "python" else request.getfixturevalue("native")


def i64(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def bits(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)


def lines_of(lines: list[bytes]) -> tuple[bytes, np.ndarray, np.ndarray]:
    """The lines in one buffer that ends with the last of them, and where each begins and how long it is."""
    lengths = i64(*map(len, lines))
    return b"\n".join(lines), np.cumsum(lengths + 1) - lengths - 1, lengths


def raw(kernel: ModuleType, lines: list[bytes], keys=None, max_depth=4, which=None, capacity=4096):
    """All that the kernel gives: the flags, the paths, and the six arrays as lists."""
    keys = kernel.KeyTable(capacity) if keys is None else keys
    rows = None if which is None else i64(*which)
    ok = np.full(len(lines) if which is None else len(which), 7, np.uint8)
    *integers, kinds = kernel.members(*lines_of(lines), rows, keys, max_depth, ok)
    arrays = [np.frombuffer(array, np.int64).tolist() for array in integers]
    paths = [keys.path(number) for number in arrays[0]]
    return ok.tolist(), paths, [*arrays, np.frombuffer(kinds, np.uint8).tolist()]


def told(kernel: ModuleType, *lines: bytes, **options: Any) -> list[list[tuple[bytes, int, bytes]] | None]:
    """What each line tells, as (path, kind, bytes of the value) in order of place; None for what is no object."""
    ok, paths, (_, firsts, rows, begins, ends, kinds) = raw(kernel, list(lines), **options)
    data = lines_of(list(lines))[0]
    found = [[] for _ in ok]
    for path, (first, last) in zip(paths, pairwise(firsts), strict=True):
        assert rows[first:last] == sorted(rows[first:last])
        for i in range(first, last):
            found[rows[i]].append((begins[i], path, kinds[i], data[begins[i] : ends[i]]))
    assert not any(members for members, good in zip(found, ok, strict=True) if not good)
    return [[tuple(m[1:]) for m in sorted(members)] if good else None for members, good in zip(found, ok, strict=True)]


def spans_of(texts: list[bytes]) -> tuple[bytes, np.ndarray, np.ndarray]:
    """The texts in one buffer, between bytes that would change the result if read."""
    data, begins, ends = bytearray(b"\\"), [], []
    for text in texts:
        begins.append(len(data))
        data += text + b"n"
        ends.append(len(data) - 1)
    return bytes(data), i64(*begins), i64(*ends)


def unescape(kernel: ModuleType, *texts: bytes, escaped: np.ndarray | None = None) -> list[bytes]:
    flags = bits(*[1] * len(texts)) if escaped is None else escaped
    offsets, text = kernel.unescape(*spans_of(list(texts)), flags)
    return [bytes(text[a:b]) for a, b in pairwise(np.frombuffer(offsets, np.int32).tolist())]


# ---- Members


def test_a_line_tells_its_members_and_of_which_kind_they_are(kernel):
    line = rb' {"s": "x y" ,"e":"a\"b","n":-1.50e+3,"t":true,"f":false,"z":null,"a":[1, {"b":"]"}],"o":{ },"":""} '
    assert told(kernel, line) == [
        [
            (b"s", STRING, b"x y"),
            (b"e", ESCAPED, rb"a\"b"),
            (b"n", NUMBER, b"-1.50e+3"),
            (b"t", TRUE, b"true"),
            (b"f", FALSE, b"false"),
            (b"z", NULL, b"null"),
            (b"a", ARRAY, b'[1, {"b":"]"}]'),
            (b"o", OBJECT, b"{ }"),
            (b"", STRING, b""),
        ]
    ]


def test_an_object_without_members_tells_nothing(kernel):
    assert told(kernel, b"{}", b"\t{ }\r") == [[], []]


def test_members_of_inner_objects_have_paths(kernel):
    line = b'{"err":{"stack":"x","cause":{"code":5}},"":{"":1},"b":2}'
    assert told(kernel, line) == [
        [
            (b"err.stack", STRING, b"x"),
            (b"err.cause.code", NUMBER, b"5"),
            (b".", NUMBER, b"1"),
            (b"b", NUMBER, b"2"),
        ]
    ]


@pytest.mark.parametrize(
    ("max_depth", "expected"),
    [
        (1, [(b"a", OBJECT, b'{"b":{"c":1}}'), (b"d", NUMBER, b"2")]),
        (2, [(b"a.b", OBJECT, b'{"c":1}'), (b"d", NUMBER, b"2")]),
        (3, [(b"a.b.c", NUMBER, b"1"), (b"d", NUMBER, b"2")]),
    ],
)
def test_objects_deeper_than_the_limit_stay_as_they_are(kernel, max_depth, expected):
    assert told(kernel, b'{"a":{"b":{"c":1}},"d":2}', max_depth=max_depth) == [expected]


def test_keys_are_known_by_what_they_stand_for(kernel):
    lines = rb'{"\u0061\n\"":1}', rb'{"a\u000A\u0022":2}', rb'{"a\n\"":{"\ud83d\ude00":3}}', '{"é":4}'.encode()
    assert told(kernel, *lines) == [
        [(b'a\n"', NUMBER, b"1")],
        [(b'a\n"', NUMBER, b"2")],
        [('a\n".😀'.encode(), NUMBER, b"3")],
        [("é".encode(), NUMBER, b"4")],
    ]


def test_a_key_with_a_quote_is_not_found_where_that_quote_ends_a_key(kernel):
    assert told(kernel, rb'{"a\"b":1}', b'{"a"b":1}', b'{"a":2}') == [
        [(b'a"b', NUMBER, b"1")],
        None,
        [(b"a", NUMBER, b"2")],
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a":1,"b":2,"a":"x"}', [(b"b", NUMBER, b"2"), (b"a", STRING, b"x")]),
        (b'{"a":{"x":1,"y":2},"b":3,"a":{"x":4}}', [(b"b", NUMBER, b"3"), (b"a.x", NUMBER, b"4")]),
        (b'{"a":{"x":1},"a":2}', [(b"a", NUMBER, b"2")]),
        (b'{"a":1,"a":{"x":2}}', [(b"a.x", NUMBER, b"2")]),
        (b'{"a":{"x":1},"a":{}}', [(b"a", OBJECT, b"{}")]),
        (b'{"a":1,"a":2,"a":3}', [(b"a", NUMBER, b"3")]),
        (b'{"a":{"x":1,"x":2},"a":{"y":3,"y":4},"b":5}', [(b"a.y", NUMBER, b"4"), (b"b", NUMBER, b"5")]),
        (b'{"a.b":1,"a":{"b":2,"c":3}}', [(b"a.b", NUMBER, b"2"), (b"a.c", NUMBER, b"3")]),
        (b'{"a":{"b":{"c":1}},"a.b":2}', [(b"a.b", NUMBER, b"2")]),
        (b'{"a.z":1,"a":{"x":1},"a":2}', [(b"a.z", NUMBER, b"1"), (b"a", NUMBER, b"2")]),
    ],
)
def test_a_path_that_comes_again_replaces_what_it_told(kernel, line, expected):
    assert told(kernel, line, line) == [expected, expected]


def test_keys_are_found_in_any_order_and_in_the_rows_that_have_them(kernel):
    lines = [b'{"a":1,"b":2,"c":3}', b'{"c":4,"a":5}', b"{}", b'{"b":6,"bb":7,"a":8}', b'{"a":9,"c":10,"b":11}']
    _, paths, (numbers, firsts, rows, *_) = raw(kernel, lines)
    assert (numbers, paths, firsts) == ([1, 2, 3, 4], [b"a", b"b", b"c", b"bb"], [0, 4, 7, 10, 11])
    assert rows == [0, 1, 3, 4, 0, 3, 4, 0, 1, 4, 3]
    assert told(kernel, *lines)[3] == [(b"b", NUMBER, b"6"), (b"bb", NUMBER, b"7"), (b"a", NUMBER, b"8")]


def test_only_the_lines_asked_for_are_read_in_the_order_asked(kernel):
    lines = b'{"a":0}', b"no", b'{"b":2}'
    assert told(kernel, *lines, which=[2, 0, 2, 1]) == [
        [(b"b", NUMBER, b"2")],
        [(b"a", NUMBER, b"0")],
        [(b"b", NUMBER, b"2")],
        None,
    ]
    assert told(kernel, *lines, which=[]) == []


def test_numbers_of_keys_stay_from_call_to_call(kernel):
    keys = kernel.KeyTable()
    assert raw(kernel, [b'{"a":{"b":1}}'], keys)[2][0] == [2]
    assert raw(kernel, [b'{"c":1,"a":{"b":1}}'], keys)[2][0] == [2, 3]
    assert [keys.path(number) for number in range(len(keys) + 1)] == [b"", b"a", b"a.b", b"c"]
    for number in (-1, 4, 4097 + 4, 2**62):
        with pytest.raises(IndexError):
            keys.path(number)


def test_lines_that_are_no_objects_leave_no_keys(kernel):
    keys = kernel.KeyTable(3)
    lines = [b'{"x":1,"y":{"z":2}', b'{"a":1}', b'{"x":1,"b":2,"c":3,"d":4', b'{"c":1,"b":2}']
    assert raw(kernel, lines, keys)[:2] == ([0, 1, 0, 1], [b"a", b"c", b"b"])
    assert len(keys) == 3


def test_a_key_that_was_taken_back_is_new_when_it_comes_again(kernel):
    keys = kernel.KeyTable()
    assert raw(kernel, [b'{"x":1,"y":2', b'{"x":1,"z":2}'], keys)[1] == [b"x", b"z"]
    assert len(keys) == 2


@pytest.mark.parametrize("length", range(1, 26))
def test_keys_that_differ_in_one_byte_are_told_apart(kernel, length):
    same = b"k" * length
    keys = [same[:i] + b"x" + same[i + 1 :] for i in range(length)] + [same + b"k", same[1:]]
    lines = [b'{"%s":1}' % key for other in keys for key in (same, other)]
    assert told(kernel, *lines) == [[(key, NUMBER, b"1")] for other in keys for key in (same, other)]


def test_members_that_find_no_room_for_their_keys_are_told_whole(kernel):
    line = b'{"a":{"x":1, "y" : "2","z":[3]},"b":{"x":4},"a":{"x":5,"y":6,"y":{"q":7}}}'
    assert told(kernel, line, line, capacity=2) == 2 * [
        [
            (b"*", MEMBER, b'"b":{"x":4}'),
            (b"a.x", NUMBER, b"5"),
            (b"a.*", MEMBER, b'"y":6'),
            (b"a.*", MEMBER, b'"y":{"q":7}'),
        ]
    ]


def test_a_path_that_is_too_long_finds_no_room(kernel):
    longest, inner = b"k" * json_python.LONGEST_PATH, b"k" * (json_python.LONGEST_PATH - 2)
    lines = b'{"' + longest + b'":1}', b'{"' + longest + b'k":2}', b'{"a":{"' + inner + b'":3,"' + inner + b'k":4}}'
    assert told(kernel, *lines) == [
        [(longest, NUMBER, b"1")],
        [(b"*", MEMBER, b'"' + longest + b'k":2')],
        [(b"a." + inner, NUMBER, b"3"), (b"a.*", MEMBER, b'"' + inner + b'k":4')],
    ]


# ---- What is an object

GOOD = [
    b'{"a":NaN}',
    b'{"a":Infinity,"b":-Infinity}',
    b'{"a":-0}',
    b'{"a":0.5E-10,"b":10e0}',
    b'{"a":"\x00\x1f\t\x7f"}',
    b'{"\xff\xfe":"\xc3"}',
    b'{"a":"' + "✅\u2028".encode() + b'"}',
    b'\n{\r"a"\t: [ ] }',
    b'{"a":[[],{},[{}],""]}',
]
BAD = [  # each with the place and the reason
    (b"", 0, "expected an object"),
    (b" x", 1, "expected an object"),
    (b"[1]", 0, "expected an object"),
    (b"{", 1, "expected a key in double quotes"),
    (b"{} {}", 3, "expected nothing after the object"),
    (b'{"a":1}}', 7, "expected nothing after the object"),
    (b'\xef\xbb\xbf{"a":1}', 0, "expected an object"),
    (b"{'a':1}", 1, "expected a key in double quotes"),
    (b'{"a":1,}', 7, "expected a key in double quotes"),
    (b'{,"a":1}', 1, "expected a key in double quotes"),
    (b'{"a" 1}', 5, "expected ':'"),
    (b'{"a":}', 5, "expected a value"),
    (b'{"a":[1,]}', 8, "expected a value"),
    (b'{"a":[1}', 7, "expected ',' or ']'"),
    (b'{"a":{"b":1]}', 11, "expected ',' or '}'"),
    (b'{"a":1 "b":2}', 7, "expected ',' or '}'"),
    (b'{"a":"x', 5, "a string without an end"),
    (b'{"a":"x\\"}', 5, "a string without an end"),
    (b'{"a', 1, "a string without an end"),
    (b'{"a":"x\\q"}', 7, "no escape that JSON knows"),
    (b'{"a":"\\u12g4"}', 6, "no escape that JSON knows"),
    (b'{"\\x":1}', 2, "no escape that JSON knows"),
    (b'{"a":01}', 6, "expected ',' or '}'"),
    (b'{"a":1.}', 6, "expected ',' or '}'"),
    (b'{"a":1e+}', 6, "expected ',' or '}'"),
    (b'{"a":+1}', 5, "expected a value"),
    (b'{"a":.5}', 5, "expected a value"),
    (b'{"a":-}', 5, "expected a value"),
    (b'{"a":-NaN}', 5, "expected a value"),
    (b'{"a":nul}', 5, "expected a value"),
    (b'{"a":True}', 5, "expected a value"),
    (b'{"a":truex}', 9, "expected ',' or '}'"),
]


@pytest.mark.parametrize("line", GOOD)
def test_what_logs_hold_is_read(kernel, line):
    assert told(kernel, line, max_depth=1)[0] is not None
    assert first_error(line) is None


@pytest.mark.parametrize(("line", "place", "reason"), BAD)
def test_what_is_no_object_is_not_read_and_the_place_is_told(kernel, line, place, reason):
    good = b'{"a":1}'
    assert told(kernel, line, good, line) == [None, [(b"a", NUMBER, b"1")], None]
    assert first_error(line) == (place, reason)


def test_a_line_is_not_read_beyond_its_end(kernel):
    line = rb'{"key":"va\u00e9lue that is long","n":-12.5e3,"t":true,"o":{"p":[1,{"q":null}]}}'
    for length in range(len(line)):
        ok = bits(7)
        kernel.members(line, i64(0), i64(length), None, kernel.KeyTable(), 4, ok)
        assert ok[0] == 0, line[:length]


@pytest.mark.parametrize("max_depth", [1, 2, json_python.MAX_NESTING])
def test_nesting_has_a_limit_and_not_that_of_a_stack(kernel, max_depth):
    deepest = json_python.MAX_NESTING
    arrays = [b'{"a":' + b"[" * depth + b"]" * depth + b"}" for depth in (deepest - 1, deepest)]
    objects = [b'{"a":' * depth + b"1" + b"}" * depth for depth in (deepest, deepest + 1)]
    endless = [b'{"a":' + b"[" * 10**6, b'{"a":' * 10**6]
    found = told(kernel, *arrays, *objects, *endless, max_depth=max_depth)
    assert [members is not None for members in found] == [True, False, True, False, False, False]
    assert first_error(arrays[1]) == (5 + deepest - 1, "nested more than 512 deep")


def test_a_line_may_be_huge(kernel):
    text = b"x" * 50_000_000
    assert told(kernel, b'{"a":"' + text + b'"}') == [[(b"a", STRING, text)]]


def test_an_object_may_have_many_keys(kernel):
    expected = [(b"key%d" % i, NUMBER, b"%d" % i) for i in range(10_000)]
    line = b"{" + b",".join(b'"%s":%s' % (path, value) for path, _, value in expected) + b"}"
    assert told(kernel, line, capacity=10_000) == [expected]
    few = told(kernel, line, capacity=4)[0]
    assert few[:4] == expected[:4]
    assert few[4:] == [(b"*", MEMBER, b'"%s":%s' % (path, value)) for path, _, value in expected[4:]]


# ---- Text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b""),
        (b"plain \xff", b"plain \xff"),
        (rb"\"\\\/\b\f\n\r\t", b'"\\/\b\f\n\r\t'),
        (rb"\u0041\u00e9\u20AC\u0000", "Aé€\0".encode()),
        (rb"\ud83d\uDE00!", "😀!".encode()),
        (rb"\udbff\udfff\uffff", "\U0010ffff\uffff".encode()),
        (rb"\ud83d", "\ufffd".encode()),
        (rb"\ude00\ud83d", "\ufffd\ufffd".encode()),
        (rb"\ud83d\ud83d\ude00", "\ufffd😀".encode()),
        (rb"\ud83d\u0041\ud83d\n", "\ufffdA\ufffd\n".encode()),
        (rb"\q\u12\n\\q", b"\\q\\u12\n\\q"),
        (b"end\\", b"end\\"),
        (b"\\u004", b"\\u004"),
    ],
)
def test_escapes_are_resolved(kernel, text, expected):
    assert unescape(kernel, text, b"between", text) == [expected, b"between", expected]


def test_no_strings_have_no_text(kernel):
    assert unescape(kernel) == []


def test_text_that_is_not_said_to_be_escaped_stays_as_it_is(kernel):
    found = unescape(kernel, rb"\t1", rb'{"a":"\t"}', b"", rb"\t2", escaped=bits(1, 0, 0, 255))
    assert found == [b"\t1", rb'{"a":"\t"}', b"", b"\t2"]


# ---- The kernel that is chosen


def test_members_are_gone_through_key_by_key():
    data, offsets, lengths = lines_of([b'{"a":1,"b":"x\\ty"}', b"no", b'{"b":"\\u00e9\\n"}'])
    keys, ok = json_lines.KeyTable(), bits(7, 7, 7)
    found = json_lines.members(data, offsets, lengths, None, keys, 1, ok)
    (a, *of_a), (b, rows, begins, ends, kinds) = found
    assert (len(found), keys.path(a), keys.path(b), ok.tolist()) == (2, b"a", b"b", [1, 0, 1])
    assert [array.tolist() for array in of_a] == [[0], [5], [6], [NUMBER]]
    assert (rows.tolist(), kinds.tolist()) == ([0, 2], [ESCAPED, ESCAPED])
    assert json_lines.unescape(data, begins, ends, bits(1, 1)).to_pylist() == [b"x\ty", "é\n".encode()]


def test_the_twin_is_used_on_request_and_otherwise_the_native_kernel_if_built():
    program = "from telemap.records import json_lines as j; print(j.IS_NATIVE, j.KeyTable.__module__)"
    environment = {key: value for key, value in os.environ.items() if key != "TELEMAP_PURE_PYTHON"}
    environment["PYTHONPATH"] = str(Path(json_lines.__file__).parents[2])

    def run(**more: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(
            command, env=environment | more, check=True, capture_output=True, text=True
        ).stdout.strip()

    twin = "False telemap.records.json_python"
    assert run(TELEMAP_PURE_PYTHON="1") == twin
    assert run() == (twin if _json is None else "True telemap.records._json")


# ---- Arguments


@pytest.mark.parametrize(
    "bad",
    [
        {"which": i64(1)},
        {"which": i64(-1)},
        {"which": i64()},
        {"which": np.zeros(1, np.int32)},
        {"offsets": i64(-1)},
        {"offsets": i64(1)},
        {"offsets": i64(2**62), "lengths": i64(2**62)},
        {"offsets": i64(0, 0)},
        {"lengths": i64(3)},
        {"lengths": i64(-1)},
        {"lengths": i64(2**63 - 1)},
        {"lengths": np.zeros(1)},
        {"max_depth": 0},
        {"max_depth": 513},
        {"ok": bits(0, 0)},
        {"ok": np.frombuffer(b"0", np.uint8)},
        {"ok": np.zeros(1, np.int8)},
        {"ok": np.zeros(4, np.uint8)[::2]},
        {"data": memoryview(b"{xx}")[::2]},
    ],
)
def test_members_refuse_arguments_that_do_not_fit(kernel, bad):
    good = {"data": b"{}", "offsets": i64(0), "lengths": i64(2), "which": i64(0), "keys": kernel.KeyTable()}
    good |= {"max_depth": 1, "ok": bits(7)}
    kernel.members(*good.values())
    with pytest.raises(ValueError, match=r"within|differ|read-only|contiguous|another type"):
        kernel.members(*(good | bad).values())


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(i64(-1), i64(-1)), (i64(0), i64(3)), (i64(1), i64(0)), (i64(0), i64()), (i64(0), np.zeros(1)), (i64(3), i64(3))],
)
def test_texts_refuse_spans_outside_the_data(kernel, begins, ends):
    with pytest.raises(ValueError, match=r"within|differ|another type"):
        kernel.unescape(b"12", begins, ends, bits(*[1] * len(begins)))


@pytest.mark.parametrize("escaped", [bits(), bits(1, 1), np.ones(1, np.bool_), i64(1)])
def test_texts_refuse_flags_that_do_not_fit(kernel, escaped):
    with pytest.raises(ValueError, match=r"differ|another type"):
        kernel.unescape(b"12", i64(0), i64(1), escaped)


def test_what_is_not_a_buffer_or_a_table_is_a_type_error(kernel):
    for call in (
        lambda: kernel.members("{}", i64(0), i64(2), None, kernel.KeyTable(), 1, bits(0)),
        lambda: kernel.members(b"{}", i64(0), i64(2), None, {}, 1, bits(0)),
        lambda: kernel.members(b"{}", [0], i64(2), None, kernel.KeyTable(), 1, bits(0)),
        lambda: kernel.unescape(None, i64(0), i64(2), bits(1)),
        lambda: kernel.unescape(b"{}", i64(0), i64(2), None),
        lambda: kernel.KeyTable("many"),
        lambda: kernel.KeyTable().path("a"),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("capacity", [0, -1, 2**20 + 1])
def test_a_table_holds_at_least_one_key_and_not_too_many(kernel, capacity):
    with pytest.raises(ValueError, match="capacity is not within"):
        kernel.KeyTable(capacity)


# ---- Laws

KEYS = st.sampled_from(["a", "b", "c", "level", "", "timestamp", "time.é", 'q"\\', "k" * 17, "k" * 16]) | st.text(
    max_size=3
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40) | st.text('"\\\n é😀')
)


def document(scalars: st.SearchStrategy, keys: st.SearchStrategy) -> st.SearchStrategy:
    """Objects as tuples of pairs, so that a key can come twice."""

    def more(inner: st.SearchStrategy) -> st.SearchStrategy:
        return st.lists(inner, max_size=4) | st.lists(st.tuples(keys, inner), max_size=5).map(tuple)

    return st.lists(st.tuples(keys, st.recursive(scalars, more, max_leaves=12)), max_size=8).map(tuple)


def spelled(value: Any, is_ascii: bool, comma: str, colon: str) -> str:
    options = is_ascii, comma, colon
    if isinstance(value, tuple):
        pairs = (json.dumps(key, ensure_ascii=is_ascii) + colon + spelled(inner, *options) for key, inner in value)
        return "{" + comma.join(pairs) + "}"
    if isinstance(value, list):
        return "[" + comma.join(spelled(inner, *options) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=is_ascii)


SPELLINGS = st.tuples(st.booleans(), st.sampled_from([",", ", ", " ,\t"]), st.sampled_from([":", ": ", " :\r"]))
TEXTS = st.builds(lambda value, spelling: spelled(value, *spelling), document(SCALARS, KEYS), SPELLINGS)


def flat(value: dict[str, Any], max_depth: int, prefix: str = "") -> dict[str, Any]:
    found = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner and max_depth > 1:
            found |= flat(inner, max_depth - 1, f"{prefix}{key}.")
        else:
            found[prefix + key] = inner
    return found


def value_of(kernel: ModuleType, kind: int, text: bytes) -> Any:
    if kind in (STRING, ESCAPED):
        assert (b"\\" in text) == (kind == ESCAPED)
        return unescape(kernel, text)[0].decode()
    value = json.loads(text)
    kinds = {int: NUMBER, float: NUMBER, list: ARRAY, dict: OBJECT}
    assert kind == kinds.get(
        type(value), {True: TRUE, False: FALSE, None: NULL}.get(value) if text[:1] in b"tfn" else -1
    )
    return value


@settings(deadline=None, max_examples=300)
@given(st.lists(TEXTS, max_size=4), st.integers(1, 5))
def test_members_are_those_that_the_standard_library_reads(kernel, texts, max_depth):
    texts = [text for text in texts if not has_dots(json.loads(text))]
    found = told(kernel, *(text.encode() for text in texts), max_depth=max_depth)
    values = [{path.decode(): value_of(kernel, kind, text) for path, kind, text in members} for members in found]
    assert values == [flat(json.loads(text), max_depth) for text in texts]


def has_dots(value: dict[str, Any]) -> bool:
    """Whether two members can be of one path."""
    return any("." in key or (isinstance(inner, dict) and has_dots(inner)) for key, inner in value.items())


FRAGMENTS = [
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b" ",
        b"\t",
        b"\r",
        b"\x00",
        b"\xff",
        b"-",
        b"+",
        b".",
        b"e",
        b"E5",
    ),
    *(b"0", b"17", b"1.5", b"null", b"true", b"false", b"NaN", b"Infinity", b"\\n", b"\\u00e9", b"\\ud83d", b"\\ude00"),
    *(
        b'"a":',
        b'"b":',
        b'"a.b":',
        b'{"a":',
        b'{"a.b":1,',
        b'{"b":{"a":',
        b'"text"',
        b"{}",
        b"[]",
        b"}}",
        b'"a\\u002eb":',
    ),
]
PIECES = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), max_size=20).map(b"".join)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    line = bytearray(draw(TEXTS).encode())
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(line)))
        line[place : place + draw(st.integers(0, 3))] = draw(st.sampled_from([b"", *FRAGMENTS]))
    return bytes(line)


LINES = (mutated() | PIECES | PIECES.map(lambda text: b'{"a":' + text + b"}")).map(
    lambda line: line.replace(b"\n", b" ")
)


@settings(deadline=None, max_examples=400)
@given(LINES)
def test_lines_are_read_that_the_standard_library_reads(kernel, line):
    try:
        is_object = isinstance(json.loads(line.decode("latin-1"), strict=False), dict)
    except ValueError:
        is_object = False
    assert (first_error(line) is None) == is_object
    assert raw(kernel, [line])[0] == [is_object]


@settings(deadline=None, max_examples=400)
@given(st.lists(LINES, max_size=6), st.sampled_from([1, 2, 3, 4096]), st.sampled_from([1, 2, 3, 512]), st.data())
def test_both_kernels_read_lines_alike(native, lines, capacity, max_depth, draw):
    repeated = lines + lines[::-1]
    which = draw.draw(st.none() | st.lists(st.integers(0, len(repeated) - 1))) if repeated else None
    options = {"max_depth": max_depth, "which": which, "capacity": capacity}
    assert raw(native, repeated, **options) == raw(json_python, repeated, **options)


@settings(deadline=None)
@given(st.lists(st.text()))
def test_strings_stand_for_what_the_standard_library_reads(kernel, texts):
    assert unescape(kernel, *(json.dumps(text)[1:-1].encode() for text in texts)) == [text.encode() for text in texts]


ESCAPES = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), max_size=12).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(ESCAPES, st.integers(0, 2)), max_size=8))
def test_both_kernels_give_text_alike(native, told):
    texts, escaped = [text for text, _ in told], bits(*(flag for _, flag in told))
    assert unescape(native, *texts, escaped=escaped) == unescape(json_python, *texts, escaped=escaped)


@pytest.mark.shared
@pytest.mark.parametrize("pattern", ["log_formats/**/*", "traces_otlp_jaeger/**/*.json"])
def test_both_kernels_agree_on_recorded_lines(native, shared_data, pattern):
    files = [path for path in sorted(shared_data.glob(pattern)) if path.is_file()]
    assert files
    for path in files:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = [data.replace(b"\n", b" "), *data.split(b"\n")]
        assert raw(native, lines) == raw(json_python, lines)
