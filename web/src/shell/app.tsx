import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { forget, isReport } from "../data/client.ts";
import { useAnswer } from "../data/use-answer.ts";
import { pages } from "../pages/pages.ts";
import { Notice } from "../parts/states.tsx";
import { Drawer } from "./drawer.tsx";
import { theme, zone } from "./preferences.ts";
import { build, change, href, route, setting } from "./route.ts";
import { Search } from "./search.tsx";

const THEMES = { auto: "light", light: "dark", dark: "auto" } as const;

/** The frame of all pages: where one can go, what is searched, and what opens beside. */
export function App(): JSX.Element {
  const { page: name } = route.value;
  const page = pages.find((one) => one.name === name);
  const [isSearching, search] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        search(true);
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  useEffect(() => {
    document.title = `${page?.title ?? "Not found"} · Telemap`;
    main.current?.scrollTo(0, 0);
    window.scrollTo(0, 0);
  }, [name]);
  const isOpen = setting("code") !== null || setting("log") !== null;
  const Draw = page?.draw;
  return (
    <div class={`frame${isOpen ? " with-drawer" : ""}`}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header class="top">
        <a class="brand" href={href("overview")}>
          <Logo /> Telemap
        </a>
        <nav aria-label="Pages">
          {pages
            .filter((one) => one.isListed)
            .map((one) => (
              <a
                key={one.name}
                href={href(one.name, { build: build.value })}
                aria-current={one.name === name ? "page" : undefined}
                title={one.about}
              >
                {one.title}
              </a>
            ))}
        </nav>
        <div class="tools">
          <BuildChoice />
          <button
            type="button"
            onClick={() => search(true)}
            title="Search (Ctrl K or ⌘K)"
            aria-keyshortcuts="Control+K Meta+K"
          >
            Search
          </button>
          <button
            type="button"
            title="The zone that times are told in"
            onClick={() => {
              zone.value = zone.value === "UTC" ? "local" : "UTC";
            }}
          >
            {zone.value === "UTC" ? "UTC" : "Local time"}
          </button>
          <button
            type="button"
            title="Light, dark, or as the system is"
            onClick={() => {
              theme.value = THEMES[theme.value];
            }}
          >
            {{ auto: "Auto", light: "Light", dark: "Dark" }[theme.value]}
          </button>
          {!isReport && (
            <button
              type="button"
              title="Ask the store anew"
              onClick={() => {
                forget();
                location.reload();
              }}
            >
              Refresh
            </button>
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {Draw === undefined ? (
          <Notice title={`There is no page “${name}”`}>
            <a href={href("overview")}>Go to the overview</a>
          </Notice>
        ) : (
          <Draw key={name} />
        )}
      </main>
      <Drawer />
      {isSearching && <Search onClose={() => search(false)} />}
    </div>
  );
}

/** The build that pages are narrowed to, where there are several. */
function BuildChoice(): JSX.Element | null {
  const asked = useAnswer("overview");
  const builds = asked.state === "ready" ? [...new Set(asked.document.builds.flatMap((one) => one.build ?? []))] : [];
  if (builds.length < 2 && build.value === null) {
    return null;
  }
  return (
    <label class="build">
      <span class="hidden">Build</span>
      <select value={build.value ?? ""} onChange={(event) => change({ build: event.currentTarget.value || null })}>
        <option value="">All builds</option>
        {builds.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

function Logo(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1 8h4l2-6 3 12 2-6h3" fill="none" stroke="var(--accent)" stroke-width="2" />
    </svg>
  );
}
