"""What lines of well-known logs say, read by hand: no expression of the formats under test is used here.

An oracle takes one line and gives back what its record must hold, None where the line continues the record above, and
ANYTHING where it is damaged or a header. The key ``time`` is microseconds since 1970, or text from the month or the
hour on where the line tells no year or no day; ``severity`` is OpenTelemetry's number; ``body`` is the first line of
the message, ``rest`` the text that must end in it; other keys are columns and attributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

Expected = dict[str, Any]
Oracle = Callable[[str], Expected | None]

ANYTHING: Expected = {"anything": True}

WORDS = {
    1: "trace v",
    5: "debug fine d",
    9: "info log i",
    10: "notice",
    13: "warn warning w",
    17: "error err severe failure e",
    21: "critical fatal f",
}
NUMBERS = {word: number for number, words in WORDS.items() for word in words.split()}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
CENTRAL_EUROPEAN_SUMMER = "+0200"


def microseconds(moment: datetime) -> int:
    """Since 1970; a time without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def at(text: str, layout: str) -> int:
    """The time that ``text`` tells in a layout of ``strptime``."""
    return microseconds(datetime.strptime(text, layout))


def iso(text: str) -> int:
    """The time that ISO text tells, with any number of digits and a comma or a point before them."""
    return microseconds(datetime.fromisoformat(text))


def severity(word: str) -> int | None:
    """The number of a word, numbered words like ``debug2`` too."""
    return NUMBERS.get(word.lower().rstrip("0123456789"))


def yearless(month: str, day: str, clock: str) -> str:
    """Month, day and clock as text."""
    names = {"août": 8} | {name: number for number, name in enumerate(MONTHS, 1)}
    return f"{names[month.lower()]:02}-{int(day):02} {clock}"


def leading(line: str) -> Expected | None:
    """An ISO time at the beginning, maybe in brackets, then maybe a level."""
    text = line.lstrip('["')
    if not (text[:4].isdigit() and text[4:5] == "-" and text[13:14] == ":"):
        return None
    end = 19
    if text[end] in ".,":
        end += 1 + len(text[end + 1 :]) - len(text[end + 1 :].lstrip("0123456789"))
    if text[end : end + 1] in ("Z", "+"):
        end += 1 if text[end] == "Z" else 6
    rest = text[end:].lstrip(']"').lstrip(" :\t")
    word = rest[: len(rest) - len(rest.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))]
    number = severity(word)
    return {"time": iso(text[:end]), "severity": number, "rest": rest[len(word) :] if number else rest}


def syslog(line: str) -> Expected | None:
    """Month, day, clock, host, then a tag and maybe a process id."""
    words = line.split(None, 4)
    if line[:1].isspace() or len(words) < 5 or words[2].count(":") != 2:
        return ANYTHING if line[:1].isalpha() else None
    tag, _, body = words[4].partition(": ")
    told = {"time": yearless(*words[:3]), "host.name": words[3], "rest": body}
    return told | ({"process.pid": tag.partition("[")[2].rstrip("]")} if "[" in tag else {})


def access(line: str) -> Expected | None:
    """Apache's combined layout, maybe with a virtual host in front."""
    head, request, after = line.split('"', 3)[:3]
    words = head.split()
    if len(words) < 5:
        return ANYTHING
    status, size = after.split()[:2]
    method, target, _ = request.split()
    told = {"time": at(" ".join(words[-2:]), "[%d/%b/%Y:%H:%M:%S %z]"), "client.address": words[-5], "body": request}
    told |= {"http.request.method": method, "url.path": target.partition("?")[0]}
    return told | {"http.response.status_code": status, "http.response.body.size": size}


def haproxy(line: str) -> Expected | None:
    """Traffic has a time in brackets; other messages only that of syslog."""
    text = line.split("]: ", 1)[1]
    if " [" not in text or ":" not in text.split()[0]:
        return {"time": yearless(*line.split()[:3]), "body": text}
    client, rest = text.split(" [", 1)
    time, rest = rest.split("] ", 1)
    told = {"time": at(time, "%d/%b/%Y:%H:%M:%S.%f"), "client.address": client.rpartition(":")[0]}
    return told | ({"http.response.status_code": rest.split()[3]} if rest.endswith('"') else {})


