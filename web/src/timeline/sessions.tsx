import type { JSX } from "preact";
import type { Session, Window } from "../data/documents.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { moment, shortPath } from "../parts/format.ts";
import { Section } from "../parts/section.tsx";
import { zone } from "../shell/preferences.ts";
import { change } from "../shell/route.ts";
import { Clock, duration } from "./times.ts";
import { around } from "./view.ts";

const pause = (session: Session, clock: Clock): number =>
  session.pauses.reduce((most, one) => Math.max(most, clock.offset(one.to) - clock.offset(one.from)), 0);

const share = (session: Session): number => (session.durationMs ? session.busyMs / session.durationMs : 1);

/** All sessions as a table; the one that is chosen is what the picture then shows. */
export function Sessions(props: { sessions: readonly Session[]; window: Window | null }): JSX.Element | null {
  const clock = new Clock(props.window?.from ?? "1970-01-01T00:00:00.000Z", zone.value === "UTC");
  if (props.sessions.length === 0) return null;
  const columns: Column<Session>[] = [
    {
      ...{ key: "source", heading: "Session", value: (one: Session) => one.source },
      show: (one) => <span title={one.source}>{shortPath(one.source, 40)}</span>,
    },
    { key: "service", heading: "Service", value: (one) => [one.service, one.build].filter(Boolean).join(" ") || null },
    { key: "begins", heading: "Begins", value: (one) => one.window.from, show: (one) => moment(one.window.from, 3) },
    {
      key: "length",
      heading: "Length",
      kind: "ms",
      value: (one) => one.durationMs,
      show: (one) => duration(one.durationMs),
    },
    { key: "runs", heading: "Runs", kind: "count", value: (one) => one.runs },
    { key: "failed", heading: "Failed", kind: "count", value: (one) => one.errors },
    { key: "open", heading: "Cut off", kind: "count", value: (one) => one.incomplete },
    {
      ...{ key: "busy", heading: "Busy", kind: "number", title: "share of its time in which a run was going on" },
      value: share,
      show: (one) => (
        <span
          class="busy"
          style={{ "--share": `${100 * share(one)}%` }}
          title={`${duration(one.busyMs)} busy, ${duration(one.thinkMs)} idle`}
        >
          {Math.round(100 * share(one))} %
        </span>
      ),
    },
    {
      ...{ key: "pause", heading: "Longest pause", kind: "ms", value: (one: Session) => pause(one, clock) },
      show: (one) => (pause(one, clock) ? duration(pause(one, clock)) : "–"),
    },
  ];
  return (
    <Section title="Sessions" about="A session is a log or a trace file. The one that you choose is shown above.">
      <DataTable
        name="sessions"
        label="sessions"
        columns={columns}
        rows={props.sessions}
        keyOf={(one) => one.source}
        sortedBy="begins"
        onSelect={(one) => {
          const view = around(clock.offset(one.window.from), clock.offset(one.window.to));
          change({ from: String(view.from), to: String(view.to), jump: one.source });
          document.querySelector(".timeline-stage")?.scrollIntoView({ block: "start" });
        }}
      />
    </Section>
  );
}
