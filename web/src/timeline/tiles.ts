/** The pieces of the picture: which are needed, which stand in for those that are not there yet, and what is in them. */

import type { TimelineLanes as Lanes, TimelineTile as TileDocument } from "../data/documents.ts";
import type { LanesBy } from "./shapes.ts";
import type { View } from "./view.ts";

/** The rows of a tile, and its items one behind the other; times in milliseconds from the first start of all. */
export interface Tile {
  readonly from: number;
  readonly to: number;
  readonly complete: boolean;
  readonly rows: { lane: number; row: number; begin: number; end: number }[];
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly first: Float64Array;
  readonly count: Float64Array;
  readonly longest: Float64Array;
  readonly name: Int32Array;
  readonly flags: Uint8Array;
}

export function decoded(document: TileDocument): Tile {
  const size = document.count.length;
  const tile: Tile = {
    from: document.startMs,
    to: document.startMs + document.durationMs,
    complete: document.complete,
    rows: [],
    start: new Float64Array(size),
    end: new Float64Array(size),
    first: new Float64Array(size),
    count: Float64Array.from(document.count),
    longest: new Float64Array(size),
    name: Int32Array.from(document.name),
    flags: Uint8Array.from(document.flags),
  };
  let behind = 0;
  for (let at = 0; at < size; at++) {
    const start = document.startMs + (document.itemStartMs[at] as number);
    const first = behind + (document.skip[at] as number);
    tile.start[at] = start;
    tile.end[at] = start + (document.itemDurationMs[at] as number);
    tile.first[at] = first;
    tile.longest[at] = first + (document.longest[at] as number);
    behind = first + (document.count[at] as number);
  }
  let begin = 0;
  document.items.forEach((items, at) => {
    tile.rows.push({ lane: document.lane[at] as number, row: document.row[at] as number, begin, end: begin + items });
    begin += items;
  });
  return tile;
}

export interface Address {
  readonly level: number;
  readonly index: number;
  readonly block: number;
}

const ZOOM = 4;

export function keyOf({ level, index, block }: Address): string {
  return `${level}/${index}/${block}`;
}

export function parentOf({ level, index, block }: Address): Address | null {
  return level === 0 ? null : { level: level - 1, index: Math.floor(index / ZOOM), block };
}

/** The level of tiles of which a bucket is at most a pixel wide. */
export function levelFor(view: View, width: number, lanes: Lanes): number {
  const perPixel = (view.to - view.from) / Math.max(1, width);
  const level = Math.ceil(Math.log(lanes.durationMs / lanes.buckets / perPixel) / Math.log(ZOOM));
  return Math.min(Math.max(level, 0), lanes.levels - 1);
}

/** The tiles of a level that a view of some lanes is made of. */
export function addresses(view: View, level: number, lanes: Lanes, first: number, last: number): Address[] {
  const many = ZOOM ** level;
  const at = (time: number) => Math.min(Math.max(Math.floor((time / lanes.durationMs) * many), 0), many - 1);
  const found: Address[] = [];
  for (let block = Math.floor(first / lanes.lanesOfBlock); block * lanes.lanesOfBlock <= last; block++) {
    for (let index = at(view.from); index <= at(view.to); index++) found.push({ level, index, block });
  }
  return found;
}

/** A tile, and from when to when it is to be drawn: it may stand in for a part of it that is not there. */
export interface Piece {
  tile: Tile;
  from: number;
  to: number;
}

/** What is drawn for an address: the nearest tile above that is there; and what is to be asked for, if any. */
export function resolved(
  address: Address,
  there: (address: Address) => Tile | undefined,
): { tile: Tile | undefined; wanted: Address | null } {
  let nearest: Tile | undefined;
  for (let at: Address | null = address; at !== null; at = parentOf(at)) {
    const tile = there(at);
    if (tile?.complete || (tile !== undefined && at === address)) return { tile, wanted: null };
    nearest ??= tile;
  }
  return { tile: nearest, wanted: address };
}

const MOST_TILES = 600;
const MOST_ASKED = 6;

/** The tiles of one kind of lanes, asked for as they are needed; the latest needed are kept. */
export class Tiles {
  private readonly tiles = new Map<string, Tile>();
  private readonly asked = new Set<string>();
  private readonly missing = new Set<string>();
  private wanted: Address[] = [];
  /** A tile could not be had, for another reason than that a report file has none. */
  failure: string | null = null;

  constructor(
    readonly lanes: Lanes,
    private readonly ask: (by: LanesBy, address: Address) => Promise<TileDocument | null>,
    private readonly changed: () => void,
  ) {}

  /** Whether nothing is on its way. */
  get isSettled(): boolean {
    return this.asked.size === 0 && this.wanted.length === 0;
  }

  /** What a view is drawn of, from the left to the right; what is missing is asked for. */
  pieces(view: View, width: number, first: number, last: number): { pieces: Piece[]; isCoarse: boolean } {
    const level = levelFor(view, width, this.lanes);
    const pieces: Piece[] = [];
    let isCoarse = false;
    this.wanted = [];
    for (const address of addresses(view, level, this.lanes, first, last)) {
      const { tile, wanted } = resolved(address, (at) => this.there(at));
      const ask = wanted && this.askable(wanted);
      if (ask) this.wanted.push(ask);
      else if (wanted) isCoarse = true;
      if (tile === undefined) continue;
      const from = address.index === 0 ? Number.NEGATIVE_INFINITY : this.begin(address.level, address.index);
      const isLast = address.index === ZOOM ** address.level - 1;
      const to = isLast ? Number.POSITIVE_INFINITY : this.begin(address.level, address.index + 1);
      const before = pieces.at(-1);
      if (before?.tile === tile && before.to === from) before.to = to;
      else pieces.push({ tile, from, to });
    }
    this.next();
    return { pieces, isCoarse };
  }

  private begin(level: number, index: number): number {
    return (index / ZOOM ** level) * this.lanes.durationMs;
  }

  private there(address: Address): Tile | undefined {
    const key = keyOf(address);
    const tile = this.tiles.get(key);
    if (tile !== undefined) {
      this.tiles.delete(key); // and in again as the latest
      this.tiles.set(key, tile);
    }
    return tile;
  }

  /** The address, or in a report file without it the nearest above that may be there; null if that is there. */
  private askable(address: Address): Address | null {
    let at: Address | null = address;
    while (at !== null && this.missing.has(keyOf(at))) at = parentOf(at);
    return at === null || this.tiles.has(keyOf(at)) ? null : at;
  }

  private next(): void {
    for (const address of this.wanted) {
      if (this.asked.size >= MOST_ASKED) return;
      const key = keyOf(address);
      if (!this.asked.has(key)) {
        this.asked.add(key);
        void this.load(key, address);
      }
    }
    this.wanted = this.wanted.filter((address) => !this.asked.has(keyOf(address)));
  }

  private async load(key: string, address: Address): Promise<void> {
    try {
      const document = await this.ask(this.lanes.by, address);
      if (document === null) this.missing.add(key);
      else this.tiles.set(key, decoded(document));
    } catch (error) {
      this.missing.add(key);
      this.failure = String(error);
    }
    this.asked.delete(key);
    for (const oldest of this.tiles.keys()) {
      if (this.tiles.size <= MOST_TILES) break;
      this.tiles.delete(oldest);
    }
    this.changed();
  }
}
