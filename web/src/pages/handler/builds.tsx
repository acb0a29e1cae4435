import type { JSX } from "preact";
import type { Answers } from "../../data/documents.ts";
import { count, duration } from "../../parts/format.ts";
import { shiftOf, shiftText } from "../heatmap/model.ts";

type BuildTimes = Answers["heatmap/executions"]["builds"][number];

const SHOWN = ["p50", "p95", "p99"] as const;
const NOTABLE = 1.2; // what is less is told, but not set off

/** How long a handler took under each build, and how much longer that is than under the one before. */
export function Builds(props: { builds: readonly BuildTimes[] }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroller" tabIndex={0} aria-label="Builds">
      <table class="builds">
        <thead>
          <tr>
            <th scope="col">build</th>
            <th scope="col" class="number">
              runs
            </th>
            <th scope="col" class="number">
              errors
            </th>
            {SHOWN.map((of) => (
              <th scope="col" class="number" key={of}>
                {of}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.builds.map((one, place) => (
            <tr key={one.build}>
              <td dir="auto" title={one.build ?? "the logs name no build"}>
                {one.build ?? "(not named)"}
              </td>
              <td class="number">{count(one.executions)}</td>
              <td class={`number${one.errors > 0 ? " bad" : ""}`}>{count(one.errors)}</td>
              {SHOWN.map((of) => (
                <td class="number" key={of}>
                  {duration(one[of])}
                  {place > 0 && <Shift ratio={shiftOf(props.builds[place - 1] as BuildTimes, one, of)} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {props.builds.length > 1 && (
        <p class="about">
          Each build is set beside the one before it. These are sizes: whether chance explains them is not said here.
        </p>
      )}
    </section>
  );
}

function Shift(props: { ratio: number | null }): JSX.Element {
  const { ratio } = props;
  const tone = ratio === null ? "" : ratio >= NOTABLE ? "warn" : ratio <= 1 / NOTABLE ? "good" : "about";
  const mark = ratio === null ? "" : ratio >= NOTABLE ? "▲ " : ratio <= 1 / NOTABLE ? "▼ " : "";
  return (
    <small class={`shift ${tone}`}>
      {mark}
      {shiftText(ratio)}
    </small>
  );
}
