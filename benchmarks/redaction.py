"""Secrets that are found and look-alikes that are kept, in made lines; and what it costs to look for them.

Keys are made by their issuers' rules (an alphabet, a length, a beginning), not by the expressions that find them, and
stand in lines of many kinds among lines with values that look like them. A secret counts as found if no five of its
bytes are left in a row. The cost is told as that of an ingest with redaction over one without, in CPU seconds.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import resource
import string
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import corpus
from telemap.model.interning import Interner
from telemap.records.blocks import ANY_BODY, BlockReader
from telemap.records.formats import Format
from telemap.records.redaction import Redactor
from telemap.records.redaction_rules import bundled_rules
from telemap.records.stack import Stack

NAME = "redaction"
HELP = "secrets found and look-alikes kept in made lines, and the cost of looking for them"

LETTERS, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
BASE32, URL64 = string.ascii_uppercase + "234567", string.ascii_letters + string.digits + "-_"
SECRET_SHARE = 0.01
BLOCK_BYTES = 16 * 2**20
TOGETHER = 40  # lines with secrets in a row
MOST_LEFT = 4  # bytes in a row that may be like those that overwrote them
OPEN, CLOSE = "\ue000", "\ue001"  # around a secret in a line that is being made

Make = Callable[[random.Random], str]


def _of(alphabet: str, size: int, most: int = 0) -> Make:
    return lambda rng: "".join(rng.choices(alphabet, k=rng.randint(size, most or size)))


def _after(begin: str, make: Make) -> Make:
    return lambda rng: begin + make(rng)


def _jwt(rng: random.Random) -> str:
    parts = {"alg": rng.choice(["HS256", "RS256"]), "typ": "JWT"}, {"sub": _of(LETTERS, 9)(rng), "iat": rng.random()}
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, _of(URL64, 43)(rng)])


def _password(rng: random.Random) -> str:
    """A password as people make it: a word, with digits and signs that need no escape anywhere."""
    word = rng.choice(["summer", "Dragon", "correcthorse", "letmein", "Tr0ub4dor", "qwerty", "monkey", "Zürich"])
    return (
        word + rng.choice(["", "!", "$", "#", "-", "."]) + str(rng.randint(10, 9999)) + rng.choice(["", "!", "x", "$"])
    )


TOKENS: dict[str, Make] = {
    "aws": _after("AKIA", _of(BASE32, 16)),
    "awsSession": _after("ASIA", _of(BASE32, 16)),
    "github": _after("ghp_", _of(LETTERS, 36)),
    "githubFine": lambda rng: f"github_pat_{_of(LETTERS, 22)(rng)}_{_of(LETTERS, 59)(rng)}",
    "gitlab": _after("glpat-", _of(URL64, 20)),
    "slack": lambda rng: f"xoxb-{rng.randrange(10**12)}-{rng.randrange(10**12)}-{_of(LETTERS, 24)(rng)}",
    "stripe": _after("sk_live_", _of(LETTERS, 24, 99)),
    "openai": _after("sk-", _of(LETTERS, 48)),
    "anthropic": _after("sk-ant-api03-", _of(URL64, 93)),
    "google": _after("AIza", _of(URL64, 35)),
    "googleAccess": _after("ya29.", _of(URL64, 60, 120)),
    "npm": _after("npm_", _of(LETTERS, 36)),
    "sendgrid": lambda rng: f"SG.{_of(URL64, 22)(rng)}.{_of(URL64, 43)(rng)}",
    "vault": _after("hvs.", _of(URL64, 90)),
    "databricks": _after("dapi", _of(HEX, 32)),
    "jwt": _jwt,
}
OPAQUE: tuple[Make, ...] = (_of(LETTERS, 20, 60), _of(HEX, 32), _of(HEX, 64), _of(LETTERS + "+/", 43), _of(URL64, 32))
# Around a key whose beginning tells what it is.
TOKEN_LINES = (
    "using %s",
    "key is '%s'",
    "loaded credential %s, 3 more",
    "cfg=%s retries=3",
    '{"level":"info","id":"%s","n":3}',
    r'{"body":"env:\nKEY %s\n"}',
    r'{"body":"{\"k\":\"%s\"}"}',
    "GET /v1/items?page=2&k=%s HTTP/1.1",
    "Error: 401 for %s\n    at call (client.ts:12:7)",
    "    at fetch (https://api.example.org/v2?k=%s:4:11)",
    "[%s]",
)
PASSWORD_LINES = (
    "login failed user=bob password=%s ip=10.0.0.7",
    '{"user":"bob","password":"%s","remember":true}',
    '{"user": "bob", "newPassword": "%s"}',
    r'{"body":"{\"user\":\"bob\",\"password\":\"%s\"}"}',
    "DB_PASSWORD=%s",
    'export PGPASSWORD="%s"',
    "spring.datasource.password: %s",
    "Server=db;User Id=sa;Password=%s;Encrypt=true",
    "jdbc:postgresql://db/x?user=bob&password=%s&ssl=true",
    "connecting to postgres://bob:%s@db.local:5432/orders",
    "amqp://svc:%s@queue/vhost refused",
    "mysqldump --user bob --password %s orders",
    "User(name=bob, password=%s, age=3)",
    "{username=bob, password=%s}",
    "<user>bob</user><password>%s</password>",
    '{"name":"SMTP_PASSWORD","value":"%s"}',
    "Traceback:\n  File 'a.py', line 3\n    connect(password='%s')",
    "    passwd: '%s'",
    "curl -u bob:%s https://example.org",
)
OPAQUE_LINES = (
    "token=%s",
    "api_key: %s",
    "X-Api-Key: %s",
    '{"access_token":"%s","token_type":"bearer","expires_in":3600}',
    '{"headers":{"x-auth-token":["%s"]}}',
    "> Authorization: Bearer %s",
    "('authorization', 'Bearer %s')",
    "AccountName=x;AccountKey=%s==;EndpointSuffix=core.windows.net",
    "aws_secret_access_key = %s",
    "https://app.example.org/cb#access_token=%s&state=3",
    "Set-Cookie: session=%s; Path=/; HttpOnly",
    "Cookie: sid=%s",
    "clientSecret: '%s',",
    "run --api-token %s --dry-run",
    "refreshToken=%s, user=bob",
    "https://hooks.slack.com/services/%s",
    "https://acct.blob.core.windows.net/c/f?sv=2024&sr=b&sig=%s",
)
ENCODED_LINES = ("GET /login?next=%%2Fx%%3Fpassword%%3D%s HTTP/1.1", "url=%%2Fcb%%3Fapi_key%%3D%s")
LEADS = ("", "2026-03-02T10:00:00.123Z INFO ", "[worker-7] ", "Bus.ts:70 ", "Mar  2 10:00:00 host app[311]: ")
# Look like secrets, by their names or their values. `#` is any digit, `~` any letter or digit.
KEPT_LINES = r"""
token=# of #
tokens: ####, prompt_tokens=###
tokenizer took #ms
Unexpected token } in JSON at position ##
token: ','
token_type=bearer expires=####
nextPageToken=~~~~~~~~~~~~~~~~~~~~
bearer token missing #
--token is required (#)
password: not set
password=null
"password":"***"
password=[REDACTED]
password=${DB_PASSWORD_#}
password={{ vault##.db }}
passwordless login of user##
password must have # characters
Password: must be at least # characters
password reset for user##
password field ## is required
{"errors":{"password":"is too short (minimum is # characters)"}}
PWD=/home/u##
passed=## failed=#
compass=##
secret: false
secret=app-tls-#
secret "db-creds-#" not found
secrets mounted: ##
secretary=user##
Basic realm="zone#"
WWW-Authenticate: Bearer realm="api#", error="invalid_token"
Authorization: none
authorization took #ms
auth=basic n=##
commit HASH40
sha256:HASH64
etag: "HASH32"
trace_id=HASH32
public_key=HASH64
request UUID done in ##ms
requestId=~~~~~~~~~~~~~~~~~~~~
session_id=~~~~~~~~~~~~~~~~
{"id":"~~~~~~~~~~~~~~~~~~~~~~~~","key":"value##"}
key=~~~~~~~~ value=##
cache_key=user:##:~~~~~~~~
api_key=/etc/keys/k#.pem
access_key_id missing in profile ##
task-~~~~~~~~~~~~~~~~~~~~~~~~ done
sk-fading-circle-## added
npm_config_cache=/x/##
http://localhost:####/@vite/client
https://host:####/a@#/b
git@github.com:org/repo##.git
user##@example.org
cookies=##
cookie consent given by user##
data:image/png;base64,~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
integrity sha512-~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~==
-----BEGIN CERTIFICATE-----
~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A made log; by kind, where the secrets stand in it; and of each of its lines whether it has one."""

    data: bytes
    secrets: list[tuple[str, int, int]]
    has_secret: npt.NDArray[np.bool_]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--make", type=int, default=300_000, metavar="LINES", help="length of the logs that are timed")
    parser.add_argument("--secrets", type=int, default=20_000, metavar="N", help="how many are planted")
    parser.add_argument("--seed", type=int, default=0, help="of all that is made")
    parser.add_argument("--runs", type=int, default=3, help="how often each cost is measured; the best counts")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of the interface page; ``slowdownWithSecrets`` where one of a hundred lines has one."""
    planted = plant(arguments.secrets, arguments.seed)
    kept = bytes(_reader(Redactor(bundled_rules())).read(memoryview(planted.data)).data)
    missed = Counter(kind for kind, *span in planted.secrets if _is_left(planted.data, kept, *span))
    lines = zip(planted.data.splitlines(), kept.splitlines(), strict=True)
    is_changed = np.array([before != after for before, after in lines])
    clean = ~planted.has_secret
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "made.log")
        corpus.make(log, arguments.make, arguments.seed)
        without = log.read_bytes()
        secret_lines = plant(max(int(arguments.make * SECRET_SHARE), 1), arguments.seed, look_alikes=0).data
        slowdowns = [_slowdown(data, log, arguments.runs) for data in (without, _mixed(without, secret_lines))]
    return {
        "secrets": len(planted.secrets),
        "found": 1 - missed.total() / len(planted.secrets),
        "missed": dict(missed),
        "cleanLines": int(clean.sum()),
        "falseRedactions": float((is_changed & clean).sum() / clean.sum()),
        "slowdown": slowdowns[0],
        "slowdownWithSecrets": slowdowns[1],
    }


def plant(secrets: int, seed: int, look_alikes: int = 4) -> Planted:
    """So many secrets, each in a line or several, among so many look-alikes for each."""
    rng = random.Random(seed)
    lines: list[tuple[str, str]] = []
    for _ in range(secrets):
        lines.append(_secret_lines(rng))
        lines += [
            ("", rng.choice(LEADS) + _varied(rng, rng.choice(KEPT_LINES.split("\n")[1:-1]))) for _ in range(look_alikes)
        ]
    rng.shuffle(lines)
    data, spans, has_secret = bytearray(), [], []
    for kind, text in lines:
        for part in text.split("\n"):
            pieces = [piece.encode() for piece in part.replace(CLOSE, OPEN).split(OPEN)]
            for number, piece in enumerate(pieces):
                if number % 2:
                    spans.append((kind, len(data), len(data) + len(piece)))
                data += piece
            data += b"\n"
            has_secret.append(len(pieces) > 1)
    return Planted(bytes(data), spans, np.array(has_secret))


def _secret_lines(rng: random.Random) -> tuple[str, str]:
    """A kind of secret, and a line with one; or several, as the lines of a private key."""
    way, lead = rng.random(), rng.choice(LEADS)
    if way < 0.4:
        kind = rng.choice([*TOKENS])
        return kind, lead + rng.choice(TOKEN_LINES).replace("%s", OPEN + TOKENS[kind](rng) + CLOSE)
    if way < 0.65:
        return "password", lead + rng.choice(PASSWORD_LINES).replace("%s", OPEN + _password(rng) + CLOSE)
    if way < 0.95:
        return "opaque", lead + rng.choice(OPAQUE_LINES).replace("%s", OPEN + rng.choice(OPAQUE)(rng) + CLOSE)
    if way < 0.98:
        return "encoded", lead + rng.choice(ENCODED_LINES) % (OPEN + urllib.parse.quote(_of(LETTERS, 12)(rng)) + CLOSE)
    body = [_of(LETTERS + "+/", 64)(rng) for _ in range(rng.randint(3, 25))] + [_of(LETTERS, 4, 60)(rng) + "="]
    if rng.random() < 0.3:
        inner = OPEN + r"\n" + r"\n".join(body) + CLOSE
        return "privateKeyInJson", f'{lead}{{"key":"-----BEGIN PRIVATE KEY-----{inner}\\n-----END PRIVATE KEY-----"}}'
    edge = rng.choice(["RSA ", "EC ", "OPENSSH ", ""]) + "PRIVATE KEY-----"
    lines = [f"-----BEGIN {edge}", *(OPEN + line + CLOSE for line in body), f"-----END {edge}"]
    return "privateKey", "\n".join(lead + line for line in lines)


def _varied(rng: random.Random, line: str) -> str:
    for word, make in {"HASH32": _of(HEX, 32), "HASH40": _of(HEX, 40), "HASH64": _of(HEX, 64)}.items():
        line = line.replace(word, make(rng))
    line = line.replace("UUID", "-".join(_of(HEX, size)(rng) for size in (8, 4, 4, 4, 12)))
    return "".join(rng.choice({"#": "123456789", "~": LETTERS}.get(sign, sign)) for sign in line)


def _mixed(data: bytes, secret_lines: bytes) -> bytes:
    """The lines of ``data`` with secret ones between them, some together, as the lines of a key are."""
    lines, others = data.splitlines(keepends=True), secret_lines.splitlines(keepends=True)
    for start in range(0, len(others), TOGETHER):
        lines[start * len(lines) // len(others)] += b"".join(others[start : start + TOGETHER])
    return b"".join(lines)


def _is_left(before: bytes, after: bytes, start: int, end: int) -> bool:
    is_same = (left == right for left, right in zip(before[start:end], after[start:end], strict=True))
    return any(sum(run) > MOST_LEFT for same, run in groupby(is_same) if same)


def _reader(redactor: Redactor | None) -> BlockReader:
    return BlockReader(Stack(Format(NAME, NAME, NAME, (ANY_BODY,), ())), Interner(), redactor)


def _slowdown(data: bytes, log: Path, runs: int) -> float:
    """CPU time of an ingest with redaction over that of one without; starting up is not counted.

    Ingests differ from one another by more than redaction costs: what it costs is measured in this process.
    """
    plain, redacting = [], []
    for _ in range(runs):
        plain.append(_read_seconds(data, None))
        redacting.append(_read_seconds(data, Redactor(bundled_rules())))
    log.write_bytes(data)
    whole = min(_ingest_seconds(log) for _ in range(runs))
    log.write_bytes(data[: data.index(b"\n") + 1])
    least = min(_ingest_seconds(log) for _ in range(runs))
    return 1 + (min(redacting) - min(plain)) / (whole - least)


def _read_seconds(data: bytes, redactor: Redactor | None) -> float:
    reader, start, begun = _reader(redactor), 0, time.process_time()
    while start < len(data):
        end = data.find(b"\n", start + BLOCK_BYTES) + 1 or len(data)
        reader.read(memoryview(data)[start:end])
        start = end
    return time.process_time() - begun


def _ingest_seconds(log: Path) -> float:
    """CPU time of an ingest without redaction, in a process of its own."""
    print(f"ingest of {log.stat().st_size} bytes", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=log.parent) as store:
        command = [sys.executable, "-m", "telemap", "ingest", str(log), "--no-redact", "--db", store]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
