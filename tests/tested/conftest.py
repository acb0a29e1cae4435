"""The command line, as the tests of its verbs have it."""

from tests.cli.conftest import telemap

__all__ = ["telemap"]