def json_object(time: str, level: str, body: str, **more: str) -> Oracle:
    """An oracle for JSON lines whose keys are these; dots lead into objects."""

    def read(line: str) -> Expected | None:
        try:
            members = json.loads(line)
        except ValueError:
            return ANYTHING
        when, word = _member(members, time), _member(members, level)
        if when is None:
            return ANYTHING
        try:
            told: Expected = {"time": _moment(when)}
        except ValueError:
            told = {}
        if word is not None:
            told["severity"] = word // 10 * 4 - 3 if isinstance(word, int) else _json_severity(word)
        text = _member(members, body)
        told["body"] = str(text).split("\n")[0] if text is not None else None
        return told | {name: str(_member(members, key)) for name, key in more.items() if _member(members, key)}

    return read


def _json_severity(word: str) -> int | None:
    return {"information": 9, "verbose": 1}.get(word.lower()) or severity(word)


def _member(members: Any, path: str) -> Any:
    if path in members:
        return members[path]
    first, _, rest = path.partition(".")
    return _member(members[first], rest) if rest and isinstance(members.get(first), dict) else None


def _moment(value: Any) -> int:
    if isinstance(value, str):
        return iso(value)
    scale = 1 if value < 1e11 else 1000 if value < 1e14 else 10**9
    return int(value) * 10**6 // scale if scale > 1 else int(value * 10**6)


def glog(line: str) -> Expected | None:
    """The letter of the level stands before month and day."""
    place, _, body = line.partition("] ")
    file, _, number = place.split()[-1].rpartition(":")
    time = f"{line[1:3]}-{line[3:5]} {line.split()[1]}"
    told = {"time": time, "severity": severity(line[0]), "thread.id": line.split()[2], "body": body}
    return told | {"code.file.path": file, "code.line.number": number}


def spark(line: str) -> Expected | None:
    """Two digits of the year first."""
    date, clock, word, name, *rest = line.split(" ", 4)
    told = {"time": at(f"{date} {clock}", "%y/%m/%d %H:%M:%S"), "severity": severity(word)}
    return told | {"logger_name": name.rstrip(":"), "body": rest[0] if rest else ""}


def postgresql(line: str) -> Expected | None:
    """A zone by its abbreviation, then the process and a word that is a level or says what is added."""
    if not line[:4].isdigit():
        return None
    date, clock, _, process, rest = line.split(" ", 4)
    word = rest.partition(":")[0]
    told = {"time": at(f"{date} {clock} {CENTRAL_EUROPEAN_SUMMER}", "%Y-%m-%d %H:%M:%S.%f %z"), "rest": rest}
    return told | {"process.pid": process.strip("[]"), "severity": severity(word)}


def mysql(line: str) -> Expected | None:
    """The general query log: tabs between time, connection with command, and argument."""
    if not line[:4].isdigit():
        return ANYTHING
    time, command, argument = line.split("\t", 2)
    number, name = command.split(None, 1)
    return {"time": iso(time), "thread.id": number, "db.operation.name": name, "body": argument}


def w3c(line: str) -> Expected | None:
    """Date and time, maybe quoted, or the time only; what follows depends on the header."""
    if line.startswith("#"):
        return ANYTHING
    words = [word.strip('"') for word in line.split(" ", 2)]
    return {"time": iso(f"{words[0]} {words[1]}")} if "-" in words[0] else {"time": words[0]}


