"""``python -m telemap``."""

from telemap.cli import main

main()
