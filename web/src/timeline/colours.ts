/** A colour for each name, the same wherever and whenever it is drawn; told apart by colour-blind people too. */

/** Hues that differ in lightness as well; dark text is readable on each of the light ones, light text on the dark. */
const LIGHT = [
  "#8fc1e3",
  "#f2b179",
  "#9bd0a5",
  "#e8a3b5",
  "#c3b1e1",
  "#d9c97c",
  "#8ed1cc",
  "#d7b49e",
  "#b5c7d3",
  "#c9d58b",
];
const DARK = [
  "#2f6f9f",
  "#9a5b1e",
  "#37784a",
  "#97405c",
  "#69509b",
  "#776513",
  "#22736d",
  "#7c553d",
  "#4d6675",
  "#5f6f1a",
];

/** A number for a text that is always the same. */
export function hashed(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}

export function palette(isDark: boolean): readonly string[] {
  return isDark ? DARK : LIGHT;
}

/** The place in the palette for each of the names; those without a name have the one before last of none. */
export function coloursOf(names: readonly (string | null)[]): Uint8Array {
  return Uint8Array.from(names, (name) => (name === null ? 8 : hashed(name) % LIGHT.length));
}

/** A text of at most so many characters, its middle left out; characters that belong together stay so. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const parts = Array.from(new Intl.Segmenter().segment(text.slice(0, 4000)), (part) => part.segment);
  const tail =
    text.length > 4000 ? Array.from(new Intl.Segmenter().segment(text.slice(-200)), (part) => part.segment) : parts;
  if (text.length <= 4000 && parts.length <= most) return text;
  const half = Math.max(1, (most - 1) >> 1);
  return `${parts.slice(0, half).join("")}…${tail.slice(-half).join("")}`;
}
