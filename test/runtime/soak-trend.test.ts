import { expect, test } from "vitest";

import { judgeSeries } from "../../bench/measure/trend.ts";

test("a soak calls a series flat only when every look measured it", () => {
  const samples = [100, 101, 99].map((mib, index) => ({
    "MiB, api": mib,
    "open files, api": index === 1 ? Number.NaN : 40,
    ...(index === 2 ? {} : { "MiB, worker": 300 }),
  }));
  expect(judgeSeries(samples).map(({ name, verdict }) => [name, verdict])).toEqual([
    ["MiB, api", "flat"],
    ["open files, api", "not measured"],
    ["MiB, worker", "not measured"],
  ]);
});

test("a soak calls growing what lies above its first third by more than noise", () => {
  const [trend] = judgeSeries([100, 100, 110, 120, 130, 131].map((mib) => ({ "MiB, api": mib })));
  expect(trend).toEqual({ name: "MiB, api", first: 100, last: 130, verdict: "growing" });
});
