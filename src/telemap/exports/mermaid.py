"""Drawings → Mermaid flowcharts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from telemap.model.drawings import Box, Drawing, Line, Mood, Shape

# Names of events are long, and are broken at 200 pixels else.
HEADER = '%%{init: {"flowchart": {"wrappingWidth": 400}}}%%\nflowchart TD'
# What Mermaid draws unless it is set up otherwise.
MOST_LINES = 500
MOST_CHARACTERS = 50_000

WRONG, PALE = "#e5484d", "#8b949e"  # readable on white and on black
_SHAPES: Mapping[Shape, tuple[str, str]] = {
    "box": ('["', '"]'),
    "event": ('[["', '"]]'),
    "dot": ('(("', '"))'),
    "diamond": ('{"', '"}'),
    "terminal": ('(["', '"])'),
}
_BOX_STYLES: Mapping[Mood, str] = {
    "wrong": f"stroke:{WRONG},stroke-width:2px",
    "unseen": f"fill:none,stroke:{PALE},stroke-dasharray:3 3,color:{PALE}",
    "unknown": f"fill:none,stroke:{PALE}",
}
_LINE_STYLES: Mapping[Mood, str] = {
    "wrong": f"stroke:{WRONG},stroke-dasharray:6 4",
    "unseen": f"stroke:{PALE},stroke-dasharray:2 4",
    "unknown": f"stroke:{PALE}",
}
THICKEST = 4  # pixels, of a line that all take

# Whatever Mermaid, or the Markdown in its labels, takes for something else than itself.
_SPECIAL = re.compile(r'["#<>&`$\\%{}]|^\s*\d+(?=\.)|^\s*[-+*]|(?<=:)fa-|[\x00-\x1f\x7f\u2028\u2029]')


def flowchart(drawing: Drawing) -> tuple[str, int]:
    """The text of a flowchart, and how many lines had to be left out of it: rare ones that are wrong."""
    lines = _few_enough(drawing.lines)
    told = {end for line in lines for end in (line.source, line.target)}
    boxes = [box for box in drawing.boxes if box.identity in told or not drawing.lines]
    written = [HEADER, *_boxes(boxes), *map(_line, lines), *_styles(boxes, lines)]
    return "\n".join(written) + "\n", len(drawing.lines) - len(lines)


def _few_enough(lines: tuple[Line, ...]) -> list[Line]:
    wrong = sorted((line for line in lines if line.mood == "wrong"), key=lambda line: -line.weight)
    rarest = set(wrong[max(MOST_LINES - len(lines) + len(wrong), 0) :])
    return [line for line in lines if line not in rarest]


def _boxes(boxes: Iterable[Box]) -> Iterator[str]:
    group: str | None = None
    for number, box in enumerate(boxes):
        if box.group != group:
            if group is not None:
                yield "  end"
            if box.group is not None:
                yield f'  subgraph g{number}["{escaped(box.group)}"]'
            group = box.group
        begin, end = _SHAPES[box.shape]
        text = "<br/>".join(map(escaped, box.lines)) or " "
        yield f"  {box.identity}{begin}{text}{end}" + (f"\n  %% {escaped(box.place)}" if box.place else "")
    if group is not None:
        yield "  end"


def _line(line: Line) -> str:
    text = f'|"{escaped(line.text)}"|' if line.text else ""
    return f"  {line.source} -->{text} {line.target}"


def _styles(boxes: Iterable[Box], lines: Iterable[Line]) -> Iterator[str]:
    of_boxes: dict[str, list[str]] = {}
    for box in boxes:
        if style := _BOX_STYLES.get(box.mood):
            of_boxes.setdefault(style + (",stroke-dasharray:6 4" if box.shape == "event" else ""), []).append(
                box.identity
            )
    for number, (style, identities) in enumerate(of_boxes.items()):
        yield f"  classDef c{number} {style}\n  class {','.join(identities)} c{number}"
    of_lines: dict[str, list[str]] = {}
    for number, line in enumerate(lines):
        width = f"stroke-width:{max(round(line.weight * THICKEST), 1)}px"
        of_lines.setdefault(",".join(filter(None, (_LINE_STYLES.get(line.mood), width))), []).append(str(number))
    for style, numbers in of_lines.items():
        yield f"  linkStyle {','.join(numbers)} {style}"


def escaped(text: str) -> str:
    """The text as it stands between quotation marks."""
    return _SPECIAL.sub(_entity, text)


def _entity(found: re.Match[str]) -> str:
    text = found[0]
    if text.strip().isdecimal():
        return f"{text}#8203;"  # else the number of a list
    return " " if ord(text[-1]) < 32 else "".join(f"#{ord(character)};" for character in text)
