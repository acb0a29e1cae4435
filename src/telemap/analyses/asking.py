"""The answer of an analysis together with what the project has accepted of its findings."""

from __future__ import annotations

from pathlib import Path

import msgspec

from telemap.acceptances import read_acceptances
from telemap.analyses.registry import Analysis
from telemap.model.documents import Document, Stale
from telemap.store.store import Store


def asked(analysis: Analysis, store: Store, params: object, root: Path) -> Document:
    """The answer; findings that are accepted in the project at ``root`` say why, and acceptances of none are listed.

    Raises:
        TelemapError: what the analysis raises; ``bad-acceptances``.
    """
    document = analysis.run(store, params)
    if not analysis.finds:
        return document
    accepted = read_acceptances(root, analysis.name)
    document = document.accepting({one.id: one.reason for one in accepted.values()})
    if params != analysis.params():  # of a part nobody can say what is not found any more
        return document
    found = {one.id for one in document.findings()}
    stale = [Stale(one.id, one.title, one.reason) for one in accepted.values() if one.id not in found]
    return msgspec.structs.replace(document, stale_acceptances=stale)
