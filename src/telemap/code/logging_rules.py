"""What ``logging.toml`` of a language says: how it writes text, and which of its calls log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from telemap.code.syntax import NOTHING


@dataclass(frozen=True, slots=True)
class Directives:
    """Marks in a message that values take the place of.

    Args:
        pattern: what a mark looks like. Groups, all optional: ``name`` of the value; ``number`` of it from 1, ``index``
            from 0; ``type``, a key of ``kinds``; ``padded``, what lets blanks or commas into the value; ``silent``,
            a mark whose value prints nothing.
        kinds: type → kind of the variable.
        escapes: marks that print themselves → what they print.
        needs_values: a message without values beside it is printed as it stands.
    """

    pattern: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    escapes: Mapping[str, str] = field(default_factory=dict)
    needs_values: bool = True


@dataclass(frozen=True, slots=True)
class Formatting:
    """A call whose value is a text with its marks filled.

    Args:
        callee: pattern of what is called.
        directives: name of the marks.
        of_receiver: the text is what the method is called on, not the first argument.
    """

    callee: str
    directives: str
    of_receiver: bool = False


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a language makes text of texts and values.

    Args:
        outcomes: node kind → which of its named children can be its value.
        choices: node kinds of ``a or b`` and the like, where they are not those of ``a + b``.
        operators: operator → ``join``, ``either`` (one of both), or the name of directives that it fills.
        groups: node kinds of several values in one.
        names: node kinds of what may name a constant.
        passing: pattern of functions whose value is, as far as a log is concerned, their first argument.
        formatting: calls that fill directives.
        specs: node kinds of the format in an interpolation; ``conversions`` those that change the value's text.
        spec_kinds: last letter of such a format → kind of the variable.
    """

    outcomes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    choices: frozenset[str] = frozenset()
    operators: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    passing: str = NOTHING
    formatting: tuple[Formatting, ...] = ()
    specs: frozenset[str] = frozenset()
    conversions: frozenset[str] = frozenset()
    spec_kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogCalls:
    """Calls that log alike.

    Args:
        names: of the functions or methods.
        on: pattern of the whole name of what the method is called on; the empty name is that of a plain function.
        made_by: pattern of the calls that make such a logger, whatever its name.
        when: pattern that the file has to contain.
        kind: ``log``, ``print`` or ``raise``.
        severity_text: where neither the name nor an argument says it.
        logger_name: what loggers told by ``on`` are called.
        message, level: which arguments are the message, and the severity.
        keywords: names under which the message may be given.
        before: pattern of an argument that may stand before the message.
        directives: names of the marks that are filled, the first of which the message has any.
        beside: whether values without a mark are printed after the message; both, where that depends on the logger.
        separator: what stands between values printed beside each other; ``separator_keyword`` may say another.
        quiet: pattern of named arguments that are no attributes of the record.
        attributes_in: named arguments whose keys are attributes.
        has_pairs: what follows the message are keys, each with its value.
    """

    names: frozenset[str] = frozenset()
    on: str = NOTHING
    made_by: str = NOTHING
    when: str = ""
    kind: str = "log"
    severity_text: str = ""
    logger_name: str = ""
    message: int = 0
    level: int | None = None
    keywords: tuple[str, ...] = ()
    before: str = NOTHING
    directives: tuple[str, ...] = ()
    beside: tuple[bool, ...] = (False,)
    separator: str = " "
    separator_keyword: str = ""
    quiet: str = NOTHING
    attributes_in: frozenset[str] = frozenset()
    has_pairs: bool = False


@dataclass(frozen=True, slots=True)
class LoggingRules:
    """``logging.toml`` of one folder of ``rules/``.

    Args:
        name: the name of the folder.
        bindings: node kind → the field of names that get a value of which the text is not known.
        raising: node kind that raises the call right in it → pattern of how its text begins.
        raised: how an error is given its message.
        class_literals: pattern of an argument that names a logger by a class, which is the first group.
        named_by: the entry of an object that names the logger which is made with it.
        unnamed: pattern of what makes loggers, but is not given their name.
        self_names: pattern of what a method calls the object it belongs to; empty too, where it need not.
        message_names: pattern of parameters that hold a message.
        imports: node kinds of imports.
        field_calls: pattern of calls that make a key, their first argument, with a value.
        text: how text is written.
        directives: name → marks in messages.
        loggers: calls that log; the first that fits counts.
    """

    name: str
    text: TextRules
    loggers: tuple[LogCalls, ...]
    bindings: Mapping[str, str] = field(default_factory=dict)
    raising: Mapping[str, str] = field(default_factory=dict)
    raised: LogCalls = field(default_factory=lambda: LogCalls(kind="raise"))
    class_literals: str = NOTHING
    named_by: str = ""
    unnamed: str = NOTHING
    self_names: str = "self|this"
    message_names: str = r"(?i)\w*(?:msg|message|text|txt|fmt|format|template)|what|line|string|str|title|args|[ms]"
    imports: frozenset[str] = frozenset()
    field_calls: str = NOTHING
    directives: Mapping[str, Directives] = field(default_factory=dict)


_SEVERITIES = (
    ("FATAL", "critical|fatal|panic|emerg|wtf"),
    ("ERROR", "error|exception|severe|fail|alert|crit"),
    ("WARN", "warn"),
    ("INFO", "info|notice|success"),
    ("DEBUG", "debug|fine(?!r|st)"),
    ("TRACE", "trace|verbose|fine|silly"),
)


def severity_text(name: str) -> str:
    """OpenTelemetry's short name of the severity that a method or a constant is named after, ``""`` if after none."""
    return next((text for text, words in _SEVERITIES if re.search(words, name, re.IGNORECASE)), "")
