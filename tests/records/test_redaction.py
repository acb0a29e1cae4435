"""Secrets are overwritten, what looks like them is not, and the class of a line tells whether to look at it."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from telemap.records import scan, scan_python
from telemap.records.redaction import PIECE_BYTES, Redaction, Redactor
from telemap.records.redaction_rules import any_of, bundled_rules, load_rules

REDACTOR = Redactor(bundled_rules())
KEY = "k3yOf" + "Aa1Bb2Cc3" * 4
HEX = "0123456789abcdef" * 2
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2  # as long as a line of a private key
BEGIN, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"


def bounds(lines: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
    return ends - np.array([len(line) for line in lines], np.int64), ends


def redaction(lines: list[str], suspects: list[int] | None = None) -> Redaction:
    data = [line.encode() for line in lines]
    looked_at = np.arange(len(data)) if suspects is None else np.array(suspects, np.int64)
    return REDACTOR.redacted(memoryview(b"\n".join(data) + b"\n"), *bounds(data), looked_at)


def redacted(*lines: str) -> list[str]:
    return bytes(redaction([*lines]).block).decode().split("\n")[:-1]


def filler(secret: str) -> str:
    return "REDACTED"[: len(secret)].ljust(len(secret), "0")


# `«…»` is the secret.
FOUND = [
    "password=«hunter2»",
    "DB_PASSWORD=«hun$ter,2!»",
    "{password=«hunter2», user=bob}",
    '{"user":"bob","password":"«hunter2»"}',
    '{"password": "«hunter 2 and more»", "x": 1}',
    r'{"password":"«b\"c\\»","x":1}',
    r'{"body":"{\"password\":\"«hun\\\"ter2»\",\"x\":1}"}',
    "login password: «hunter2»",
    "login password: «letmein»",
    "Password is '«hunter2»'",
    "password => '«hunter2»'",
    "user[password]=«hunter2»&x=1",
    "password%3D«hunter2»",
    "%7B%22password%22%3A%22«hunter2»%22%7D",
    r'{"url":"/x?a=1\u0026password=«hunter2»\u0026b=2"}',
    "<password>«hunter2»</password>",
    '{"name":"DB_PASSWORD","value":"«hunter2»"}',
    '["run","--password","«hunter2»"]',
    "run --password «hunter2» --user bob",
    f"run --api-token «{KEY}»",
    "curl -s -u bob:«hunter2» localhost",
    f"client_secret=«topsecret»&token=«{KEY}»",
    f"AccountName=x;AccountKey=«{KEY}==»;EndpointSuffix=core",
    "Server=x;Password=«p,ss»;Database=y",
    f"api_key: «{HEX}»",
    "X-Api-Key: «123e4567-e89b-12d3-a456-426614174000»",
    "db2password=«hunter2»",
    f"https://a.b/c#access_token=«{KEY}»&token_type=bearer",
    f"Authorization: Bearer «{KEY}»",
    f"('authorization', 'Basic «{KEY}==»')",
    '{"Authorization":["Bearer «' + KEY + '»"]}',
    f"sent bearer «{KEY}»",
    f"Cookie: «a=b; session={KEY}; theme=dark»",
    f"Set-Cookie: sid=«{KEY}»; Path=/; HttpOnly",
    "postgres://bob:«s3cr@t»@db:5432/x",
    "url=redis://:«s3cret»@host",
    f"https://hooks.slack.com/services/«T0/B0/{KEY}»",
    f"https://a.b/c?sv=1&sig=«{KEY}%3D»&x=1",
    f"«AKIA{'ABCDEFGH2345WXYZ'}»",
    f"name=«ghp_{KEY}»",
    rf'{{"body":"a\n«ghp_{KEY}»"}}',
    f"%22«glpat-{HEX}»%22",
    f"«sk-proj-{KEY}-x_1»",
    f"id=«eyJ{KEY}.eyJ{KEY}.{KEY}-_»",
    rf'{{"key":"{BEGIN}«\n{BODY}\n»{END}\n"}}',
]
KEPT = [
    *("token=3 of 5", "tokenizer took 5ms", "token=IDENTIFIER", "unexpected token: RBRACE", "prompt_tokens=12345"),
    *("token_type=bearer", "nextPageToken: CAESabc1234567890", "csrf token mismatch", "token: %s", '"token":{"id":1}'),
    *("password: not set", "password=null", "passwordless login", "password=****", "password=[REDACTED]"),
    *("password=<hidden>", "password=$DB_PASSWORD", "password: ${PASSWORD}", "password_reset=done", "PWD=/home/user"),
    *(
        "password: must have 8 characters",
        '"password":"is too short"',
        "the password for bob",
        "password=process.env.X",
    ),
    *("secret: false", "secret=my-app-tls-2", 'secret "my-app-tls-2" not found', "secret: default-token-x7k2p"),
    *("token=Token{78af589 ActivityRecord{de9231d", "token=android.os.BinderProxy@41a2b3c4"),
    *("api_key=/etc/keys/key1.pem", "access_key_id=12345678ab", "public_key=abcdef1234567890", "key=value1234567890"),
    *("session_id=abcdef123456", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "sk-chase-dot-before-1"),
    *('WWW-Authenticate: Basic realm="x1"', "Bearer realm=api12345", "bearer token missing", "eyJust something.else"),
    *("cookies=3", "cookie: none", "http://localhost:5173/@vite/client", "https://u:***@h/", "mongodb://${U}:${P}@h"),
    *('"type":"token","id":"abc12345678"', "request 123e4567-e89b-12d3-a456-426614174000", "id=akia2345"),
]


@pytest.mark.parametrize("marked", FOUND)
def test_secrets_are_overwritten_and_nothing_else(marked):
    clean = re.sub("«(.*?)»", lambda secret: filler(secret[1]), marked)
    assert redacted(re.sub("[«»]", "", marked)) == [clean]
    assert redacted(clean) == [clean]


@pytest.mark.parametrize("marked", FOUND)
@pytest.mark.parametrize("values", [False, True])
def test_a_line_with_a_secret_is_suspect(marked, values):
    assert REDACTOR.are_suspect([re.sub("[«»]", "", marked).encode()], values) == [True]


@pytest.mark.parametrize("line", KEPT)
def test_what_only_looks_like_a_secret_is_kept(line):
    assert redacted(line) == [line]


def test_a_number_stays_a_number_and_json_stays_json():
    (line,) = redacted(r'{"password":12345,"pwd":"b\"c\u00e9d","text":"token=' + KEY + r'\n"}')
    assert json.loads(line) == {
        "password": 99999,
        "pwd": filler(r"b\"c\u00e9d"),
        "text": f"token={filler(KEY)}\n",
    }


def test_only_suspect_lines_are_looked_at_and_the_block_is_left_as_it_is():
    block = memoryview(b"password=hunter2\nx\npassword=hunter2 password=hunter3\n")
    begins, ends = np.array([0, 17, 19]), np.array([16, 18, 52])
    done = REDACTOR.redacted(block, begins, ends, np.array([1, 2]))
    assert bytes(done.block) == b"password=hunter2\nx\npassword=REDACTE password=REDACTE\n"
    assert (done.lines.tolist(), done.secrets) == ([2], {"password": 2})
    assert bytes(block).count(b"hunter") == 3


@pytest.mark.parametrize("suspects", [[], [0, 1]])
def test_a_block_without_secrets_is_itself(suspects):
    block = memoryview(b"a\npassword=null\n")
    done = REDACTOR.redacted(block, np.array([0, 2]), np.array([1, 15]), np.array(suspects, np.int64))
    assert (done.block is block, done.lines.tolist(), done.secrets) == (True, [], {})


# ---- Private keys over several lines


@pytest.mark.parametrize("lead", ["", "  ", "2026-03-02 12:00:00 INFO ", '{"line": "'])
def test_the_lines_of_a_private_key_are_overwritten(lead):
    rest = '\\n"}' if lead.startswith("{") else ""
    inner = [BEGIN, "Proc-Type: 4,ENCRYPTED", "", BODY, BODY, "ab12cd==", END]
    lines = ["before", *(lead + text + rest for text in inner), "after " + BODY]
    done = redaction(lines, [1, 7])
    covered = [filler(text) if text in (BODY, "ab12cd==") else text for text in inner]
    assert bytes(done.block).decode().split("\n")[1:-2] == [lead + text + rest for text in covered]
    assert (done.lines.tolist(), done.secrets) == ([4, 5, 6], {"private key": 1})
    again = redaction(bytes(done.block).decode().split("\n")[:-1], [1, 7])
    assert again.secrets == {}


def test_a_private_key_of_which_one_edge_is_missing_is_overwritten_as_far_as_it_goes():
    assert redacted(BODY, "ab==", END, "x", BEGIN, BODY, BODY) == [
        *(filler(BODY), filler("ab==")),
        *(END, "x", BEGIN),
        *(filler(BODY), filler(BODY)),
    ]


def test_what_follows_the_begin_of_a_key_and_is_none_is_kept():
    lines = [BEGIN + " expected", "1 a", "2 b", "3 c", "4 d", BODY]
    assert redacted(*lines) == lines


# ---- The class of a line tells

NAMES = ["password", "Token", "api_key", "secret", "cookie", "authorization", "sig", "x", "oauth2_token", "password1"]
GIVEN = ["=", ": ", '":"', r"\":\"", "%3D", '","', '","value":"', " ", "> ", "=x=", "://u:", ' = "', "&"]
VALUES = ["hunter2", "12345678", KEY, HEX, f"ghp_{KEY}", "null", f"AKIA{'A2' * 8}", f"eyJ{KEY}.eyJ{KEY}.{KEY}", "a-b"]
MORE = ['"', r"\"", "}", " ", "@h", "&", "/", " --token ", "\\n", "%22", "#", "=", "Bearer ", "ya29.", "5", "sk-", "-1"]
LINES = st.lists(st.sampled_from([*NAMES, *GIVEN, *VALUES, *MORE]), min_size=2, max_size=9).map(
    lambda parts: "".join(parts).encode()
)
OTHERS = {
    "D": [b"7", b"12345678"],
    "U": [b"123e4567-e89b-12d3-a456-426614174000"],
    "X": [b"a1", KEY.encode(), HEX.encode(), b"hunter2", b"AKIA" + b"A2" * 8],
    "W": [b"ab", KEY.encode(), b"DB_PASSWORD", b"null", b"access_token", b"x-1"],
}


def class_of(line: bytes, table: scan_python.ClassTable) -> int:
    one = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.uint32), np.zeros(scan.HEADS, np.uint16)
    scan_python.split(line, 0, len(line), True, table, *one)
    return int(one[2][0])


@settings(deadline=None, max_examples=1000)
@given(LINES, st.booleans(), st.data())
def test_where_one_line_of_a_class_holds_a_secret_any_line_of_it_is_suspect(line, values, draw):
    other, passed = [], 0
    for start, end, kind in scan.masks(line, values):
        other += [line[passed:start], draw.draw(st.sampled_from([line[start:end], *OTHERS[kind]]))]
        passed = end
    variant = b"".join([*other, line[passed:]])
    table = scan_python.ClassTable(values=values, marks=REDACTOR.marks)
    assume(class_of(line, table) == class_of(variant, table))
    hidden = [variant[start:end] for start, end, kind in scan.masks(variant, values) if kind == "X"]
    assume(not any(re.search(rb"(?i).(?:password|token|api|secret|cookie|auth|bearer)", word) for word in hidden))
    if redaction([variant.decode()]).secrets:
        assert REDACTOR.are_suspect([b"", line, b"x"], values) == [False, True, False]


@pytest.mark.parametrize(
    ("innocent", "secret"),
    [
        ("/x#section=two", f"/x#access_token={KEY}"),
        ("#lane: ab", "#password: hunter"),
        ('"name":"LANE","value":"x"', '"name":"DB_PASSWORD","value":"hunter2"'),
        ("id=abcd", f"id=ghp_{KEY}"),
        ("%2Flane%3Dtwo", "%2Fpassword%3Dhunter2"),
        (r"&lane=abc", r"&password=hunter"),
        ("password=null", "password=hunter2"),
        ("at 12ab3", f"at AKIA{'A2' * 8}"),
    ],
)
def test_a_class_is_suspect_or_another_even_if_its_first_line_is_innocent(innocent, secret):
    table = scan_python.ClassTable(values=True, marks=REDACTOR.marks)
    assert redacted(secret) != [secret]
    is_one_class = class_of(innocent.encode(), table) == class_of(secret.encode(), table)
    assert REDACTOR.are_suspect([innocent.encode()], values=True) == [is_one_class]
    assert REDACTOR.are_suspect([secret.encode()], values=True) == [True]


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_lines_are_redacted_each_by_itself(lines):
    texts = [line.decode() for line in lines]
    assert redacted(*texts) == [redacted(text)[0] for text in texts]


@pytest.mark.parametrize("text", ["1", "a", "a-", "eyJa-", "token=1", 'password="', ",", "password ", "://a:", "%22"])
def test_long_lines_take_no_longer_than_their_length(text):
    line = b"token=" + text.encode() * (200_000 // len(text))
    begun = time.process_time()
    REDACTOR.redacted(memoryview(line), np.array([0]), np.array([len(line)]), np.array([0]))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("before", [*range(PIECE_BYTES - 20, PIECE_BYTES + 3), 3 * PIECE_BYTES - 9])
def test_a_secret_is_found_wherever_in_a_long_line_it_stands(before):
    line = "x" * (before - 1) + " Db-PassWord=hunter22 " + "y" * PIECE_BYTES
    assert redacted(line) == [line.replace("hunter22", "REDACTED")]


def test_lines_that_differ_in_secrets_only_are_of_one_shape_once_redacted():
    table = scan_python.ClassTable(marks=REDACTOR.marks)
    lines = [redacted(f"sent ghp_{KEY[:size]} to x")[0].encode() for size in range(20, 40)]
    assert {class_of(line, table) for line in lines} == {0}


# ---- Rules


def test_marks_are_what_a_mask_would_hide_of_hints():
    rules = load_rules("""
        innocent = ["page token"]
        [parts]
        value = '[0-9]+'
        [[secrets]]
        name = "token"
        names = ["token", "api key"]
        regex = '(?&name)=((?&value))'
        [[secrets]]
        name = "key"
        begins = ["ab12_", "sk-", "x.", "://"]
        mark_bytes = 5
        regex = 'ab12_'
    """)
    assert rules.marks == (b"token.", b"apikey.", b"ab00_", b"sk-..")
    assert [hint for hint, expressions in rules.by_hint.items() if not expressions] == [
        *(b"pagetoken", b"page_token", b"page-token", b"page.token", b"page token")
    ]


@given(st.sets(st.binary(min_size=1, max_size=4).map(bytes.lower), min_size=1), st.binary(max_size=8))
def test_the_longest_of_several_words_is_found(words, text):
    match = re.match(any_of(sorted(words)), text, re.DOTALL)
    expected = max((word for word in words if text.startswith(word)), key=len, default=None)
    assert (match and match[0]) == expected
