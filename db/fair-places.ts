import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";

/** `null`: work that is done for all shops. */
type Holder = ShopId | null;

type Options = {
  places: number;
  /** Whoever waits longer is told that there is no place. */
  waitMs: number;
};

type Waiter = { begin: () => void };

/**
 * So many places, dealt out to the shops that wait in turn. One shop never holds more than half of them (or the only one),
 * so that another one's work finds a place while the first has more to do than can be done.
 */
export class FairPlaces {
  private readonly options: Options;
  private readonly mostOfOneShop: number;
  private readonly held = new Map<Holder, number>();
  /** In the order of their turns. */
  private readonly queues = new Map<Holder, Waiter[]>();
  private taken = 0;

  constructor(options: Options) {
    this.options = options;
    this.mostOfOneShop = Math.max(1, Math.floor(options.places / 2));
  }

  /** Runs `work` in a place of the holder's. Throws `AppError("unavailable", "db.away")` when none is free in time. */
  async run<T>(holder: Holder, work: () => Promise<T>): Promise<T> {
    if (this.isFree(holder) && !this.queues.has(holder)) this.take(holder);
    else await this.waitFor(holder);
    try {
      return await work();
    } finally {
      this.giveBack(holder);
    }
  }

  waiting(): number {
    return [...this.queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  private waitFor(holder: Holder): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(holder) ?? [];
      const waiter: Waiter = {
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiter), 1);
        if (queue.length === 0) this.queues.delete(holder);
        reject(crowded(this.options));
      }, this.options.waitMs);
      queue.push(waiter);
      this.queues.set(holder, queue);
    });
  }

  private giveBack(holder: Holder): void {
    this.taken -= 1;
    const left = this.countHeld(holder) - 1;
    if (left === 0) this.held.delete(holder);
    else this.held.set(holder, left);
    this.dealOut();
  }

  /** Whoever gets a place and waits for more goes to the end, where this loop meets them again. */
  private dealOut(): void {
    for (const [holder, queue] of this.queues) {
      if (!this.isFree(holder)) continue;
      const next = queue.shift();
      this.queues.delete(holder);
      if (queue.length > 0) this.queues.set(holder, queue);
      this.take(holder);
      next?.begin();
    }
  }

  private take(holder: Holder): void {
    this.taken += 1;
    this.held.set(holder, this.countHeld(holder) + 1);
  }

  private isFree(holder: Holder): boolean {
    if (this.taken >= this.options.places) return false;
    return holder === null || this.countHeld(holder) < this.mostOfOneShop;
  }

  private countHeld(holder: Holder): number {
    return this.held.get(holder) ?? 0;
  }
}

function crowded({ places, waitMs }: Options): AppError {
  return new AppError("unavailable", "db.away", {
    internal: `none of ${places} connections was free within ${waitMs} ms`,
    retryAfterSeconds: 2,
  });
}
