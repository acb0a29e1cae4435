// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { bytes, counted, duration, moment, period, share, shortPath, significant } from "../src/parts/format.ts";
import { zone } from "../src/shell/preferences.ts";

afterEach(() => {
  zone.value = "UTC";
});

test("numbers have three digits that count", () => {
  expect([0.01234, 1.234, 56.78, 1234.5].map(significant)).toEqual(["0.012", "1.23", "56.8", "1,235"]);
});

test("durations have the unit that fits", () => {
  expect([null, 0, 0.000_02, 0.05, 12.34, 1500, 180_000, 7_200_000, 259_200_000].map(duration)).toEqual([
    "–",
    "0 ms",
    "20.0 ns",
    "50.0 µs",
    "12.3 ms",
    "1.50 s",
    "3.00 min",
    "2.00 h",
    "3.00 d",
  ]);
});

test("a share that is not all is not told as all, nor one that is something as nothing", () => {
  expect([null, 0, 0.0004, 0.5, 0.999_6, 1].map(share)).toEqual(["–", "0 %", "<1 %", "50 %", ">99 %", "100 %"]);
});

test("counts and sizes", () => {
  expect([counted(1, "run"), counted(2000, "run"), bytes(1), bytes(999), bytes(8_330_387)]).toEqual([
    "1 run",
    "2,000 runs",
    "1 byte",
    "999 bytes",
    "8.33 MB",
  ]);
});

test("moments are told in the zone that is chosen", () => {
  const time = "2026-11-24T03:24:51.851436Z";
  expect([moment(time), moment(time, 3), moment(null)]).toEqual([
    "2026-11-24 03:24:51",
    "2026-11-24 03:24:51.851",
    "–",
  ]);
  zone.value = "local";
  const there = new Date(time);
  expect(moment(time).slice(11, 13)).toBe(String(there.getHours()).padStart(2, "0"));
});

test("a period tells the day once where it is the same", () => {
  expect(period("2026-11-24T03:24:51Z", "2026-11-24T03:25:00Z")).toBe("2026-11-24 03:24:51 – 03:25:00 UTC");
  expect(period("2026-11-24T03:24:51Z", "2026-11-25T03:25:00Z")).toBe("2026-11-24 03:24:51 – 2026-11-25 03:25:00 UTC");
});

test("of long paths the end is told, from a folder on", () => {
  expect(shortPath("src/a.py:1")).toBe("src/a.py:1");
  expect(shortPath("/var/log/shop/production/storefront-2.0.0.log:260", 32)).toBe("…/storefront-2.0.0.log:260");
  expect(shortPath("x".repeat(2000))).toHaveLength(44);
});
