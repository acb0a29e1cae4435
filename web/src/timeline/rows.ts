/** Where lanes and their rows are, in pixels from the top of the first one. */

export const ROW_HEIGHT = 18;
export const LANE_GAP = 8;
/** So high is a lane at least, that its name can be read. */
export const LEAST_LANE_HEIGHT = 20;

export class LaneRows {
  private readonly tops: Float64Array;

  constructor(rows: readonly number[]) {
    this.tops = new Float64Array(rows.length + 1);
    rows.forEach((count, lane) => {
      const height = Math.max(count * ROW_HEIGHT, LEAST_LANE_HEIGHT) + LANE_GAP;
      this.tops[lane + 1] = (this.tops[lane] as number) + height;
    });
  }

  get count(): number {
    return this.tops.length - 1;
  }

  get height(): number {
    return this.tops[this.count] as number;
  }

  top(lane: number): number {
    return (this.tops[lane] as number) + LANE_GAP / 2;
  }

  heightOf(lane: number): number {
    return (this.tops[lane + 1] as number) - (this.tops[lane] as number) - LANE_GAP;
  }

  yOf(lane: number, row: number): number {
    return this.top(lane) + row * ROW_HEIGHT;
  }

  /** The lane at a height; the first or last one where there is none. */
  laneAt(y: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.tops[middle] as number) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Lane and row at a height; null between lanes. */
  at(y: number): { lane: number; row: number } | null {
    if (this.count === 0 || y < 0 || y >= this.height) return null;
    const lane = this.laneAt(y);
    const row = Math.floor((y - this.top(lane)) / ROW_HEIGHT);
    return row < 0 || y >= this.top(lane) + this.heightOf(lane) ? null : { lane, row };
  }

  /** The first and the last lane of which something is between two heights; null if there are no lanes. */
  between(top: number, bottom: number): [number, number] | null {
    return this.count === 0 ? null : [this.laneAt(top), this.laneAt(bottom)];
  }
}
