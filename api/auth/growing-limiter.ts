import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

const day = 24 * 60 * 60;
/** Counts how often a key was blocked; it blocks nobody itself. */
const unlimited = 1_000_000_000;

export type GrowingLimiterOptions = {
  keyPrefix: string;
  points: number;
  /** Seconds. */
  duration: number;
  firstBlock: number;
  longestBlock: number;
};

/** So many points, then a wait; each further wait of the same day is twice as long, up to the longest. */
export class GrowingLimiter {
  readonly #points: RateLimiterMemory;
  readonly #blocks: RateLimiterMemory;
  readonly #options: GrowingLimiterOptions;

  constructor(options: GrowingLimiterOptions) {
    const { keyPrefix, points, duration } = options;
    this.#options = options;
    this.#points = new RateLimiterMemory({ keyPrefix, points, duration });
    this.#blocks = new RateLimiterMemory({
      keyPrefix: `${keyPrefix}-blocks`,
      points: unlimited,
      duration: day,
    });
  }

  /** Rejects with a `RateLimiterRes` like the library's own. */
  async consume(key: string): Promise<RateLimiterRes> {
    try {
      return await this.#points.consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes) || refusal.consumedPoints > this.#options.points + 1)
        throw refusal;
      const { consumedPoints: blocks } = await this.#blocks.consume(key);
      const { firstBlock, longestBlock } = this.#options;
      const seconds = Math.min(longestBlock, firstBlock * 2 ** (blocks - 1));
      await this.#points.block(key, seconds);
      throw new RateLimiterRes(0, seconds * 1_000, refusal.consumedPoints, false);
    }
  }

  /** Gives one point back. */
  async reward(key: string): Promise<void> {
    await this.#points.reward(key);
  }

  async delete(key: string): Promise<void> {
    await Promise.all([this.#points.delete(key), this.#blocks.delete(key)]);
  }
}
