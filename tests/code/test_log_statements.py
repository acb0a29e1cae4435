"""Which calls of a text log, and what their messages look like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib import resources
from textwrap import dedent

import pytest
from ast_grep_py import SgRoot

from telemap.code.languages import Dialect, Language, languages, rules
from telemap.code.log_statements import FileLogging, log_statements
from telemap.code.loggers import LoggerName
from telemap.code.logging_rules import LogCalls, LoggingRules, severity_text
from telemap.code.symbols import parse_symbols
from telemap.code.wrappers import Wrapper, mentioned
from telemap.model.code import LogStatement, Template, Variable

GRAMMARS = {
    "java": ({"method_declaration": {}}, {"class_declaration"}, {"method_declaration", "class_declaration"}),
    "go": ({"function_declaration": {}}, set(), {"function_declaration"}),
}


def language_of(file_path: str) -> tuple[Language, Dialect]:
    ending = file_path.rpartition(".")[2]
    if language := languages().get("." + ending):
        return language, language.extensions["." + ending]
    dialect = Dialect(ending, ending)
    functions, classes, named = GRAMMARS.get(ending, ({}, set(), set()))
    names = dict.fromkeys(named, ("name",))
    return Language(ending, {"." + ending: dialect}, functions, frozenset(classes), names, frozenset()), dialect


def read(text: str, file_path: str = "shop/pay.py", wrappers: tuple[Wrapper, ...] = ()) -> FileLogging:
    language, dialect = language_of(file_path)
    symbols = parse_symbols(dedent(text), file_path, language).symbols
    return log_statements(SgRoot(dedent(text), dialect.grammar).root(), file_path, symbols, language, dialect, wrappers)


def told(text: str, file_path: str = "shop/pay.py", wrappers: tuple[Wrapper, ...] = ()) -> list[tuple[int, str, str]]:
    """The statements of a text: line, kind or severity, message."""
    statements = read(text, file_path, wrappers).statements
    return [(s.line_number, s.severity_text or s.kind, str(s.template)) for s in statements]


def messages(text: str, file_path: str = "shop/pay.py") -> list[str]:
    return [message for _, _, message in told(text, file_path)]


def test_a_log_statement_is_read_whole() -> None:
    text = """\
        logger = logging.getLogger("shop.pay")

        class Till:
            def pay(self, amount):
                logger.warning(
                    "paid %.2f of %s",
                    amount, self.total, extra={"order": 1, 'user': 2}, exc_info=True,
                )
        """
    assert read(text) == FileLogging(
        [
            LogStatement(
                file_path="shop/pay.py",
                line_number=5,
                end_line_number=8,
                function_name="Till.pay",
                kind="log",
                severity_text="WARN",
                logger_name="shop.pay",
                template=Template(("paid ", " of ", ""), (Variable("amount", "float"), Variable("self.total"))),
                attributes=("order", "user"),
                language="python",
            )
        ],
        [],
        [LoggerName("shop.pay")],
    )


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        (
            "log.js",
            "const a = pino({ level: 'info', name: `api` }); exports.b = require('pino')({ name: 'b' })",
            ["api", "b"],
        ),
        ("log.ts", "export const log = bunyan.createLogger({ 'name': NAME });\nconst NAME = 'shop';", ["shop"]),
        ("log.js", "const a = pino({ level: 'info' }); const b = pino(options); const c = create({ name: 'x' })", []),
        ("log.py", "log = logging.getLogger('shop')\nown = logging.getLogger(__name__)", ["shop"]),
        ("Log.java", 'class A { static final Logger LOG = LoggerFactory.getLogger("audit"); }', ["audit"]),
    ],
)
def test_the_names_of_loggers_are_told_wherever_they_are_made(path: str, text: str, names: list[str]) -> None:
    assert read(text, path).logger_names == [LoggerName(name) for name in names]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('log.info("100% done")', "100% done"),
        ('log.info("100%% of %s", x)', "100% of {x}"),
        ('log.info("100%% of %s" % x)', "100% of {x}"),
        ('log.info("%s of %s" % (x, y))', "{x} of {y}"),
        ('log.info("a %(a)s" % locals())', "a {a}"),
        ("""log.info(f'{x!r:>{w}} {y["k"]} {z=} {{}}')""", '{x} {y["k"]} z={z} {}'),
        ('log.info("{} {n:d} {{}}".format(x, n=1))', "{x} {n} {}"),
        ('log.info("a" "b" f"{c}")', "ab{c}"),
        ('log.info("a"\n  # why\n  "b")', "ab"),
        ('log.info("a %s"\\\n  % (x))', "a {(x)}"),
        ('log.info("a " + x + " b " + str("c"))', "a {x} b c"),
        ('log.info(("a %s"), x)', "a {x}"),
        ('log.info(r"\\d %s", x)', r"\d {x}"),
        ('log.info("""\na""")', "\na"),
        ('log.info(_("a %s"), x)', "a {x}"),
        ("log.info(x)", "{x}"),
        ("log.info(x + y)", "{x + y}"),
        ("log.info(x % y)", "{x % y}"),
        ('log.info(", ".join(x))', '{", ".join(x)}'),
        ('log.info("%s", *x)', "{*x}"),
        ('log.info(msg="a")', "a"),
        ('log.info("user {name}", name=x)', "user {name}"),
        ('log.info("🎼   \\u2713 a")', "🎼   ✓ a"),
        ('log.info("")', ""),
    ],
)
def test_messages_of_python(call: str, message: str) -> None:
    assert messages(call) == [message]


def test_a_message_that_can_be_several_texts_is_a_statement_each() -> None:
    text = """\
        log.error("a" if x else "b %s", y)
        log.error(f"{n} item{'' if n == 1 else 's'}")
        log.error(x or "unknown")
        """
    assert told(text) == [
        (1, "ERROR", "a"),
        (1, "ERROR", "b {y}"),
        (2, "ERROR", "{n} item"),
        (2, "ERROR", "{n} items"),
        (3, "ERROR", "{x}"),
        (3, "ERROR", "unknown"),
    ]


def test_more_texts_than_can_be_told_apart_become_gaps() -> None:
    choice = "('a' if x else 'b')"
    assert messages(f"log.info({' + '.join([choice] * 4)} + '.')") == ["{" + "}{".join([choice] * 4) + "}."]
    assert messages("x = " + " + ".join(["'a'"] * 2000) + "\nlog.info(x)") == ["a" * 2000]


def test_a_constant_is_read_where_it_is_used() -> None:
    text = """\
        GONE = "no %s"
        class Till:
            TEXT = "till"
            def pay(self, text):
                log.info(GONE, text)
                log.info(self.TEXT)
                message = "local"
                log.info(message)
                log.info(text)
        def other():
            if x:
                message = "one"
            else:
                message = "two"
            log.info(f"{message}!")
        """
    assert told(text) == [
        (5, "INFO", "no {text}"),
        (6, "INFO", "till"),
        (6, "INFO", "{self.TEXT}"),  # a class that extends this one may have another
        (8, "INFO", "local"),
        (9, "INFO", "{text}"),
        (15, "INFO", "one!"),
        (15, "INFO", "two!"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "message += '.'",
        "message = f()",
        "message = message + '.'",
        "for message in x: pass",
        "def f(message): g(message)",
    ],
)
def test_a_name_that_may_be_something_else_is_no_constant(change: str) -> None:
    inner = "    log.info(message)"
    text = (
        f"def f():\n    message = 'a'\n    {change}\n{inner}"
        if "def" not in change
        else f"message = 'a'\n{change}; log.info(message)"
    )
    assert messages(text) == ["{message}"]


def test_loggers_are_told_by_their_names_and_by_what_makes_them() -> None:
    text = """\
        audit = logging.getLogger("audit")
        mine = logging.getLogger(__name__)
        class A:
            def f(self):
                self.report = audit
                self.report.error("a")
                mine.info("b")
                self._logger.debug("c")
                current_app.logger.critical("d")
                logging.warning("e")
                logging.getLogger("x").exception("f")
                log.bind(a=1).info("g")
                catalog.info("no")
                dialog.error("no")
                self.info("no")
        """
    found = [(s.logger_name, s.severity_text, str(s.template)) for s in read(text).statements]
    assert found == [
        ("audit", "ERROR", "a"),
        ("", "INFO", "b"),
        ("", "DEBUG", "c"),
        ("", "FATAL", "d"),
        ("root", "WARN", "e"),
        ("x", "ERROR", "f"),
        ("", "INFO", "g"),
    ]


def test_methods_of_loggers_have_other_names() -> None:
    text = """\
        say = logging.getLogger("x").info
        debug, fail = log.debug, log.error
        either = log.info if x else print
        class A:
            def __init__(self): self.note = log.warning
            def f(self): self.note("a %s", x)
        say("b")
        debug("c")
        fail("d")
        other.say("no")
        """
    assert told(text) == [(6, "WARN", "a {x}"), (7, "INFO", "b"), (8, "DEBUG", "c"), (9, "ERROR", "d")]


def test_a_severity_may_be_an_argument() -> None:
    text = """\
        log.log(logging.WARN, "a %d", 1)
        log.log(level, "b")
        log.log(25, "c")
        """
    assert told(text) == [(1, "WARN", "a {1}"), (2, "log", "b"), (3, "log", "c")]


def test_events_of_structlog_have_attributes_and_no_braces() -> None:
    text = """\
        import structlog
        reporter = structlog.get_logger()
        reporter.info("order {paid}", paid=x, exc_info=True)
        """
    assert [(str(s.template), s.attributes) for s in read(text).statements] == [("order {paid}", ("paid",))]
    assert read(text).statements[0].template.variables == ()


def test_what_is_printed_stands_side_by_side() -> None:
    text = """\
        print("a", x, f"b{y}", file=sys.stderr)
        print("a", x, sep=", ")
        print()
        click.echo("c")  # click
        sys.stderr.write("d %s\\n" % x)
        warnings.warn("e", DeprecationWarning)
        warnings.warn(OldWarning("f"))
        """
    assert told(text) == [
        (1, "print", "a {x} b{y}"),
        (2, "print", "a, {x}"),
        (4, "print", "c"),
        (5, "print", "d {x}"),
        (6, "WARN", "e"),
        (7, "WARN", "f"),
    ]


def test_errors_that_are_raised_have_a_message_and_a_class() -> None:
    text = """\
        raise ValueError(f"bad {x}") from None
        raise errors.NotFound(404, "no such order")
        raise Plain
        raise Empty()
        raise HTTPException(status_code=404, detail="gone")
        """
    found = [(s.line_number, s.kind, s.severity_text, s.logger_name, str(s.template)) for s in read(text).statements]
    assert found == [
        (1, "raise", "", "ValueError", "bad {x}"),
        (2, "raise", "", "NotFound", "no such order"),
        (5, "raise", "", "HTTPException", "gone"),
    ]


def test_functions_that_pass_a_message_on_are_loggers() -> None:
    text = """\
        class Till:
            def say(self, message, *args):
                self.log.info("[till] " + message, *args)
            def shout(self, msg):
                self.say(msg)
            def pay(self):
                self.say("paid %s", x)
                self.shout("done")
                other.say("no")
        class Box(Till):
            def open(self): self.say("open")
        class Other:
            def f(self): self.say("no")
        def out(text): print(text)
        out("a")
        till = Till()
        till.say("b")
        def cannot(name): log.error("cannot load %s", name)
        cannot("c")
        """
    assert told(text) == [
        (3, "INFO", "[till] {message}"),
        (5, "INFO", "[till] {msg}"),
        (7, "INFO", "[till] paid {x}"),
        (8, "INFO", "[till] done"),
        (11, "INFO", "[till] open"),
        (14, "print", "{text}"),
        (15, "print", "a"),
        (17, "INFO", "[till] b"),
        (18, "ERROR", "cannot load {name}"),
    ]


def test_wrappers_are_loggers_in_the_files_that_import_them() -> None:
    wrappers = tuple(
        read(
            """\
            def report(level, msg): log.log(level, msg)
            class Till:
                def say(self, message): log.info(message)
            """,
            "shop/audit.py",
        ).wrappers
    )
    caller = """\
        from shop.audit import report
        report(logging.ERROR, "a")
        """
    by_name = {"report": wrappers[:1], "say": wrappers[1:]}
    assert told(caller, wrappers=wrappers) == [(2, "ERROR", "a")]
    assert told("import audit\naudit.report(WARN, 'b')", wrappers=wrappers) == [(2, "WARN", "b")]
    assert told("from audit import Till\nclass A(Till):\n def f(self): self.say('c')", wrappers=wrappers) == [
        (3, "INFO", "c")
    ]
    assert told("report(ERROR, 'no')\nself.say('no')", wrappers=wrappers) == []
    assert mentioned(caller, by_name) == list(wrappers[:1])


def test_messages_of_javascript() -> None:
    text = """\
        import pino from 'pino';
        const shop = pino();
        const GONE = 'gone';
        console.log("🎼 a", id, {b: 1}, 'c');
        console.log('%cred %s', 'color: red', id, 5);
        console.error(`x ${id} ${a ? "y" : 'z'}` + "\\n tail");
        console.warn(error);
        shop.info({ id, user: u }, "hello %s", id);
        this.#logger?.debug(GONE);
        winston.createLogger().log('warn', 'd');
        logger.info('done', { a, "b": 2 });
        process.stdout.write(`e\\n`);
        items.info('no');
        logger.error(err, 'f');
        throw new shop.PayError(`bad ${id}`);
        console.groupCollapsed(`paid ${id}`);
        """
    found = [
        (s.line_number, s.severity_text or s.kind, str(s.template), s.attributes) for s in read(text, "a.ts").statements
    ]
    assert found == [
        (4, "INFO", "🎼 a {id} {{b: 1}} c", ()),
        (5, "INFO", "red {id} {5}", ()),
        (6, "ERROR", "x {id} y\n tail", ()),
        (6, "ERROR", "x {id} z\n tail", ()),
        (7, "WARN", "{error}", ()),
        (8, "INFO", "hello {id}", ("id", "user")),
        (9, "DEBUG", "gone", ()),
        (10, "WARN", "d", ()),
        (11, "INFO", "done", ("a", "b")),  # as fields, or printed, as the logger will have it
        (11, "INFO", 'done {{ a, "b": 2 }}', ("a", "b")),
        (12, "print", "e", ()),
        (14, "ERROR", "f", ()),
        (15, "raise", "bad {id}", ()),
        (16, "INFO", "paid {id}", ()),
    ]


@pytest.mark.parametrize("file_path", ["a.ts", "a.tsx", "a.js", "a.mjs"])
def test_wrappers_of_javascript(file_path: str) -> None:
    text = """\
        class Shop {
          #debug(msg, ...args) { console.debug(`[Shop] ${msg}`, ...args); }
          run() { this.#debug("a", 1); }
        }
        const say = (...args) => console.log("[say]", ...args);
        say("hello", n);
        """
    assert told(text, file_path) == [
        (2, "DEBUG", "[Shop] {msg}{...args}"),
        (3, "DEBUG", "[Shop] a {1}"),
        (5, "INFO", "[say]{...args}"),
        (6, "INFO", "[say] hello {n}"),
    ]


def test_messages_of_java() -> None:
    text = """\
        class Till {
          private static final Logger LOG = LoggerFactory.getLogger(Till.class);
          static final String GONE = "no {} left";
          void pay(String m, Object... args) {
            LOG.info("a {} " + x + " b {}", y, z);
            log.error(GONE, m, e);
            LOG.warn(String.format("%d of %s%n", 1, t));
            logger.debug(() -> "lazy " + y);
            LOG.atWarn().addKeyValue("k", v).log("fluent {}", q);
            System.out.println("100% " + y);
            System.out.printf("%d items%n", n);
            utilLogger.log(Level.SEVERE, "jul {0}", o);
            catalog.info("no");
            throw new IllegalStateException("bad " + y, e);
          }
          void say(String message, Object... args) { LOG.info("[till] " + message, args); }
          void close() { say("closed {}", 1); }
        }
        """
    found = [
        (s.line_number, s.severity_text or s.kind, s.logger_name, str(s.template))
        for s in read(text, "Till.java").statements
    ]
    assert found == [
        (5, "INFO", "Till", "a {y} {x} b {z}"),
        (6, "ERROR", "", "no {m} left"),
        (7, "WARN", "Till", "{1} of {t}"),
        (8, "DEBUG", "", "lazy {y}"),
        (9, "WARN", "", "fluent {q}"),
        (10, "print", "", "100% {y}"),
        (11, "print", "", "{n} items"),
        (12, "ERROR", "", "jul {o}"),
        (14, "raise", "IllegalStateException", "bad {y}"),
        (16, "INFO", "Till", "[till] {message}"),
        (17, "INFO", "Till", "[till] closed {1}"),
    ]


OTHERS = {
    "go": (
        """\
        package shop
        const gone = "no %d left"
        func pay() error {
            log.Printf("a %s %d%%", a, n)
            s.log.WithField("k", 1).Warnf(gone, n)
            slog.Error("b", "k", v)
            log.Info().Str("k", v).Msg("c")
            logger.Debug("d", zap.String("user", u))
            return fmt.Errorf("bad %w: %d", err, n)
        }
        """,
        [
            (4, "log", "a {a} {n}%", ()),
            (5, "WARN", "no {n} left", ()),
            (6, "ERROR", "b", ("k",)),
            (6, "ERROR", "b k {v}", ("k",)),
            (7, "INFO", "c", ()),
            (8, "DEBUG", "d", ("user",)),
            (8, "DEBUG", 'd {zap.String("user", u)}', ("user",)),
            (9, "raise", "bad {err}: {n}", ()),
        ],
    ),
    "csharp": (
        """\
        class Till { const string Gone = "no {Item}"; void Pay() {
            _t.LogInformation("a {User} {Count:N0}\\n" + x, u, n);
            _log?.LogWarning($"b {x:F2} {{ {y}");
            _log.LogError(ex, Gone, d);
            Log.Debug(@"c:\\temp {@User}", u);
            throw new TillError($"bad {x}");
        } }
        """,
        [
            (2, "INFO", "a {User} {Count}\n{x}", ()),
            (3, "WARN", "b {x} { {y}", ()),
            (4, "ERROR", "no {Item}", ()),
            (5, "DEBUG", "c:\\temp {User}", ()),
            (6, "raise", "bad {x}", ()),
        ],
    ),
    "rust": (
        """\
        fn pay() {
            info!("a {} {b:?} {{}}", c.d(), k = 1);
            log::warn!(target: "till", "b {}", y);
            tracing::error!(user = %u, "c \\
                d {x}");
            println!("e");
            panic!("f {}", 1);
        }
        """,
        [
            (2, "INFO", "a {c.d()} {b} {}", ("k",)),
            (3, "WARN", "b {y}", ()),
            (4, "ERROR", "c d {x}", ("user",)),
            (6, "print", "e", ()),
            (7, "raise", "f {1}", ()),
        ],
    ),
    "kotlin": (
        """\
        class Till { val logger = LoggerFactory.getLogger(Till::class.java)
          fun pay() {
            logger.info("a $b ${c.d()} {}" + e, f)
            logger.debug { "lazy $b" }
            logger.warn(e) { "c" }
            throw TillError("bad $b", e)
          } }
        """,
        [
            (3, "INFO", "a {b} {c.d()} {f}{e}", ()),
            (4, "DEBUG", "lazy {b}", ()),
            (5, "WARN", "c", ()),
            (6, "raise", "bad {b}", ()),
        ],
    ),
    "ruby": (
        """\
        GONE = "gone"
        logger.info("a #{b} %")
        Rails.logger.warn { "lazy #{x}" }
        @log.error "c %s" % [d]
        logger.debug(GONE)
        puts 'e\\n'
        raise TillError, "bad #{x}"
        """,
        [
            (2, "INFO", "a {b} %", ()),
            (3, "WARN", "lazy {x}", ()),
            (4, "ERROR", "c {d}", ()),
            (5, "DEBUG", "gone", ()),
            (6, "print", "e\\n", ()),
            (7, "raise", "bad {x}", ()),
        ],
    ),
    "php": (
        """\
        <?php
        const GONE = "gone";
        $this->logger->info("a $b {$c->d} " . $e, ['k' => $v]);
        Log::warning('u {k}', ['k' => $v]);
        $logger->error(GONE);
        error_log(sprintf("s %05d", $n));
        throw new TillError("bad $x");
        """,
        [
            (3, "INFO", "a {$b} {$c->d} {$e}", ("k",)),
            (4, "WARN", "u {k}", ("k",)),
            (5, "ERROR", "gone", ()),
            (6, "ERROR", "s {$n}", ()),
            (7, "raise", "bad {$x}", ()),
        ],
    ),
}


@pytest.mark.parametrize("language", OTHERS)
def test_messages_of_other_languages(language: str) -> None:
    text, expected = OTHERS[language]
    statements = log_statements(
        SgRoot(dedent(text), language).root(),
        "a",
        [],
        Language(language, {}, {}, frozenset(), {}, frozenset()),
        Dialect(language, language),
    ).statements
    assert [(s.line_number, s.severity_text or s.kind, str(s.template), s.attributes) for s in statements] == expected
    assert {s.language for s in statements} == {language}


def test_broken_and_empty_texts_are_read_as_far_as_they_go() -> None:
    assert told("") == []
    assert told("\n\n") == []
    assert told("log.info('a'\ndef f(:\n  log.warning('b')\n")[-1][1:] == ("WARN", "b")
    assert told("# only a comment\n\nlog.info('é', x)") == [(3, "INFO", "é")]


def test_severities_are_opentelemetrys() -> None:
    names = {
        "LogCritical": "FATAL", "fatal": "FATAL", "Panicf": "FATAL",
        "exception": "ERROR", "Errorf": "ERROR", "severe": "ERROR",
        "WARNING": "WARN", "atWarn": "WARN", "LogInformation": "INFO", "notice": "INFO",
        "fine": "DEBUG", "finest": "TRACE", "Verbose": "TRACE", "log": "", "25": "",
    }  # fmt: skip
    assert {name: severity_text(name) for name in names} == names


def found_rules() -> Iterator[tuple[str, dict[str, object]]]:
    for folder in resources.files("telemap.code").joinpath("rules").iterdir():
        file = folder.joinpath("logging.toml")
        if file.is_file():
            yield folder.name, tomllib.loads(file.read_text("utf-8"))


def test_the_rules_have_only_keys_that_are_known() -> None:
    known = {field.name for field in fields(LoggingRules)}
    of_loggers = {field.name for field in fields(LogCalls)}
    for name, found in found_rules():
        assert found.keys() <= known, name
        loggers = found["loggers"]
        assert isinstance(loggers, list)
        assert all(logger.keys() <= of_loggers for logger in loggers), name


def test_the_rules_name_only_directives_that_they_have_and_patterns_that_are_some() -> None:
    for name, found in rules("logging", LoggingRules).items():
        formats = {formatting.directives for formatting in found.text.formatting}
        operators = set(found.text.operators.values()) - {"join", "either"}
        of_loggers = {directives for logger in found.loggers for directives in logger.directives}
        assert formats | operators | of_loggers <= found.directives.keys(), name
        for logger in found.loggers:
            for pattern in (logger.on, logger.made_by, logger.when, logger.before, logger.quiet):
                re.compile(pattern)


def test_the_rules_name_only_kinds_that_a_grammar_of_theirs_knows() -> None:
    unknown = {
        (name, kind)
        for name, found in rules("logging", LoggingRules).items()
        for kind in kinds_of(found)
        if not any(is_known(kind, grammar) for grammar in DIALECTS.get(name, (name,)))
    }
    assert unknown == set()


DIALECTS = {"javascript": ("javascript", "typescript", "tsx")}


def kinds_of(found: LoggingRules) -> set[str]:
    text = found.text
    return {
        *found.bindings, *found.raising, *found.imports, *text.outcomes, *text.choices, *text.groups, *text.names,
        *text.specs, *text.conversions,
    }  # fmt: skip


def is_known(kind: str, grammar: str) -> bool:
    try:
        SgRoot("", grammar).root().find({"rule": {"kind": kind}})
    except RuntimeError:
        return False
    return True
