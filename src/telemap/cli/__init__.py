"""The command line."""

from telemap.cli.app import main

__all__ = ["main"]
