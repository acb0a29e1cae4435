"""Flows as golden runs show them, to be reviewed and declared."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.store.store import Store, fetch

if TYPE_CHECKING:
    from telemap.analyses.flows import Params
    from telemap.flows.learning import Variant


def learned_flows(store: Store, params: Params) -> str:
    """YAML of a flow for each sequence, by its id, that holds all its runs which were neither cut off nor failed.

    Raises:
        TelemapError: ``no-runs``: there is none to learn from.
    """
    from telemap.definitions.flow_yaml_writing import yaml_of
    from telemap.flows.learning import learned

    with store.connect() as connection:
        rows = fetch(connection, statement("flows"), {"build": params.build, "examples": 1})
        answers = fetch(connection, statement("flow_handlers"), {"build": params.build})
    ranked = sorted(answers, key=lambda row: (row["runs"], row["handler"]))
    handlers = {(row["sequence"], row["event_name"]): row["handler"] for row in ranked}  # the most frequent stays
    names: dict[str, str] = {}
    variants: dict[str, Counter[Variant]] = defaultdict(Counter)
    for row in rows:
        sequence, name = row["sequence"], row["sequence_name"]
        if sequence is None or params.sequence not in (None, sequence, name):
            continue
        if not (row["lacks_start"] or row["lacks_end"] or row["is_failed"]):
            names[sequence] = name or sequence
            variant = tuple((event, handlers.get((sequence, event))) for event in row["beats"])
            variants[sequence][variant] += row["runs"]
    if not variants:
        raise TelemapError(
            "no-runs",
            "there are no runs to learn from",
            reason="no sequence of this name and build was seen from its start to its end",
            place=str(store.folder),
            help="telemap executions --kind sequence shows the runs that there are",
        )
    texts = (yaml_of(learned(found), one, names[one], found) for one, found in sorted(variants.items()))
    return "---\n".join(texts)
