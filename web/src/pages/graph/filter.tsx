import type { JSX } from "preact";
import type { Graph } from "../../data/documents.ts";
import { Choice } from "../../parts/section.tsx";
import { change, setting } from "../../shell/route.ts";
import type { Filter, Layer, Relation } from "./reduction.ts";

export type NodeKind = Graph["nodeKind"];

const NODES: readonly (readonly [NodeKind, string])[] = [
  ["handler", "Handlers"],
  ["module", "Modules"],
  ["sequence", "Sequences"],
  ["service", "Services"],
  ["topic", "Topics"],
];
const RELATIONS: readonly (readonly [Relation, string, string])[] = [
  ["call", "calls", "one runs within the other"],
  ["topic", "topics", "what one publishes begins the other"],
  ["next", "next", "one comes directly after the other in a trace"],
  ["state", "state", "one changes a key, the other changes it next"],
  ["static", "in the code", "the code of one reaches the other"],
];
const LAYERS: readonly (readonly [Layer | "all", string])[] = [
  ["all", "Both layers"],
  ["both", "In the code, and seen"],
  ["observed", "Seen only"],
  ["static", "In the code only"],
];

/** What the nodes are, as the URL says it. */
export function nodeKind(): NodeKind {
  return NODES.find(([kind]) => kind === setting("nodes"))?.[0] ?? "handler";
}

/** What is looked at, as the URL says it. */
export function filterOf(): Filter {
  const kinds = setting("kinds")?.split(",") as Relation[] | undefined;
  const layer = LAYERS.find(([one]) => one === setting("layer"))?.[0] ?? "all";
  return {
    kinds: kinds === undefined ? null : new Set(kinds),
    layer: layer === "all" ? null : layer,
    least: Math.max(Number(setting("least")) || 0, 0),
    focus: setting("focus"),
    depth: Math.min(Math.max(Math.round(Number(setting("depth"))) || 1, 1), 9),
    open: new Set(opened()),
  };
}

/** The groups that are shown node by node. */
export function opened(): string[] {
  try {
    const found: unknown = JSON.parse(setting("open") ?? "[]");
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}

/** What can be chosen: nodes, kinds of edges, layer, how often, and how far around a node. */
export function FilterBar(props: { filter: Filter; focusName: string | null }): JSX.Element {
  const { filter } = props;
  return (
    <div class="filters">
      <Choice
        label="Nodes"
        of={NODES}
        value={nodeKind()}
        onChange={(value) => change({ nodes: value === "handler" ? null : value, node: null, focus: null, open: null })}
      />
      <Kinds kinds={filter.kinds} />
      <label>
        Layer{" "}
        <select
          value={filter.layer ?? "all"}
          onChange={(event) =>
            change({ layer: event.currentTarget.value === "all" ? null : event.currentTarget.value })
          }
        >
          {LAYERS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        Seen at least{" "}
        <input
          type="number"
          min={0}
          value={filter.least}
          onChange={(event) => change({ least: Number(event.currentTarget.value) || null }, false)}
        />{" "}
        ×
      </label>
      <Choice
        label="Direction"
        of={[
          ["DOWN", "Downwards"],
          ["RIGHT", "Across"],
        ]}
        value={setting("across") === null ? "DOWN" : "RIGHT"}
        onChange={(value) => change({ across: value === "RIGHT" ? 1 : null }, false)}
      />
      {props.focusName !== null && (
        <span class="focus">
          <label>
            Around <strong dir="auto">{props.focusName.slice(0, 40)}</strong>, edges away{" "}
            <input
              type="number"
              min={1}
              max={9}
              value={filter.depth}
              onChange={(event) => change({ depth: Number(event.currentTarget.value) || null }, false)}
            />
          </label>{" "}
          <button type="button" onClick={() => change({ focus: null, depth: null })}>
            Show all
          </button>
        </span>
      )}
    </div>
  );
}

function Kinds(props: { kinds: Filter["kinds"] }): JSX.Element {
  const all = RELATIONS.map(([kind]) => kind);
  const chosen = props.kinds ?? new Set(all);
  const toggle = (kind: Relation) => {
    const rest = all.filter((one) => (one === kind ? !chosen.has(one) : chosen.has(one)));
    change({ kinds: rest.length === all.length || rest.length === 0 ? null : rest.join(",") });
  };
  return (
    <fieldset class="choice" aria-label="Kinds of edges">
      {RELATIONS.map(([kind, text, about]) => (
        <button key={kind} type="button" title={about} aria-pressed={chosen.has(kind)} onClick={() => toggle(kind)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
