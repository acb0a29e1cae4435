"""From the telemetry that production writes to the line of code that wrote it."""

__version__ = "0.1.0"
