"""Format files of lnav → drafts of ours, and what could not be said in them.

What lnav's settings mean is told in https://docs.lnav.org/en/latest/formats.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

from telemap.errors import TelemapError
from telemap.model.severity import severity_number
from telemap.records import times
from telemap.records.drafts import Draft, DraftPattern
from telemap.records.formats import Format, Sample
from telemap.records.lnav_settings import (
    DIRECTIVES,
    DIVISORS,
    FIELDS,
    LETTERS,
    OWN_MEANING,
    REASONS,
    RUN_NAMES,
    SEVERITIES,
    SHOWING,
    TRANSLATED,
    TYPE_NAMES,
    TYPES,
    USUAL,
)
from telemap.records.pcre import python_regex, words_of

_COMMENT = re.compile(r'("(?:[^"\\]++|\\.)*+")|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Untold:
    """A setting, or a sample, that the draft does not do justice, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one format of lnav's.

    Args:
        name: its name, fit for a file.
        draft: the format; None where it has nothing that could be used.
        samples: how many samples it came with.
        understood: how many of them the draft reads as lnav does.
        untold: what could not be translated.
        unneeded: settings that only say how lnav shows lines.
    """

    name: str
    draft: Draft | None
    samples: int
    understood: int
    untold: tuple[Untold, ...]
    unneeded: tuple[str, ...]


def read_lnav(text: str, origin: str) -> list[Imported]:
    """The formats that an lnav file (JSON, comments allowed) describes.

    Raises:
        TelemapError: ``bad-lnav-format``: it is none.
    """
    plain = _COMMENT.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), text)
    try:
        table = json.loads(plain)
    except ValueError as error:
        raise _bad(origin, "not valid JSON", str(error)) from error
    if not isinstance(table, dict) or not any(isinstance(value, dict) for value in table.values()):
        raise _bad(origin, "no format in it", 'lnav has them as {"NAME": {"regex": …}}')
    # Halves of surrogate pairs, which escapes can spell, would not go into a file.
    table = json.loads(json.dumps(table, ensure_ascii=False).encode(errors="replace"))
    return [_Translation(name, value).done() for name, value in table.items() if isinstance(value, dict)]


def _bad(origin: str, summary: str, reason: str) -> TelemapError:
    help = "telemap formats import reads the JSON files of lnav's formats folders"
    return TelemapError("bad-lnav-format", summary, reason=reason, place=origin, help=help)


@dataclass(slots=True)
class _Translation:
    """One format on its way."""

    name: str
    table: Mapping[str, Any]
    untold: list[Untold] = field(default_factory=list)
    unneeded: dict[str, None] = field(default_factory=dict)

    def done(self) -> Imported:
        """What comes of it."""
        self._drop_what_is_wrong()
        self._note_the_rest()
        levels = self._levels()
        names = self._names(has_levels=bool(levels) or not self.table.get("level", {}))
        name = re.sub(r"[^\w-]+", "_", self.name)
        draft = Draft(
            title=str(self.table.get("title", self.name)),
            layouts=tuple(self._layouts()),
            keys=self._keys(names) if self._is_json else {},
            patterns=() if self._is_json else tuple(self._patterns(names)),
        )
        given = [sample for sample in self.table.get("sample", []) if isinstance(sample, dict) and "line" in sample]
        if not draft.patterns and not draft.keys:
            return Imported(name, None, len(given), 0, tuple(self.untold), tuple(self.unneeded))
        read = [_Read(draft.format(name), str(sample["line"]), str(sample.get("level", ""))) for sample in given]
        # What its samples show goes before nothing but what its expressions say.
        levels = {r.word: r.level for r in read if r.word and r.level in SEVERITIES and r.severity is None} | levels
        severities = {word: SEVERITIES[level] for word, level in levels.items()}
        draft = replace(
            draft, severities={w: s for w, s in severities.items() if severity_number(w) != severity_number(s)}
        )
        samples = [self._sample(number, sample, draft) for number, sample in enumerate(read, start=1)]
        understood = tuple(sample for sample in samples if sample)
        draft = replace(draft, comments=tuple(self._comments()), samples=understood)
        return Imported(name, draft, len(samples), len(understood), tuple(self.untold), tuple(self.unneeded))

    @property
    def _is_json(self) -> bool:
        return self.table.get("json") is True

    def _comments(self) -> Iterator[str]:
        urls = self.table.get("url", [])
        yield f"Made of lnav's format {self.name}."
        yield from filter(
            None, [str(self.table.get("description", "")), *map(str, urls if isinstance(urls, list) else [urls])]
        )
        if self.untold:
            yield "Not translated:"
        yield from (f"  {fault.place}: {fault.reason}" for fault in self.untold)

    def _tell(self, place: str, reason: str) -> None:
        self.untold.append(Untold(place, reason))

    def _drop_what_is_wrong(self) -> None:
        kept = dict(self.table)
        for key in filter(kept.__contains__, TYPES):
            if not isinstance(kept[key], TYPES[key]):
                self._tell(key, f"it must be {TYPE_NAMES[TYPES[key]]}")
                del kept[key]
            elif key in ("regex", "value"):
                wrong = [name for name, value in kept[key].items() if not isinstance(value, dict)]
                for name in wrong:
                    self._tell(f"{key}.{name}", f"it must be {TYPE_NAMES[dict]}")
                kept[key] = {name: value for name, value in kept[key].items() if name not in wrong}
        self.table = kept

    def _note_the_rest(self) -> None:
        for key in self.table:
            if key in SHOWING:
                self.unneeded[key] = None
            elif key not in TRANSLATED:
                self._tell(key, REASONS.get(key, "nothing here stands for it"))
        for name, value in self.table.get("value", {}).items():
            for key in value:
                if key in SHOWING:
                    self.unneeded[f"value.*.{key}"] = None
                elif key not in ("description", "rename"):
                    self._tell(f"value.{name}.{key}", REASONS.get(key, "nothing here stands for it"))

    # ---- names of fields

    def _names(self, *, has_levels: bool) -> dict[str, str]:
        """What we call lnav's fields."""
        names = {n: str(value["rename"]) for n, value in self.table.get("value", {}).items() if value.get("rename")}
        names |= {} if self._is_json else USUAL
        for setting, usual, group in FIELDS:
            name = str(self.table.get(setting, usual))
            if group == "severity_text" and not has_levels:  # a number of another kind, from which lnav makes a level
                continue
            if name:
                names[name] = group
        run = self.table.get("opid-field")
        if run is not None and RUN_NAMES.search(str(run)):
            names[str(run)] = "request_id"
        elif run is not None:
            self._tell("opid-field", f"{run} is kept as an attribute; name it request_id if it tells the runs apart")
        return names

    def _patterns(self, names: dict[str, str]) -> Iterator[DraftPattern]:
        for name, rule in self.table.get("regex", {}).items():
            place = f"regex.{name}"
            if rule.get("module-format"):
                self._tell(place, REASONS["module-format"])
                continue
            try:
                pcre = str(rule["pattern"])
                groups = re.findall(r"\(\?P?[<']([A-Za-z_]\w*)[>']", pcre)
                own = {group: f"log__{group}" for group in groups if group in OWN_MEANING}
                regex = python_regex(pcre, own | names)
                Draft("", patterns=(DraftPattern(name, regex),)).format(name)
            except KeyError:
                self._tell(place, "it has no pattern")
            except ValueError as error:
                self._tell(place, str(error))
            except TelemapError as error:
                self._tell(place, f"{error.summary}: {error.reason}")
            else:
                if "(?P<timestamp>" not in regex:
                    self._tell(place, "it finds no timestamp")
                if r"\n" in re.sub(r"\[(?:\\.|[^\]\\])*\]", "", regex):
                    self._tell(place, "it looks at several lines; patterns are matched with the first line of a record")
                yield DraftPattern(name, regex)
        if not self.table.get("regex", {}):
            self._tell("regex", "there is none: it changes a format that stands elsewhere")

    def _keys(self, names: Mapping[str, str]) -> dict[str, list[str]]:
        groups = {group: [name.strip("/").replace("/", ".")] for name, group in names.items()}
        always = ["timestamp", *(["body"] if "body-field" in self.table else [])]
        return {"requires": [key for group in always for key in groups[group]], **groups}

    # ---- times

    def _layouts(self) -> Iterator[str]:
        divisor = self.table.get("timestamp-divisor")
        if divisor is not None:
            if divisor in DIVISORS:
                yield DIVISORS[divisor]
            else:
                self._tell("timestamp-divisor", f"{divisor}: times are counted in s, ms, µs or ns")
        for written in self.table.get("timestamp-format", []):
            layout = re.sub(r"%.", lambda found: DIRECTIVES.get(found[0], found[0]), str(written))
            layout = re.sub(r"(%s)[.,]%f", r"\1", layout)  # the fraction is part of it
            try:
                yield times.Layouts([layout]).specs[0]
            except ValueError as error:
                self._tell(f"timestamp-format {written}", str(error))

    # ---- levels

    def _levels(self) -> dict[str, str]:
        """The level that each word stands for."""
        levels: dict[str, str] = {}
        for level, rule in self.table.get("level", {}).items():
            words = [str(rule)] if isinstance(rule, int) else words_of(str(rule))
            if level not in SEVERITIES:
                self._tell(f"level.{level}", "there is no such severity")
            elif not words:
                self._tell(f"level.{level}", f"{rule} is no list of words")
            levels |= {word: level for word in words if word not in levels and level in SEVERITIES}
        return LETTERS | levels if any(len(word) == 1 and word.isalpha() for word in levels) else levels

    # ---- samples

    def _sample(self, number: int, read: _Read, draft: Draft) -> Sample | None:
        """The sample as ours; None, and it is told why, if it is not read as lnav reads it."""
        wanted = severity_number(SEVERITIES.get(read.level))
        told = severity_number(draft.severities.get(read.word, read.word)) if read.word else None
        fault = read.fault
        if fault is None and wanted and told != wanted and (told or read.level != "info"):  # which is lnav's default
            fault = f"its level {read.level} is not told by {read.word or 'any group'}"
        if fault:
            self._tell(f"sample {number}", fault)
            return None
        return Sample(read.text, None, {"severity_number": wanted} if wanted and told == wanted else {})


@dataclass(slots=True)
class _Read:
    """A sample of lnav's as a draft reads it: the word for its severity, and what is not understood, if anything."""

    log_format: InitVar[Format]
    text: str
    level: str
    word: str | None = None
    fault: str | None = None

    def __post_init__(self, log_format: Format) -> None:
        self.text = self.text.rstrip("\n")
        line = self.text.partition("\n")[0].encode()
        match = log_format.match(line)
        if match is None:
            self.fault = "no pattern fits"
            return
        told = {group: line[slice(*span)] for group, span in match.spans.items()}
        self.word = told["severity_text"].decode() if "severity_text" in told else None
        if "timestamp" in told:
            _, kinds = times.read([told["timestamp"]], times.Layouts((*log_format.layouts, *times.GENERAL)))
            if kinds[0] in (times.UNREADABLE, times.OUT_OF_RANGE):
                self.fault = f"the timestamp {told['timestamp'].decode()} is not understood"

    @property
    def severity(self) -> int | None:
        return severity_number(self.word)
