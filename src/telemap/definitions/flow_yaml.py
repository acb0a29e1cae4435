"""Flows in the YAML of our own; docs/reference/definitions.md says what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from telemap.definitions.files import DefinitionFile
from telemap.definitions.flow import Flow
from telemap.definitions.limits import Amount, read_amount
from telemap.definitions.located_yaml import Node, YamlError, read_yaml
from telemap.definitions.plays import Plays, play
from telemap.definitions.process_models import flow_of, models_in
from telemap.definitions.told_blocks import RefusalError, laid, told_step
from telemap.flows.net import Block, choice, in_turn, interleaving, loop, option
from telemap.model.declared import Limit, Step

OWN_ENDINGS = (".flow.yaml", ".flow.yml")
_MARKS = re.compile(rb"^flows?[ \t]*:", re.MULTILINE), re.compile(rb"^[ \t-]*steps[ \t]*:", re.MULTILINE)

_FLOW_KEYS = ("flow", "name", "plugin", "handlers", "runs", "root", "within", "steps", "model")
_KINDS = ("event", "play", "steps", "one-of", "parallel")
_MODIFIERS = ("optional", "repeat", "between", "deferred")
_OF_EVENTS = ("handler", "plugin", "title", "kind", "within", "test")
_OF_TESTS = ("file", "case")
_HELP = "docs/reference/definitions.md says what a flow can hold"


def read_flow_yaml(files: Iterable[DefinitionFile]) -> Iterator[Flow]:
    """The flows of the files; any YAML with ``flow`` or ``flows`` and with ``steps`` is taken for one of ours."""
    found: list[tuple[DefinitionFile, _Flow]] = []
    for file in files:
        for node in _flow_nodes(file):
            try:
                found.append((file, _Flow(node, file)))
            except RefusalError as error:
                file.problem(*error.told)
    plays = Plays({flow.flow_id: flow.block for _, flow in reversed(found) if flow.block})  # the first counts
    for file, flow in found:
        try:
            yield replace(flow.declared(plays), root=file.root)
        except RefusalError as error:
            file.problem(*error.told)


def _flow_nodes(file: DefinitionFile) -> list[Node]:
    """What is to be a flow each, in a file that is one of ours."""
    data = file.data()
    if data is None or not (file.path.name.endswith(OWN_ENDINGS) or all(mark.search(data) for mark in _MARKS)):
        return []
    text = file.text(data)
    if text is None:
        return []
    try:
        documents = list(read_yaml(text))
    except YamlError as error:
        file.problem(error.line_number, "file is not usable YAML", str(error), "mend the syntax")
        return []
    nodes: list[Node] = []
    for document in documents or [Node(1, "")]:
        keys = document.value if isinstance(document.value, dict) else {}
        flows = keys["flows"].value if "flows" in keys and "steps" not in keys else None
        nodes += flows if isinstance(flows, list) else [document]
    return nodes


class _Flow:
    """A flow as it is told, with the block of its steps, in which there may be plays, or with none but a model."""

    def __init__(self, node: Node, file: DefinitionFile) -> None:
        self._file, self._file_path = file, file.file_path
        self._keys = keys = _mapping(node, "flow", _FLOW_KEYS)
        for key in ("flow", "steps"):
            if key not in keys and not (key == "steps" and "model" in keys):
                raise _refusal(node, f"flow without {key!r}", f"it has {', '.join(keys) or 'nothing'}")
        if "steps" in keys and "model" in keys:
            raise _refusal(keys["model"], "flow with 'steps' and a 'model'", "both say what happens")
        self.flow_id = _needed(keys, "flow")
        self._runs, self._root = _text(keys, "runs"), _text(keys, "root")
        if self._runs not in (None, "sequence", "trace"):
            raise _refusal(keys["runs"], "flow with unusable 'runs'", "it is neither 'sequence' nor 'trace'")
        if self._runs == "sequence" and self._root:
            raise _refusal(keys["runs"], "flow with unusable 'runs'", "what has a 'root' are traces")
        self._texts = {key: _text(keys, key) for key in ("name", "plugin", "handlers")}
        self._amount = _amount(keys)
        self.block = self._sequence(keys["steps"]) if "steps" in keys else None

    def declared(self, plays: Plays) -> Flow:
        """The flow with all that it plays."""
        flow = self._modelled() if self.block is None else self._told(self.block, plays)
        if self._amount is not None:
            within = self._keys["within"]
            limit_ns, quantile = self._amount
            text = str(within.value)
            limit = Limit(None, quantile, limit_ns, text, self._file_path, within.line_number)
            flow = replace(flow, limits=(limit, *flow.limits))
        return replace(
            flow,
            name=self._texts["name"] or flow.name,
            file_path=self._file_path,
            line_number=self._keys["flow"].line_number,
            runs="trace" if self._root or self._runs == "trace" else "sequence",
            root_name=self._root,
            plugin=self._texts["plugin"],
            handlers_path=self._texts["handlers"],
        )

    def _told(self, block: Block, plays: Plays) -> Flow:
        net, steps, limits = laid(plays.whole(block, self.flow_id))
        return Flow(self.flow_id, self.flow_id, "yaml", net, steps, self._file_path, 0, limits)

    def _modelled(self) -> Flow:
        node, name = self._keys["model"], _needed(self._keys, "model")
        file = replace(self._file, path=(self._file.path.parent / name).resolve(), problems=[])
        models = models_in(file) if file.path.is_file() else ()
        self._file.problems.extend(file.problems)
        if file.problems or len(models) != 1:
            reason = f"it declares {len(models)} flows, not one" if models else "there is no such file"
            told = "what is wrong with it is told there" if file.problems else reason
            raise _refusal(node, f"model {name!r} cannot be used", told)
        return replace(flow_of(models[0], self.flow_id), model=file.path)

    def _sequence(self, node: Node) -> Block:
        return in_turn([self._part(item) for item in _list(node)])

    def _part(self, node: Node) -> tuple[Block, bool]:
        """The block of an entry in a list, and whether it is deferred."""
        if isinstance(node.value, list):
            return self._sequence(node), False
        if isinstance(node.value, str):
            return self._event({"event": node}), False
        keys = _mapping(node, "step", (*_KINDS, *_MODIFIERS, *_OF_EVENTS))
        kinds = [key for key in keys if key in _KINDS]
        if len(kinds) != 1:
            reason = f"it has {', '.join(kinds) or 'none'} of {', '.join(_KINDS)}, and needs one"
            raise _refusal(node, "step of no one kind", reason)
        stranger = next((key for key in keys if key in _OF_EVENTS and kinds != ["event"]), None)
        if stranger:
            raise _refusal(keys[stranger], f"{kinds[0]!r} with {stranger!r}", "only an event has it")
        block = self._kind(kinds[0], keys)
        if "between" in keys:
            block = loop(block, in_turn([self._part(keys["between"])]))
        elif _flag(keys, "repeat"):
            block = loop(block)
        return option(block) if _flag(keys, "optional") else block, _flag(keys, "deferred")

    def _kind(self, kind: str, keys: dict[str, Node]) -> Block:
        node = keys[kind]
        match kind:
            case "event":
                return self._event(keys)
            case "play":
                return play(_needed(keys, "play"), node.line_number)
            case "steps":
                return self._sequence(node)
        parts = [in_turn([self._part(item)]) for item in _list(node)]
        if not parts:
            raise _refusal(node, f"{kind!r} of nothing", "it is an empty list")
        return choice(*parts) if kind == "one-of" else interleaving(*parts)

    def _event(self, keys: dict[str, Node]) -> Block:
        handler, plugin, title, kind, within = (_text(keys, key) for key in _OF_EVENTS[:-1])
        event, line_number = _needed(keys, "event"), keys["event"].line_number
        test = _mapping(keys["test"], "test", _OF_TESTS) if "test" in keys else {}
        test_file, test_case = (_text(test, key) for key in _OF_TESTS)
        step = Step(
            event,
            self._file_path,
            line_number,
            handler,
            plugin,
            title,
            kind=kind,
            test_file=test_file and test_file.replace("\\", "/"),
            test_case=test_case,
        )
        return told_step(step, _amount(keys), within or "")


def _mapping(node: Node, of: str, known: tuple[str, ...]) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise _refusal(node, f"{of} is no mapping", f"it is {_described(node)}")
    for key, value in node.value.items():
        if key not in known:
            raise _refusal(value, f"{of} with unknown key {key!r}", f"known here: {', '.join(known)}")
    return node.value


def _list(node: Node) -> list[Node]:
    if not isinstance(node.value, list):
        raise _refusal(node, "steps are no list", f"they are {_described(node)}")
    return node.value


def _text(keys: dict[str, Node], key: str) -> str | None:
    return _needed(keys, key) if key in keys else None


def _needed(keys: dict[str, Node], key: str) -> str:
    value = keys[key].value
    if not isinstance(value, str) or not value.strip():
        raise _refusal(keys[key], f"{key!r} is no text", f"it is {_described(keys[key])}")
    return value


def _flag(keys: dict[str, Node], key: str) -> bool:
    value = keys[key].value if key in keys else "false"
    if value not in ("true", "false"):
        raise _refusal(keys[key], f"{key!r} is neither true nor false", f"it is {_described(keys[key])}")
    return value == "true"


def _amount(keys: dict[str, Node]) -> Amount | None:
    text = _text(keys, "within")
    amount = read_amount(text) if text else None
    if text and amount is None:
        reason = f"it is {text!r}; 200ms, 1.5s p95 and 2 min p99 are"
        raise _refusal(keys["within"], "'within' is no time", reason)
    return amount


def _described(node: Node) -> str:
    match node.value:
        case str(text):
            return repr(text) if text else "empty"
        case list():
            return "a list"
    return "a mapping"


def _refusal(node: Node, summary: str, reason: str) -> RefusalError:
    return RefusalError(node.line_number, summary, reason, _HELP)
