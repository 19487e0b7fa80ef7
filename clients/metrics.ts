import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";

/** The values that a label can have, or a test of them. */
export type LabelValues = readonly string[] | ((value: string) => boolean);
type Labels = Record<string, LabelValues>;
type Given<L extends Labels> = { [Name in keyof L]: string | number };
type Description<L extends Labels> = { name: string; help: string; labels: L };

/** What stands for any value that a label was not made for. */
export const otherValue = "other";

export type ClosedCounter<L extends Labels> = { add(labels: Given<L>, count?: number): void };
export type ClosedGauge<L extends Labels> = { set(labels: Given<L>, value: number): void };
export type ClosedHistogram<L extends Labels> = { observe(labels: Given<L>, value: number): void };

/**
 * Metrics whose labels are closed: a value that was not foreseen becomes `other`, so that no id and no word of a person
 * gets in, and a label's number of series is known beforehand.
 */
export function createMeters(registry: Registry) {
  const registers = [registry];
  return {
    /** Begins at 0 with every combination of values, so that the first event counts as an increase. */
    counter<L extends Labels>({ labels, ...rest }: Description<L>): ClosedCounter<L> {
      const counter = new Counter({ ...rest, labelNames: Object.keys(labels), registers });
      for (const known of combine(labels)) counter.inc(known, 0);
      return { add: (given, count = 1) => counter.inc(close(labels, given), count) };
    },

    gauge<L extends Labels>({ labels, ...rest }: Description<L>): ClosedGauge<L> {
      const gauge = new Gauge({ ...rest, labelNames: Object.keys(labels), registers });
      return { set: (given, value) => gauge.set(close(labels, given), value) };
    },

    histogram<L extends Labels>({
      labels,
      ...rest
    }: Description<L> & { buckets: number[] }): ClosedHistogram<L> {
      const histogram = new Histogram({ ...rest, labelNames: Object.keys(labels), registers });
      return { observe: (given, value) => histogram.observe(close(labels, given), value) };
    },
  };
}

function close<L extends Labels>(labels: L, given: Given<L>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, values]) => {
      const value = String(given[name]);
      const isKnown = typeof values === "function" ? values(value) : values.includes(value);
      return [name, isKnown ? value : otherValue];
    }),
  );
}

/** None when a label is open to a test, since nobody can list its values. */
function combine(labels: Labels): Record<string, string>[] {
  let known: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(labels)) {
    if (typeof values === "function") return [];
    known = known.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })));
  }
  return known;
}
