"""Lines of Java that name class and line (``nezha_rca``): the place in the text, and the lines without it."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.callsite_score import Place, Score
from telemap.code.reading import CodeIndex
from telemap.mapping.hints import split_location
from telemap.mapping.logged import Logged
from telemap.mapping.matching import Matcher
from telemap.mapping.neighbours import Placed, among_neighbours
from telemap.mapping.records import RecordLocator
from telemap.model.code import LogStatement, Template, Variable

LINE = re.compile(
    r"[\d:.]+ [A-Z]+ +(?P<name>[\w.$]+)#(?P<line>\d+) TraceID: \S* SpanID: \S* (?P<message>.*)", re.DOTALL
)
TOKEN = re.compile(r"\w+(?:-\w+)*|\s+|.", re.DOTALL)
MOST_EXAMPLES = 30  # different messages of a place that are compared
MOST_TOKENS = 200  # of each of them; lists in messages can have thousands
END = "\0"


class Token(NamedTuple):
    """A piece of a text that messages have in common, and whether anything may stand in front of it."""

    text: str
    after_gap: bool


@dataclass(frozen=True, slots=True)
class LocatedLine:
    """A line as the container's runtime stored it, the place that it names, its message without that, and its order."""

    stored: str
    place: Place
    message: str
    source: str
    trace_id: str
    time_unix_nano: int


def measured(data: Path) -> dict[str, Any]:
    """The figures of the interface page for all days in ``data``."""
    days = {folder.name: folder for folder in sorted((data / "trainticket").iterdir()) if folder.is_dir()}
    healthy = {day: list(_lines(sorted(folder.glob("fault_free/*_log.csv.zst")))) for day, folder in days.items()}
    faulty = {day: list(_lines(sorted(folder.glob("log/*_log.csv.zst")))) for day, folder in days.items()}
    score, ordered = Score(), Score()
    for day, lines in faulty.items():
        known = [line for one in days for line in healthy[one] + (faulty[one] if one != day else [])]
        statements = list(learnt(known))
        matcher = Matcher(statements)
        _count_in_order(lines, RecordLocator(statements, CodeIndex((), ())), ordered)
        places = {line.place for line in known}
        for line in lines:
            score.add(line.place, matcher.match(line.message))
            score.counts["seenBefore"] += line.place in places
    everything = [line for of_days in (healthy, faulty) for lines in of_days.values() for line in lines]
    return {
        "lines": len(everything),
        "withLocation": _located(everything),
        "withoutLocation": score.shares("right", "topFive", "confidentlyWrong", "none", "confident", "seenBefore"),
        "inOrder": ordered.shares("right", "topFive", "confidentlyWrong", "none", "confident"),
        "reliability": score.reliability(),
    }


def _lines(paths: Iterable[Path]) -> Iterator[LocatedLine]:
    import pyarrow as pa

    for path in paths:
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as packed:
            for row in csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8", newline="")):
                try:
                    stored = json.loads(row["Log"])
                except ValueError:  # cut off in the data
                    continue
                found = LINE.match(stored["log"])
                if found:
                    # The runtime cuts long lines, and in the data lines of others stand between the pieces: the first
                    # is ended here, or the next line would be its second.
                    ended = json.dumps(stored | {"log": stored["log"].rstrip("\n") + "\n"}, ensure_ascii=False)
                    place, order = (found["name"], int(found["line"])), int(row["TimeUnixNano"])
                    yield LocatedLine(ended, place, found["message"].strip(), row["PodName"], row["TraceID"], order)


def _count_in_order(lines: Iterable[LocatedLine], locator: RecordLocator, score: Score) -> None:
    """The same lines without the place in them, in the order of each source, beside those around them."""
    placed = (
        Placed(line.source, line.trace_id, locator.locate(Logged(line.message)), line)
        for line in sorted(lines, key=lambda line: (line.source, line.time_unix_nano))
    )
    for one in among_neighbours(placed):
        places = (candidate.location for candidate in one.origins.written)
        answers = [((place.file_path, place.line_number), place.confidence) for place in places]
        score.count(one.record.place, answers)


def _located(lines: list[LocatedLine]) -> Mapping[str, float]:
    """The place in the text as the product finds it in the records that it reads."""
    from telemap.records.format_files import bundled_formats
    from telemap.store.loading import Ingest, ingest
    from telemap.store.store import Store

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "containers.log")
        log.write_text("".join(line.stored + "\n" for line in lines), encoding="utf-8")
        store = Store(Path(folder, "store"), create=True)
        ingest(store, [str(log)], Ingest(bundled_formats()))
        bodies = {row["line_number"]: row["body"] for row in store.rows("SELECT line_number, body FROM record")}
    counts = Counter({"right": 0, "wrong": 0, "none": 0})
    for number, line in enumerate(lines, 1):
        location, _ = split_location(bodies.get(number) or "")
        name, told = line.place
        counts["none" if not location else "right" if location == f"{name}#{told}" else "wrong"] += 1
    return {verdict: count / max(len(lines), 1) for verdict, count in counts.items()}


def learnt(lines: Iterable[LocatedLine]) -> Iterator[LogStatement]:
    """A statement for each place: what all its messages have in common, words with digits apart."""
    examples: dict[Place, dict[str, None]] = defaultdict(dict)
    for line in lines:
        examples[line.place][line.message] = None
    for (name, number), messages in examples.items():
        first, *others = [*messages][:: -(-len(messages) // MOST_EXAMPLES)]
        texts = TOKEN.findall(first)
        common = [Token(text, False) for text in texts[:MOST_TOKENS]] + [Token(END, len(texts) > MOST_TOKENS)]
        for other in others:
            common = _common(common, [*TOKEN.findall(other)[:MOST_TOKENS], END])
        yield LogStatement(name, number, number, "", "log", "", name, _template(common), (), "java")


def _common(tokens: list[Token], others: list[str]) -> list[Token]:
    """The tokens that the others have too, in their order, and between which of them one of both has more."""
    blocks = SequenceMatcher(None, [token.text for token in tokens], others, autojunk=False).get_matching_blocks()
    kept, end, other_end, is_gap = list[Token](), 0, 0, False
    for block in blocks:
        is_gap = is_gap or block.a > end or block.b > other_end
        end, other_end = block.a + block.size, block.b + block.size
        for token in tokens[block.a : end]:
            kept.append(Token(token.text, token.after_gap or is_gap))
            is_gap = False
    return kept


def _template(tokens: list[Token]) -> Template:
    literals = [""]
    for token in tokens:
        is_value = re.search(r"\d", token.text) is not None
        if token.after_gap or is_value:
            literals.append("")
        if not is_value:
            literals[-1] += token.text
    literals[-1] = literals[-1].removesuffix(END)
    return Template(tuple(literals), tuple(Variable(f"v{number}") for number in range(1, len(literals))))
