from telemap.mapping.stack_traces.languages import is_vendored
from telemap.mapping.stack_traces.locating import FrameLocator, Located
from telemap.mapping.stack_traces.parsing import stack_traces
from telemap.mapping.stack_traces.traces import Frame, Link, StackTrace

__all__ = ["Frame", "FrameLocator", "Link", "Located", "StackTrace", "is_vendored", "stack_traces"]