def tai64n(line: str) -> Expected | None:
    """TAI64N: seconds since 1970 in TAI, which was ten seconds ahead."""
    seconds, nanoseconds = int(line[1:17], 16) - 2**62 - 10, int(line[17:25], 16)
    return {"time": seconds * 10**6 + nanoseconds // 1000, "body": line[26:]}


def epoch(word: int) -> Oracle:
    """An oracle for lines with seconds since 1970 in this word."""

    def read(line: str) -> Expected | None:
        if line.startswith("#"):
            return ANYTHING
        seconds, _, fraction = line.split()[word].partition(".")
        return {"time": int(seconds) * 10**6 + int(fraction)}

    return read


def compose(line: str) -> Expected | None:
    """The service before a bar, maybe the time of arrival, then a line of Redis or Flask."""
    service, _, text = line.removeprefix("\x1b[2K").partition("| ")
    told: Expected = {"service.instance.id": service.strip()}
    if text[:2] == "20" and text[10] == "T":
        arrival, _, text = text.partition(" ")
        told["time"] = iso(arrival)
    words = text.split(" ", 6)
    if words[0] == "1:signal-handler":
        return told | {"time": int(words[1].strip("()")) * 10**6}
    if words[0][:2] == "1:" and words[0][2:] in ("M", "C"):
        marks = {"*": 9, "#": 13, "-": 5, ".": 5}
        told |= {"time": at(" ".join(words[1:5]), "%d %b %Y %H:%M:%S.%f"), "severity": marks[words[5]]}
        return told | {"body": words[6]}
    return told


def caddy(line: str) -> Expected | None:
    """JSON behind the name of a service."""
    return json_object("ts", "level", "msg", logger_name="logger")(line.partition("| ")[2])


def zap_console(line: str) -> Expected | None:
    """Tabs between time, level, maybe a place, and the message."""
    if not line[:4].isdigit():
        return None
    time, word, *rest = line.split("\t")
    file, _, number = rest[0].rpartition(":")
    is_place = number.isdigit()
    place = {"code.file.path": file, "code.line.number": number} if is_place else {}
    return {"time": iso(time), "severity": severity(word), "body": "\t".join(rest[is_place:])} | place


def laravel(line: str) -> Expected | None:
    """The channel stands before the level."""
    if not line.startswith("[20"):
        return None
    channel, _, rest = line[22:].partition(".")
    word, _, body = rest.partition(": ")
    return {"time": iso(line[1:20]), "severity": severity(word), "logger_name": channel, "body": body}


def java_util_logging(line: str) -> Expected | None:
    """Class, maybe with a line number, and method."""
    date, clock, word, *rest = line.split(" ", 4)
    if not word.isalpha():
        return leading(line)
    name, _, number = rest[0].partition(":")
    function, _, body = rest[1].partition(": ")
    told = {"time": iso(f"{date} {clock}"), "severity": severity(word), "logger_name": name, "body": body}
    return told | {"code.function.name": function} | ({"code.line.number": number} if number else {})


def env_logger(line: str) -> Expected | None:
    """Time, level and module in brackets."""
    head, _, body = line.removeprefix("[").partition("] ")
    time, word, name = head.split()
    return {"time": iso(time), "severity": severity(word), "logger_name": name, "body": body}


def dated_by_words(line: str) -> Expected | None:
    """``Wed May 19 08:00:01 EST 2021`` at the beginning."""
    words = line.split(None, 6)
    if len(words) < 7:
        return None
    return {"time": at(" ".join([*words[1:4], "-0500", words[5]]), "%b %d %H:%M:%S %z %Y"), "body": words[6]}


_LNAV: dict[str, Oracle] = {
    "*access_log.*": access,
    "*haproxy.*": haproxy,
    "*glog.*": glog,
    "*spark.*": spark,
    "*postgres.*": postgresql,
    "*mysql_gen.*": mysql,
    "*w3c.*": w3c,
    "*tai64n.*": tai64n,
    "*strace_log.*": epoch(1),
    "*bro_http.*": epoch(0),
    "*docker_compose*": compose,
    "*caddy_log.*": caddy,
    "*zap_console.*": zap_console,
    "*laravel.*": laravel,
    "*block.*": dated_by_words,
    "*ecs_log.*": json_object("@timestamp", "log.level", "message", logger_name="log.logger"),
    "*rust_tracing.*": json_object("timestamp", "level", "fields.message", logger_name="target"),
    "*invalid_json*": json_object("ts", "@fields.lvl", "@fields.msg"),
    "*nested_json*": json_object("ts", "@fields.lvl", "@fields.msg"),
    "*muxed_syslog.*": json_object("timestamp", "level", "message"),
    "*cloudflare.*": json_object("EdgeStartTimestamp", "level", "message"),
    "*json3.*": json_object("started_at", "level", "message"),
    "*json*": json_object("ts", "lvl", "msg", logger_name="logger"),
}
_LNAV |= dict.fromkeys(["*logfile_syslog*", "*blued.*", "*partitions.*", "*pretty.*", "*rollover.*"], syslog)
_LNAV |= dict.fromkeys(["*log2src_python*", "*ansi.*", "*crlf.*", "*epoch.*", "*generic*", "*invalid_utf8.*"], leading)
_LNAV |= dict.fromkeys(["*java.*", "*leveltest.*", "*multiline.*", "*openam.*", "*ts_value.*", "*vami.*"], leading)
_LNAV |= dict.fromkeys(["*vmw_log.*", "*xml_msg.*"], leading)

FOLDERS: dict[str, dict[str, Oracle]] = {
    "lnav": _LNAV,
    "bunyan": {"*.log*": json_object("time", "level", "msg", logger_name="name")},
    "serilog_clef": {"*.json*": json_object("@t", "@l", "@mt", logger_name="SourceContext")},
    "java": {"*": java_util_logging},
    "rust": {"*": env_logger},
}


def oracle_for(path: Path) -> Oracle | None:
    """What reads a file of the ``log_formats`` folder; None where none was written."""
    for folder in reversed(path.parent.parts[-2:]):
        for pattern, oracle in FOLDERS.get(folder, {}).items():
            if fnmatch(path.name, pattern):
                return oracle
    return None
