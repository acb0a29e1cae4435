"""Flows as the YAML that is read again, for people to review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telemap.flows.learning import Variant
from telemap.flows.net import NOTHING, Block

MOST_SHOWN = 20  # variants in the comments

_REPEATED = ("optional", "repeat", "between")


def yaml_of(block: Block, flow_id: str, name: str, variants: Mapping[Variant, int]) -> str:
    """The text of a flow whose steps carry their handlers, with the variants that it was learned from as comments."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    steps = [_entry(part) for part in block.parts] if block.kind == "sequence" else [_entry(block)]
    told = {"flow": flow_id, **({"name": name} if name != flow_id else {}), "steps": steps}
    text: str = yaml.dump(told, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=float("inf"))
    return _comments(variants) + text


def _entry(block: Block) -> Any:
    """An entry in a list of steps."""
    match block.kind:
        case "step" if block.label is None:
            return {"steps": []}
        case "step":
            return {"event": block.label, "handler": block.step} if block.step else block.label
        case "sequence":
            return {"steps": [_entry(part) for part in block.parts]}
        case "choice" if len(block.parts) == 2 and block.parts[1] == NOTHING:
            entry = _entry(block.parts[0])
            if isinstance(entry, dict) and "optional" in entry:
                entry = {"steps": [entry]}
            return _keyed(entry) | {"optional": True}
        case "choice":
            return {"one-of": [_entry(part) for part in block.parts]}
        case "interleaving":
            return {"parallel": [_entry(part) for part in block.parts]}
    part, between = block.parts
    entry = _keyed(_entry(part))
    if not entry.keys().isdisjoint(_REPEATED):
        entry = {"steps": [entry]}
    return entry | ({"repeat": True} if between == NOTHING else {"between": _entry(between)})


def _keyed(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"event": entry}


def _comments(variants: Mapping[Variant, int]) -> str:
    runs = sum(variants.values())
    lines = [f"learned from {runs:,} run{'s' * (runs != 1)} in {len(variants):,} variant{'s' * (len(variants) != 1)}:"]
    ordered = sorted(variants.items(), key=lambda item: (-item[1], [(event, by or "") for event, by in item[0]]))
    for variant, count in ordered[:MOST_SHOWN]:
        events = " → ".join(event if event.isprintable() else ascii(event) for event, _ in variant)
        lines.append(f"{count:7,} × {events or 'nothing'}")
    if len(ordered) > MOST_SHOWN:
        lines.append(f"and {len(ordered) - MOST_SHOWN:,} more")
    return "".join(f"# {line}\n" for line in lines)
