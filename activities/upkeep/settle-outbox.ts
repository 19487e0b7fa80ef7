import { listConversationsToSend } from "../../db/system-sweeps.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 100;
const atOnce = 4;

/** Finishes what senders left behind. Answers how many conversations it looked at. */
export async function settleOutbox(deps: UpkeepDeps): Promise<number> {
  const due = await listConversationsToSend(deps.system, {
    now: deps.clock.now(),
    leaseMs: deps.outbox.leaseMs,
    limit: batch,
  });
  const rest = [...due];
  const work = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      try {
        await drainOutbox(deps, next);
      } catch (error) {
        // One conversation's trouble must not hold the others; it stays due.
        deps.log.error(
          { shopId: next.shopId, customerId: next.customerId, err: error },
          "outbox.settle_failed",
        );
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return due.length;
}
