import type { JSX } from "preact";
import { duration } from "../../parts/format.ts";
import type { Block } from "./model.ts";

const HEIGHT = 22;

/** How the 95th percentile of a handler went over time, small; where it failed there is a mark below. */
export function Spark(props: { row: readonly Block[]; parts: number }): JSX.Element {
  const { row, parts } = props;
  const most = Math.max(0, ...row.map((one) => one.p95 ?? 0));
  const bars = row.map((one) => {
    const height = most === 0 || one.p95 === null ? 1 : Math.max(1, (one.p95 / most) * (HEIGHT - 4));
    return `M${one.part + 0.1} ${HEIGHT - 3}v${-height}h0.8v${height}z`;
  });
  const failed = row.filter((one) => one.errors > 0).map((one) => `M${one.part} ${HEIGHT - 2}h1v2h-1z`);
  const told = `95th percentile over time, up to ${duration(most)}${failed.length > 0 ? `; failed in ${failed.length} parts` : ""}`;
  return (
    <svg class="spark" viewBox={`0 0 ${parts} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={told}>
      <title>{told}</title>
      <path class="runs" d={bars.join("")} />
      <path class="failed" d={failed.join("")} />
    </svg>
  );
}
