"""The tables of a store, column by column. OpenTelemetry's names; times are ns since 1970, durations ns."""

from __future__ import annotations

import pyarrow as pa

# What a store holds; raised with every change of the tables or of the checkpoints in them.
# 1: first published shape
# 2: spans have attributes, links, service and scope; sources a time zone, their order and what was overwritten
STORE_VERSION = 2

_text, _long, _int, _double = pa.string(), pa.int64(), pa.int32(), pa.float64()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def _in_code(**columns: pa.DataType) -> pa.Schema:
    """What is found in a file of code."""
    return _schema(root=_text, commit_id=_text, file_path=_text, **columns)


SOURCE = _schema(
    source_id=_text,
    revision=_long,
    uri=_text,
    device=_text,
    inode=_text,
    fingerprint=_text,
    fingerprint_bytes=_long,
    generation=_int,
    log_format=_text,
    service_name=_text,
    service_version=_text,
    size_bytes=_long,
    modified_unix_nano=_long,
    read_bytes=_long,
    accounted_bytes=_long,
    line_count=_long,
    record_count=_long,
    unparsed_count=_long,
    event_count=_long,
    span_count=_long,
    ambiguous_count=_long,
    assumed_time_zone=_text,
    out_of_order_count=_long,
    clock_step_count=_long,
    redacted=pa.map_(_text, _long),
    first_time_unix_nano=_long,
    last_time_unix_nano=_long,
    skipped=_text,
    checkpoint=pa.binary(),
)

RECORD = _schema(
    source_id=_text,
    line_number=_long,
    byte_offset=_long,
    byte_length=_long,
    time_unix_nano=_long,
    severity_text=_text,
    severity_number=_int,
    logger_name=_text,
    printed_location=_text,
    event_name=_text,
    body=pa.binary(),
    attributes=pa.map_(_text, _text),
    trace_id=_text,
    span_id=_text,
    run_ordinal=_long,
    span_ordinal=_long,
    unparsed_reason=_text,
    revision=_long,
)

SPAN = _schema(
    span_id=_text,
    parent_span_id=_text,
    trace_id=_text,
    kind=_text,
    name=_text,
    sequence_id=_text,
    sequence_name=_text,
    movement=_text,
    beat=_long,
    event_name=_text,
    title=_text,
    handler=_text,
    handler_sequence=_text,
    plugin=_text,
    request_id=_text,
    start_time_unix_nano=_long,
    end_time_unix_nano=_long,
    duration_ns=_long,
    reported_duration_ns=_long,
    status=_text,
    status_message=_text,
    inferred_by=_text,
    source_id=_text,
    first_line=_long,
    last_line=_long,
    service_name=_text,
    service_version=_text,
    span_kind=_text,
    scope_name=_text,
    attributes=pa.map_(_text, _text),
    links=pa.list_(pa.struct({"trace_id": _text, "span_id": _text, "attributes": pa.map_(_text, _text)})),
    revision=_long,
)

STATE_CHANGE = _schema(
    span_id=_text,
    key=_text,
    operation=_text,
    before=_text,
    after=_text,
    time_unix_nano=_long,
    source_id=_text,
    revision=_long,
)

# What is known of a root as it is now has no commit_id; beside it can be what the root was at other commits.
CODE_INDEX = _schema(
    root=_text,
    commit_id=_text,
    head_commit_id=_text,
    is_dirty=pa.bool_(),
    indexed_unix_nano=_long,
    readers_version=_text,
)

CODE_FILE = _in_code(
    language=_text,
    size_bytes=_long,
    modified_unix_nano=_long,
    content_hash=_text,
    line_count=_long,
    problems=pa.list_(
        pa.struct({"file_path": _text, "line_number": _long, "summary": _text, "reason": _text, "help": _text})
    ),
    source_map_path=_text,
)

CODE_SYMBOL = _in_code(
    line_number=_long,
    end_line_number=_long,
    name=_text,
    qualified_name=_text,
    kind=_text,
    language=_text,
    is_exported=pa.bool_(),
    body_hash=_text,
    body_line_number=_long,
)

LOG_STATEMENT = _in_code(
    line_number=_long,
    end_line_number=_long,
    function_name=_text,
    kind=_text,
    severity_text=_text,
    logger_name=_text,
    template=pa.struct({"literals": pa.list_(_text), "variables": pa.list_(pa.struct({"name": _text, "kind": _text}))}),
    attributes=pa.list_(_text),
    language=_text,
)

REGISTRATION = _in_code(
    line_number=_long,
    kind=_text,
    framework=_text,
    method=_text,
    name=_text,
    handler=_text,
    handler_file_path=_text,
    handler_line_number=_long,
)

CODE_CALL = _in_code(line_number=_long, function_name=_text, callee=_text, name=_text)

CODE_IMPORT = _in_code(line_number=_long, module=_text, names=pa.list_(pa.list_(_text)))

