import { createHash } from "node:crypto";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Draws that a seed decides. */
export type Random = {
  /** Both ends included. */
  int(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** As `pick`, by the weight that stands first. */
  weighted<T>(list: readonly (readonly [weight: number, item: T])[]): T;
  /** An own stream, so that what one actor draws moves no other's. */
  fork(name: string): Random;
};

export function createRandom(seed: string): Random {
  const generator = xoroshiro128plus(createHash("sha256").update(seed).digest().readInt32BE(0));
  const int = (from: number, to: number) => uniformInt(generator, from, to);
  const weighted = <T>(list: readonly (readonly [number, T])[]): T => {
    let left = int(
      1,
      list.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, item] of list) {
      left -= weight;
      if (left <= 0) return item;
    }
    throw new RangeError("nothing to draw from");
  };
  return {
    int,
    chance: (probability) => int(1, 10_000) <= probability * 10_000,
    pick: (list) => weighted(list.map((item) => [1, item] as const)),
    weighted,
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
