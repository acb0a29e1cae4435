import { computed, signal } from "@preact/signals";

/** A page and its settings, as the part of the URL behind `#` says them. */
export interface Route {
  page: string;
  settings: Readonly<Record<string, string>>;
}

export const FIRST_PAGE = "overview";

/** The route that a hash says. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: path === "" ? FIRST_PAGE : path, settings: Object.fromEntries(new URLSearchParams(query)) };
}

/** The hash of a page with its settings; those that are null or empty are not in it. */
export function href(
  page: string,
  settings: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) {
    if (value !== null && value !== undefined && value !== "") {
      query.set(name, String(value));
    }
  }
  const text = query.toString();
  return text === "" ? `#/${page}` : `#/${page}?${text}`;
}

/** Where we are. */
export const route = signal<Route>(routeOf(location.hash));

addEventListener("hashchange", () => {
  route.value = routeOf(location.hash);
});

/** One setting of the page; null where it is not set. */
export function setting(name: string): string | null {
  return route.value.settings[name] ?? null;
}

/** Change settings of the page that is shown; a step in the history where `isStep`. */
export function change(settings: Readonly<Record<string, string | number | null>>, isStep = true): void {
  const target = href(route.value.page, { ...route.value.settings, ...settings });
  if (target === href(route.value.page, route.value.settings)) {
    return;
  }
  if (isStep) {
    location.hash = target;
  } else {
    history.replaceState(null, "", target);
    route.value = routeOf(target);
  }
}

/** The link to the page that is shown, with some settings changed. */
export function here(settings: Readonly<Record<string, string | number | null>>): string {
  return href(route.value.page, { ...route.value.settings, ...settings });
}

/** The build that pages are narrowed to; null for all. */
export const build = computed(() => route.value.settings.build ?? null);
