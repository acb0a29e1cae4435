import type { Answers } from "./documents.ts";

/** Settings of a question; those that are null are left as ever. */
export type Settings = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The report file has not got an answer: it holds what its pages show at first, a server holds all. */
export class NotInReport extends Error {
  readonly address: string;
  constructor(address: string) {
    super("This report file does not hold that answer.");
    this.name = "NotInReport";
    this.address = address;
  }
}

/** What the server says is wrong with a question, and what to do about it. */
export class Refused extends Error {
  readonly slug: string;
  readonly help: string | null;
  constructor(told: { slug: string; summary: string; reason: string | null; help: string | null }) {
    super(told.reason === null ? told.summary : `${told.summary}: ${told.reason}`);
    this.name = "Refused";
    this.slug = told.slug;
    this.help = told.help;
  }
}

interface Index {
  index: Record<string, [part: number, start: number, length: number]>;
  leftOut: Record<string, number>;
}

const packedIndex = document.getElementById("telemap-index");

/** Whether the pages are those of a report file, without a server. */
export const isReport = packedIndex !== null;

let reportIndex: Promise<Index> | undefined;
const parts = new Map<string, Promise<Uint8Array>>();
const answers = new Map<string, Promise<unknown>>();

/** Where an answer is: the same text that Python makes of the settings. */
export function addressOf(name: string, settings: Settings = {}): string {
  const query = Object.entries(settings)
    .filter(([, value]) => value !== null && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join("&");
  return query === "" ? name : `${name}?${query}`;
}

/** The answer at an address, asked for once. */
export function answer<N extends keyof Answers>(name: N, settings: Settings = {}): Promise<Answers[N]> {
  const address = addressOf(name, settings);
  let found = answers.get(address);
  if (found === undefined) {
    found = fetched(name, settings);
    answers.set(address, found);
    found.catch(() => answers.delete(address));
  }
  return found as Promise<Answers[N]>;
}

/** The answer at an address, asked for anew: for those that keep what they make of it themselves. */
export function fetched<N extends keyof Answers>(name: N, settings: Settings = {}): Promise<Answers[N]> {
  const address = addressOf(name, settings);
  return (isReport ? fromReport(address) : fromServer(address)) as Promise<Answers[N]>;
}

/** Ask anew from now on: the store may have changed. */
export function forget(): void {
  answers.clear();
}

async function fromServer(address: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`api/${address}`);
  } catch {
    throw new Error("The server does not answer. Is telemap serve still running?");
  }
  const told = await response.json().catch(() => null);
  if (told !== null && typeof told === "object" && "error" in told) {
    throw new Refused(told.error);
  }
  if (!response.ok || told === null) {
    throw new Error(`The server answered with status ${response.status}.`);
  }
  return told;
}

async function fromReport(address: string): Promise<unknown> {
  reportIndex ??= unpacked("telemap-index").then((bytes) => JSON.parse(text(bytes)) as Index);
  const place = (await reportIndex).index[address];
  if (place === undefined) {
    throw new NotInReport(address);
  }
  const [part, start, length] = place;
  return JSON.parse(text((await unpacked(`telemap-part-${part}`)).subarray(start, start + length)));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function unpacked(id: string): Promise<Uint8Array> {
  let found = parts.get(id);
  if (found === undefined) {
    const packed = Uint8Array.from(atob(document.getElementById(id)?.textContent ?? ""), (c) => c.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    found = new Response(plain).arrayBuffer().then((buffer) => new Uint8Array(buffer));
    parts.set(id, found);
  }
  return found;
}