# A function that another one can call, each by its first line; line_number is that of the first such call.
CODE_EDGE = _in_code(
    line_number=_long,
    function_line_number=_long,
    callee_file_path=_text,
    callee_line_number=_long,
    confidence=_double,
    evidence=_text,
)

CODE_FACT = _in_code(kind=_text, content=_text)

DECLARED_STEP = _schema(
    sequence_id=_text,
    sequence_name=_text,
    plugin=_text,
    movement=_text,
    movement_number=_long,
    beat=_long,
    step_number=_long,
    event_name=_text,
    title=_text,
    handler=_text,
    timing=_text,
    kind=_text,
    handlers_path=_text,
    file_path=_text,
    line_number=_long,
    sequence_line_number=_long,
    test_file=_text,
    test_case=_text,
)

# The order of the steps of a declared sequence: a net (flows/encoding.py) whose steps are step numbers.
DECLARED_FLOW = _schema(
    sequence_id=_text,
    sequence_name=_text,
    declared_in=_text,
    runs=_text,
    root_name=_text,
    root=_text,
    file_path=_text,
    line_number=_long,
    net=_text,
)

DECLARED_LIMIT = _schema(
    sequence_id=_text,
    step_number=_long,
    event_name=_text,
    quantile=_double,
    limit_ns=_long,
    text=_text,
    is_setting=pa.bool_(),
    file_path=_text,
    line_number=_long,
)

DECLARED_ROUTE = _schema(topic=_text, plugin=_text, sequence_id=_text, file_path=_text, line_number=_long)

TEST_REPORT = _schema(
    report_path=_text,
    format=_text,
    tool=_text,
    tool_version=_text,
    made_unix_nano=_long,
    problems=pa.list_(pa.struct({"line_number": _long, "summary": _text, "reason": _text, "help": _text})),
)

# What is told of a function is kept with its name and the hash of its text, so that it holds wherever it moves to.
TEST_COVERAGE = _schema(
    report_path=_text,
    told_path=_text,
    root=_text,
    file_path=_text,
    executed_lines=pa.list_(_long),
    missed_lines=pa.list_(_long),
    tests=pa.list_(pa.struct({"name": _text, "lines": pa.list_(_long)})),
    functions=pa.list_(
        pa.struct(
            {
                "qualified_name": _text,
                "line_number": _long,
                "body_hash": _text,
                "measured_lines": pa.list_(_long),
                "executed_lines": pa.list_(_long),
                "hits": _long,
                "tests": pa.list_(_text),
            }
        )
    ),
    carried_from=_text,
    problem=_text,
)

TEST_CASE = _schema(report_path=_text, name=_text, class_name=_text, file=_text, status=_text, duration_ns=_long)

_LINK = {
    "code_file_path": _text,
    "code_line_number": _long,
    "code_function_name": _text,
    "code_confidence": _double,
    "code_evidence": _text,
    "code_reason": _text,
}

CODE_LINK = _schema(
    sequence_id=_text,
    handler=_text,
    rank=_long,
    code_root=_text,
    **_LINK,
)

SPAN_LINK = _schema(
    service_name=_text,
    service_version=_text,
    name=_text,
    span_kind=_text,
    http_route=_text,
    http_method=_text,
    told_function_name=_text,
    told_namespace=_text,
    told_file_path=_text,
    told_line_number=_text,
    **_LINK,
)

FINDING = _schema(
    finding_id=_text,
    analysis=_text,
    kind=_text,
    severity=_text,
    title=_text,
    handler=_text,
    code_file_path=_text,
    code_line_number=_long,
    first_seen=_long,
    last_seen=_long,
    count=_long,
    evidence=_text,
)

TABLES: dict[str, pa.Schema] = {
    "source": SOURCE,
    "record": RECORD,
    "span": SPAN,
    "state_change": STATE_CHANGE,
    "code_index": CODE_INDEX,
    "code_file": CODE_FILE,
    "code_symbol": CODE_SYMBOL,
    "log_statement": LOG_STATEMENT,
    "registration": REGISTRATION,
    "code_call": CODE_CALL,
    "code_import": CODE_IMPORT,
    "code_fact": CODE_FACT,
    "code_edge": CODE_EDGE,
    "declared_step": DECLARED_STEP,
    "declared_flow": DECLARED_FLOW,
    "declared_limit": DECLARED_LIMIT,
    "declared_route": DECLARED_ROUTE,
    "test_report": TEST_REPORT,
    "test_coverage": TEST_COVERAGE,
    "test_case": TEST_CASE,
    "code_link": CODE_LINK,
    "span_link": SPAN_LINK,
}

# What no table of a store holds, so that it is always of what the store knows now.
MADE_WHEN_ASKED_FOR: dict[str, pa.Schema] = {"finding": FINDING}

# Tables of what is found in files of code, each row with the root, the commit and the file that it was found in.
FOUND_IN_CODE = ("code_symbol", "log_statement", "code_call", "code_import", "code_fact")
