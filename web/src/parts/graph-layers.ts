/** A node with the room that it takes. */
export interface Sized {
  id: string;
  width: number;
  height: number;
}

interface Way {
  source: string;
  target: string;
}

const SWEEPS = 6;
const [GAP, LAYER_GAP] = [24, 70];

/** The layer of every node: behind all that lead to it, where those are not behind it. */
export function layersOf(ids: readonly string[], ways: readonly Way[]): Map<string, number> {
  const after = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { source, target } of ways) {
    after.get(source)?.push(target);
  }
  const state = new Map<string, "open" | "done">();
  const order: string[] = []; // each behind all that it leads to, but for those that lead back
  for (const first of ids) {
    const waiting = [{ id: first, next: 0 }];
    while (waiting.length > 0) {
      const top = waiting[waiting.length - 1] as { id: string; next: number };
      if (top.next === 0 && state.has(top.id)) {
        waiting.pop();
        continue;
      }
      state.set(top.id, "open");
      const other = after.get(top.id)?.[top.next];
      top.next += 1;
      if (other === undefined) {
        state.set(top.id, "done");
        order.push(top.id);
        waiting.pop();
      } else if (!state.has(other)) {
        waiting.push({ id: other, next: 0 });
      }
    }
  }
  const rank = new Map(order.reverse().map((id, place) => [id, place]));
  const layers = new Map(order.map((id) => [id, 0]));
  for (const id of order) {
    for (const other of after.get(id) ?? []) {
      if ((rank.get(other) ?? 0) > (rank.get(id) ?? 0)) {
        layers.set(other, Math.max(layers.get(other) ?? 0, (layers.get(id) ?? 0) + 1));
      }
    }
  }
  return layers;
}

/** Places in rows by layer, each near to its neighbours: rough, and at once however large the graph is. */
export function placed(nodes: readonly Sized[], ways: readonly Way[]): Map<string, { x: number; y: number }> {
  const layers = layersOf(
    nodes.map((node) => node.id),
    ways,
  );
  const beside = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  for (const { source, target } of ways) {
    beside.get(source)?.push(target);
    beside.get(target)?.push(source);
  }
  const rows = rowsOf(nodes, layers);
  const middles = new Map<string, number>();
  for (const row of rows) {
    spread(row, middles);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const row of rows) {
      const wish = new Map(row.map((node) => [node.id, mean(beside.get(node.id) ?? [], middles, node.id)]));
      row.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
      spread(row, middles);
    }
  }
  const least = Math.min(...rows.flat().map((node) => (middles.get(node.id) ?? 0) - node.width / 2));
  const found = new Map<string, { x: number; y: number }>();
  let y = 0;
  for (const row of rows) {
    const height = Math.max(...row.map((node) => node.height));
    for (const node of row) {
      found.set(node.id, {
        x: (middles.get(node.id) ?? 0) - node.width / 2 - least,
        y: y + (height - node.height) / 2,
      });
    }
    y += height + LAYER_GAP;
  }
  return found;
}

/** The layers as rows, those that would be much too wide as several. */
function rowsOf(nodes: readonly Sized[], layers: ReadonlyMap<string, number>): Sized[][] {
  const most = Math.max(8, Math.ceil(Math.sqrt(nodes.length)));
  const byLayer: Sized[][] = [];
  for (const node of nodes) {
    const layer = layers.get(node.id) ?? 0;
    byLayer[layer] = [...(byLayer[layer] ?? []), node];
  }
  return byLayer.flatMap((layer) =>
    Array.from({ length: Math.ceil(layer.length / most) }, (_, part) => layer.slice(part * most, (part + 1) * most)),
  );
}

/** Nodes side by side, around 0. */
function spread(row: readonly Sized[], middles: Map<string, number>): void {
  let x = -row.reduce((sum, node) => sum + node.width + GAP, -GAP) / 2;
  for (const node of row) {
    middles.set(node.id, x + node.width / 2);
    x += node.width + GAP;
  }
}

function mean(ids: readonly string[], middles: ReadonlyMap<string, number>, own: string): number {
  return ids.length === 0
    ? (middles.get(own) ?? 0)
    : ids.reduce((sum, id) => sum + (middles.get(id) ?? 0), 0) / ids.length;
}
