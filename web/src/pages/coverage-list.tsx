import type { JSX } from "preact";
import type { Coverage, HandlerCoverage } from "../data/documents.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { count, counted, moment, share, significant, zoneName } from "../parts/format.ts";
import { CodeLink, HandlerLink } from "../parts/links.tsx";
import { Section } from "../parts/section.tsx";
import { here } from "../shell/route.ts";
import { isIn, type Kind, placeOf, type Quadrant } from "./coverage-tree.ts";

/** The handlers of a quadrant and a folder, those first that most need a look. */
export function CoverageList(props: {
  coverage: Coverage;
  kinds: Readonly<Record<Quadrant, Kind>>;
  quadrant: Quadrant | null;
  folder: string;
}): JSX.Element {
  const { coverage, kinds, quadrant, folder } = props;
  const rows = coverage.handlers.filter((one) => (quadrant === null || one.quadrant === quadrant) && isIn(one, folder));
  const isUnseen = coverage.handlers.some((one) => one.notSeenConfidence !== null);
  return (
    <Section
      title="Handlers"
      about={
        isUnseen &&
        "Not in use: how probably a handler would have been seen, were it in use. What was expected comes from how " +
          "often its sequences or its earlier builds ran, or from handlers like it; a dash says that nothing tells."
      }
      actions={
        (quadrant !== null || folder !== "") && (
          <>
            <span class="about">
              only {[quadrant === null ? null : kinds[quadrant].title, folder || null].filter(Boolean).join(", in ")}
            </span>
            <a href={here({ quadrant: null, folder: null })}>Show all</a>
          </>
        )
      }
    >
      <DataTable
        name="coverage"
        label="Handlers"
        rows={rows}
        keyOf={(one) => `${one.name} ${one.plugin} ${one.service} ${placeOf(one)} ${one.code?.lineNumber}`}
        columns={columnsOf(coverage.handlers, kinds)}
        empty="No handler is there."
      />
    </Section>
  );
}

/** The columns that tell something of at least one handler. */
function columnsOf(
  handlers: readonly HandlerCoverage[],
  kinds: Readonly<Record<Quadrant, Kind>>,
): Column<HandlerCoverage>[] {
  const all: Column<HandlerCoverage>[] = [
    {
      key: "name",
      heading: "handler",
      value: (one) => one.name,
      show: (one) => <HandlerLink name={one.name} plugin={one.plugin} />,
      width: "13rem",
    },
    { key: "plugin", heading: "plugin", value: (one) => one.plugin },
    { key: "service", heading: "service", value: (one) => one.service },
    {
      key: "quadrant",
      heading: "quadrant",
      value: (one) => one.quadrant,
      show: (one) => `${kinds[one.quadrant].mark} ${kinds[one.quadrant].title}`,
    },
    { key: "executions", heading: "executions", kind: "count", value: (one) => one.executions },
    {
      key: "errors",
      heading: "errors",
      kind: "count",
      value: (one) => one.errors || null,
      show: (one) => one.errors > 0 && <span class="bad">{count(one.errors)}</span>,
    },
    {
      key: "not-in-use",
      heading: "not in use",
      kind: "number",
      value: (one) => one.notSeenConfidence,
      show: (one) => one.notSeenConfidence !== null && <Unused of={one} />,
      title: "How sure it is that it is not in use",
    },
    {
      key: "expected",
      heading: "expected",
      kind: "number",
      value: (one) => one.expectedExecutions,
      show: (one) => one.expectedExecutions !== null && significant(one.expectedExecutions),
      title: "Executions that were expected",
    },
    { key: "tested", heading: "tests", value: testedBy },
    {
      key: "changes",
      heading: "changes",
      kind: "count",
      value: (one) => one.changes,
      title: "Commits in the last year",
    },
    {
      key: "risk",
      heading: "risk",
      kind: "number",
      value: (one) => one.risk,
      show: (one) => one.risk !== null && count(Math.round(one.risk)),
      title: "Use × change × errors of what no test runs",
    },
    {
      key: "last",
      heading: `last seen (${zoneName()})`,
      value: (one) => one.lastSeen,
      show: (one) => one.lastSeen !== null && moment(one.lastSeen),
    },
    {
      key: "code",
      heading: "code",
      value: (one) => (one.code === null ? null : `${one.code.filePath}:${one.code.lineNumber}`),
      show: (one) => <CodeLink code={one.code} />,
    },
    { key: "reason", heading: "not in use because", value: (one) => one.reason },
  ];
  const always = new Set(["name", "quadrant", "executions", "code"]);
  return all.filter((column) => always.has(column.key) || handlers.some((one) => (column.value(one) ?? null) !== null));
}

function Unused(props: { of: HandlerCoverage }): JSX.Element {
  const { notSeenConfidence, reason } = props.of;
  return <span title={reason ?? ""}>{share(notSeenConfidence)}</span>;
}

/** How tests run it: lines of its body, a case that ran, or one that is only declared. */
function testedBy(one: HandlerCoverage): string | null {
  const tests = one.tests.length === 0 ? "" : ` by ${counted(one.tests.length, "test")}`;
  switch (one.testEvidence) {
    case "lines":
      return `${one.executedLines} of ${counted(one.measuredLines ?? 0, "line")}${tests}`;
    case "case":
      return `its case ran${tests}`;
    case "definition":
      return "a case is declared";
    default:
      return one.tested === null ? null : "no";
  }
}
