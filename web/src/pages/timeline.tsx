import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { NotInReport } from "../data/client.ts";
import { useAnswer } from "../data/use-answer.ts";
import { PageHead } from "../parts/section.tsx";
import { Loaded, Notice } from "../parts/states.tsx";
import { build, here, route } from "../shell/route.ts";
import { stateOf } from "../timeline/address.ts";
import { byOf } from "../timeline/asking.ts";
import { Explorer } from "../timeline/explorer.tsx";
import { Sessions } from "../timeline/sessions.tsx";
import "../timeline/timeline.css";

/** All that went on, from all sessions to one span. */
export function TimelinePage(): JSX.Element {
  const state = stateOf(new URLSearchParams(route.value.settings));
  const lanes = useAnswer("timeline/lanes", byOf(state.by));
  const [isDrawn, setDrawn] = useState(false);
  // What runs there are is much, and is asked for when the picture is there.
  const sessions = useAnswer("timeline", isDrawn || lanes.state === "failed" ? { build: build.value } : null);
  return (
    <>
      <PageHead title="Timeline">
        What went on when: every execution in its lane, what ran at once, where nothing ran, and where in the log and
        the code each one is.
      </PageHead>
      {lanes.state === "failed" && lanes.error instanceof NotInReport ? (
        <Notice title={`Lanes by ${state.by} are not in this report file`}>
          <code>telemap serve</code> has them. <a href={here({ by: null, span: null })}>Lanes by session</a> are here.
        </Notice>
      ) : (
        <Loaded asked={lanes} rows={16}>
          {(found) =>
            found.window === null ? (
              <Notice title="Nothing has run yet">
                {found.untimed > 0
                  ? "The executions that were read have no times."
                  : "The logs that were read tell of no execution. telemap formats try LOG says how its lines are understood."}
              </Notice>
            ) : (
              <Explorer key={found.by} lanes={found} state={state} onDrawn={() => setDrawn(true)} />
            )
          }
        </Loaded>
      )}
      {(isDrawn || lanes.state === "failed") && (
        <Loaded asked={sessions} rows={6}>
          {(found) => (
            <Sessions sessions={found.sessions} window={lanes.state === "ready" ? lanes.document.window : null} />
          )}
        </Loaded>
      )}
    </>
  );
}
