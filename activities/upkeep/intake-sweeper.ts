import { listConversationsToRing, listOrdersToReview } from "../../db/system-sweeps.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 200;

export type SweepDeps = Pick<UpkeepDeps, "system" | "clock" | "processes" | "patience">;

/**
 * Rings for whatever stays unclaimed: after a lost bell, an outage of Temporal, a worker that died, an ended human mode.
 * It remembers for whom it rang, since what waits on although it was rung for may have a run that cannot move.
 */
export class IntakeSweeper {
  private readonly deps: SweepDeps;
  /** Of what waits still: when it was rung for as new, or last as late, by `performance.now()`. */
  private rungAt = new Map<string, number>();

  constructor(deps: SweepDeps) {
    this.deps = deps;
  }

  /** Answers for how many it rang; the first failure is thrown after all were tried. */
  async look(): Promise<number> {
    const { system, clock, processes, patience } = this.deps;
    const now = clock.now();
    const { waitedMs } = patience;
    const conversations = await listConversationsToRing(system, { now, waitedMs, limit: batch });
    const orders = await listOrdersToReview(system, {
      before: new Date(now.getTime() - waitedMs),
      limit: batch,
    });
    const before = this.rungAt;
    this.rungAt = new Map();
    await each([
      ...conversations.map(
        (conversation) => () =>
          this.ring(conversation.customerId, before, (isLate) =>
            processes.ringConversation({ ...conversation, isLate }),
          ),
      ),
      ...orders.map(
        (order) => () =>
          this.ring(order.orderId, before, (isLate) => processes.ringOrder({ ...order, isLate })),
      ),
    ]);
    return conversations.length + orders.length;
  }

  /** Late is what waits long after a bell that arrived; it is looked at once in that time, not at every sweep. */
  private async ring(
    id: string,
    before: ReadonlyMap<string, number>,
    ring: (isLate: boolean) => Promise<void>,
  ): Promise<void> {
    const since = before.get(id);
    const isLate = since !== undefined && performance.now() - since > this.deps.patience.lateMs;
    if (since !== undefined) this.rungAt.set(id, since);
    await ring(isLate);
    if (since === undefined || isLate) this.rungAt.set(id, performance.now());
  }
}

/** One that cannot be rung must not hold the others; the first failure is reported after all were tried. */
async function each(works: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
