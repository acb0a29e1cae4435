import type { JSX } from "preact";
import type { HandlerCoverage } from "../../data/documents.ts";
import { counted, moment, share, zoneName } from "../../parts/format.ts";
import { DefinedLink, SequenceLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { href } from "../../shell/route.ts";

const QUADRANTS: Record<HandlerCoverage["quadrant"], string> = {
  "production-and-test": "runs in production, and in tests",
  "production-only": "runs in production, and no test is known to run it",
  "test-only": "runs in tests, and was not seen in production",
  neither: "was seen neither in production nor in tests",
};
const MOST_TESTS = 12;

/** What production and tests say of a handler, and which sequences use it. */
export function CoverageSection(props: {
  coverage: HandlerCoverage | null;
  sequences: readonly { id: string; name: string | null }[];
}): JSX.Element {
  const { coverage, sequences } = props;
  return (
    <Section title="Production, tests and sequences" actions={<a href={href("coverage")}>Coverage</a>}>
      <dl class="told">
        {coverage !== null && <Told coverage={coverage} />}
        <dt>sequences</dt>
        <dd>
          {sequences.length === 0 ? (
            <span class="none">none uses it</span>
          ) : (
            <ul class="inline">
              {sequences.map((one) => (
                <li key={one.id}>
                  <SequenceLink id={one.id} name={one.name} />
                </li>
              ))}
            </ul>
          )}
        </dd>
        {coverage?.definedIn && (
          <>
            <dt>declared in</dt>
            <dd>
              <DefinedLink defined={coverage.definedIn} />
            </dd>
          </>
        )}
        {coverage !== null && coverage.registered.length > 0 && (
          <>
            <dt>registered for</dt>
            <dd>{coverage.registered.join(", ")}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}

function Told(props: { coverage: HandlerCoverage }): JSX.Element {
  const { coverage } = props;
  const { tests, executedLines, measuredLines, changes } = coverage;
  return (
    <>
      <dt>quadrant</dt>
      <dd>
        <strong>{coverage.quadrant}</strong>: {QUADRANTS[coverage.quadrant]}
        {coverage.reason !== null && `. ${coverage.reason}`}
        {coverage.notSeenConfidence !== null && ` (${share(coverage.notSeenConfidence)} sure that it does not run)`}
      </dd>
      <dt>seen</dt>
      <dd>
        {coverage.lastSeen === null
          ? "never"
          : `first ${moment(coverage.firstSeen)}, last ${moment(coverage.lastSeen)} ${zoneName()}`}
      </dd>
      <dt>tests</dt>
      <dd>
        {tests.length > 0
          ? tests.slice(0, MOST_TESTS).join(", ")
          : coverage.tested === null
            ? "not known"
            : coverage.tested
              ? "yes"
              : "none"}
        {tests.length > MOST_TESTS && ` and ${counted(tests.length - MOST_TESTS, "more test")}`}
        {executedLines !== null &&
          measuredLines !== null &&
          ` · ${executedLines} of ${counted(measuredLines, "line")} run by tests`}
      </dd>
      {changes !== null && (
        <>
          <dt>changes</dt>
          <dd>{counted(changes, "commit")} changed its code</dd>
        </>
      )}
    </>
  );
}
