from telemap.mapping.stack_traces.languages import is_vendored
from telemap.mapping.stack_traces.parsing import stack_traces
from telemap.mapping.stack_traces.traces import Frame, Link, StackTrace

__all__ = ["Frame", "Link", "StackTrace", "is_vendored", "stack_traces"]
