import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
export type Zone = "UTC" | "local";

function kept<T extends string>(name: string, first: T, allowed: readonly T[]) {
  const read = (): T => {
    try {
      const found = localStorage.getItem(`telemap-${name}`) as T | null;
      return found !== null && allowed.includes(found) ? found : first;
    } catch {
      return first; // a file may have no storage
    }
  };
  const held = signal<T>(read());
  effect(() => {
    try {
      localStorage.setItem(`telemap-${name}`, held.value);
    } catch {
      // as above: it then holds for this visit
    }
  });
  return held;
}

/** Light, dark, or as the system is. */
export const theme = kept<Theme>("theme", "auto", ["auto", "light", "dark"]);

/** Whether times are told in UTC or as the clock here goes. */
export const zone = kept<Zone>("zone", "UTC", ["UTC", "local"]);

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Changes whenever colours do. */
export const colours = signal(0);

function wear(scheme: string): void {
  document.documentElement.style.colorScheme = scheme;
}

effect(() => {
  wear(theme.value === "auto" ? "light dark" : theme.value);
  colours.value = colours.peek() + 1;
});
addEventListener("beforeprint", () => wear("light")); // paper is; charts are drawn anew for it
addEventListener("afterprint", () => wear(theme.value === "auto" ? "light dark" : theme.value));
systemIsDark.addEventListener("change", () => {
  colours.value += 1;
});

/** The colour that a custom property stands for just now. */
export function colour(property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
