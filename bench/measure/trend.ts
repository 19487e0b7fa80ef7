import { median } from "./percentile.ts";

/** What was seen in one look, by name. */
export type Sample = Record<string, number>;

export type Trend = { name: string; first: number; last: number; verdict: Verdict };
/** `not measured`: in some look it was missing or no number, and nothing is known of it. */
export type Verdict = "flat" | "growing" | "not measured";

/** Below this share of the first third a difference is noise, and below this much of anything. */
const noise = { share: 0.15, atLeast: 10 };

/** Medians of the first and the last third of each series. */
export function judgeSeries(samples: readonly Sample[]): Trend[] {
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  const third = Math.max(1, Math.floor(samples.length / 3));
  return names.map((name) => {
    const values = samples.map((sample) => sample[name] ?? Number.NaN);
    const [first, last] = [median(values.slice(0, third)), median(values.slice(-third))];
    return {
      name,
      first,
      last,
      verdict: values.every(Number.isFinite) ? judge(first, last) : "not measured",
    };
  });
}

function judge(first: number, last: number): Verdict {
  return last - first > Math.max(noise.atLeast, noise.share * first) ? "growing" : "flat";
}
