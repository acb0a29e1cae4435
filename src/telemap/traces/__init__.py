from telemap.traces.batches import Batch, Origin, Problem, TraceFormat
from telemap.traces.formats import FORMATS, detect
from telemap.traces.jaeger import to_jaeger

__all__ = ["FORMATS", "Batch", "Origin", "Problem", "TraceFormat", "detect", "to_jaeger"]
