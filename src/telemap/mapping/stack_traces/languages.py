"""How each language prints its stack traces, as data: a file of ``languages/`` each.

Patterns are tried at the beginning of a line and may go on over the next ones. They have to be linear in the length of
the line: repeat possessively what nothing after it could match, and bound what digits may count.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from telemap.mapping.stack_traces.traces import LinkKind

Pattern = re.Pattern[str]
NOTHING: Pattern = re.compile("(?!)")


@dataclass(frozen=True, slots=True)
class LinkRule:
    """How a text goes on to another error.

    Args:
        kind: what the other error is to the one before.
        pattern: the line, with the other error in groups ``error_class`` and ``message`` where it stands there.
        is_nested: it is indented deeper than what it belongs to; else as deep.
        is_inverted: what follows came of what stands before, not the other way round.
    """

    kind: LinkKind
    pattern: Pattern
    is_nested: bool = False
    is_inverted: bool = False


@dataclass(frozen=True, slots=True)
class TraceLanguage:
    """One file of ``languages/``.

    Args:
        name: the name of the file.
        hints: texts of which every trace has one.
        frames: a frame, in groups ``function_name``, ``file_path``, ``line_number`` and ``column_number``.
        vendored: of a frame that is a library's, found in its file path or in its function's name.
        rewrites: pattern → what it becomes before anything is read; indentation shall tell what belongs to what.
        opens: begins a trace whose outermost frame comes first and whose error comes last.
        errors: an error, in groups ``error_class`` and ``message``, and those of a frame where it was raised; the
            surest first, since what else could be an error is rather a part of its message.
        frames_inside: what is a frame only within a trace.
        links: how a text goes on to another error.
        omitted: frames left out, ``count`` of them, or one where nothing says how many.
        closes: the end of the innermost trace.
        notices: a line that is no message and no end.
        following_error: what an error that tells its place is to the one whose last frame is right above it.
        is_outermost_first: frames without a beginning are printed from the outermost inwards.
        repeats_raise_site: the frame in ``errors`` is one of the frames, too.
        names_callee: a frame names the function that is called there, not the one that it is in.
        unnamed: what of a function's name nobody wrote in the code.
        names_package: the name of a function begins with the folders of its file.
    """

    name: str
    hints: tuple[str, ...]
    frames: tuple[Pattern, ...]
    vendored: Pattern
    rewrites: tuple[tuple[Pattern, str], ...] = ()
    opens: Pattern = NOTHING
    errors: tuple[Pattern, ...] = ()
    frames_inside: tuple[Pattern, ...] = ()
    links: tuple[LinkRule, ...] = ()
    omitted: Pattern = NOTHING
    closes: Pattern = NOTHING
    notices: Pattern = NOTHING
    following_error: LinkKind | None = None
    is_outermost_first: bool = False
    repeats_raise_site: bool = False
    names_callee: bool = False
    unnamed: Pattern = NOTHING
    names_package: bool = False


@cache
def trace_languages() -> Mapping[str, TraceLanguage]:
    """Name of a language → how it prints its stack traces."""
    folder = resources.files("telemap.mapping.stack_traces").joinpath("languages")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {
        language.name: language
        for file in files
        for data in [{"name": file.name.removesuffix(".toml"), **tomllib.loads(file.read_text("utf-8"))}]
        for language in [msgspec.convert(data, TraceLanguage, dec_hook=_compiled)]
    }


def is_vendored(language: str, file_path: str, function_name: str) -> bool:
    """Whether a frame is in the code of a library or of the runtime."""
    vendored, file_path = trace_languages()[language].vendored, file_path.replace("\\", "/")
    return bool(vendored.search(file_path) or (function_name and vendored.search(function_name)))


def _compiled(_kind: type, pattern: Any) -> Pattern:
    return re.compile(pattern, re.MULTILINE)
