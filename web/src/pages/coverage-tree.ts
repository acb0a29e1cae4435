import type { HandlerCoverage } from "../data/documents.ts";

export type Quadrant = HandlerCoverage["quadrant"];

/** A quadrant in words, with a mark that tells it where colours do not. */
export interface Kind {
  title: string;
  mark: string;
  colour: number;
  about: string;
}

export const QUADRANTS: Readonly<Record<Quadrant, Kind>> = {
  "production-and-test": { title: "Production and tests", mark: "●", colour: 2, about: "in use, and tests run them" },
  "production-only": {
    title: "Production only",
    mark: "▲",
    colour: 1,
    about: "in use, and no test is known to run them",
  },
  "test-only": { title: "Tests only", mark: "◆", colour: 0, about: "tests run them, production was not seen to" },
  neither: { title: "Neither", mark: "○", colour: 7, about: "neither production nor tests were seen to run them" },
};

/** What is told instead where nothing is known of tests. */
export const SEEN: Readonly<Record<Quadrant, Kind>> = {
  ...QUADRANTS,
  "production-only": { title: "Ran in production", mark: "●", colour: 0, about: "in use" },
  neither: { title: "Not seen", mark: "○", colour: 7, about: "production was not seen to run them" },
};

export type Area = "executions" | "handlers";

/** A folder or a file, with what is in it. */
export interface Folder {
  name: string;
  path: string;
  folders: Folder[];
  handlers: HandlerCoverage[];
  counts: Record<Quadrant, number>;
}

const UNLINKED = "(not linked to code)";

/** The folders and the file that a handler is in; those without a place in code are told apart by their plugins. */
export function placeOf(handler: HandlerCoverage): string {
  return handler.code?.filePath ?? `${UNLINKED}/${handler.plugin ?? handler.service ?? "(no plugin)"}`;
}

/** Whether a handler is in a folder or file. */
export function isIn(handler: HandlerCoverage, path: string): boolean {
  return path === "" || placeOf(handler) === path || placeOf(handler).startsWith(`${path}/`);
}

/** The folders of all handlers; a folder that has but one other in it is told together with it. */
export function treeOf(handlers: readonly HandlerCoverage[]): Folder {
  const root = emptyFolder("", "");
  const byPath = new Map<string, Folder>([["", root]]);
  for (const handler of handlers) {
    let folder = root;
    folder.counts[handler.quadrant] += 1;
    for (const name of placeOf(handler).split("/")) {
      const path = folder === root ? name : `${folder.path}/${name}`;
      let inner = byPath.get(path);
      if (inner === undefined) {
        inner = emptyFolder(name, path);
        byPath.set(path, inner);
        folder.folders.push(inner);
      }
      folder = inner;
      folder.counts[handler.quadrant] += 1;
    }
    folder.handlers.push(handler);
  }
  return { ...root, folders: root.folders.map(joined) };
}

function emptyFolder(name: string, path: string): Folder {
  const counts = { "production-and-test": 0, "production-only": 0, "test-only": 0, neither: 0 };
  return { name, path, folders: [], handlers: [], counts };
}

function joined(folder: Folder): Folder {
  const only = folder.folders.length === 1 && folder.handlers.length === 0 ? folder.folders[0] : undefined;
  return only === undefined
    ? { ...folder, folders: folder.folders.map(joined) }
    : joined({ ...only, name: `${folder.name}/${only.name}` });
}

/** The folders from the root to the one at a path; what is not there ends it. */
export function wayTo(root: Folder, path: string): Folder[] {
  const way = [root];
  for (let at: Folder | undefined = root; at !== undefined; ) {
    at = at.folders.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (at !== undefined) {
      way.push(at);
    }
  }
  return way;
}

/** How many handlers are in a folder. */
export function sizeOf(folder: Folder): number {
  return Object.values(folder.counts).reduce((sum, one) => sum + one, 0);
}

/** The quadrant that most handlers of a folder are in. */
export function mostIn(folder: Folder): Quadrant {
  const entries = Object.entries(folder.counts) as [Quadrant, number][];
  return entries.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** How large a handler is drawn: executions count by their magnitude, and one that never ran can still be seen. */
export function areaOf(handler: HandlerCoverage, by: Area): number {
  return by === "handlers" ? 1 : 1 + Math.log10(1 + handler.executions);
}

/** How large a folder is drawn. */
export function areaIn(folder: Folder, by: Area): number {
  const own = folder.handlers.reduce((sum, one) => sum + areaOf(one, by), 0);
  return folder.folders.reduce((sum, one) => sum + areaIn(one, by), own);
}

/** How deep a folder can be drawn with at most so many rectangles; 1 draws what is directly in it as one each. */
export function depthWithin(folder: Folder, most: number): number {
  let depth = 1;
  const deepest = depthOf(folder);
  while (depth < deepest && leavesAt(folder, depth + 1) <= most) {
    depth += 1;
  }
  return depth;
}

function leavesAt(folder: Folder, depth: number): number {
  return depth === 0 ? 1 : folder.folders.reduce((sum, one) => sum + leavesAt(one, depth - 1), folder.handlers.length);
}

function depthOf(folder: Folder): number {
  return 1 + Math.max(0, ...folder.folders.map(depthOf));
}
