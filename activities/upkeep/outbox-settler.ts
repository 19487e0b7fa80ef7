import { listConversationsToSend } from "../../db/system-sweeps.ts";
import type { ConversationToSend } from "../../db/system-sweeps.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 100;
/** A send that hangs holds its place for eight seconds: one shop's must leave places to the others. */
const places = { all: 4, ofOneShop: 2 };

/** Finishes what senders left behind, each shop's in turn. */
export class OutboxSettler {
  private readonly deps: UpkeepDeps;
  private readonly sending = new Map<CustomerId, { shopId: ShopId; ended: Promise<void> }>();
  private due: ConversationToSend[] = [];

  constructor(deps: UpkeepDeps) {
    this.deps = deps;
  }

  /** Begins with what has a place and waits for none of it, so that the next look sees who came meanwhile. */
  async look(): Promise<number> {
    const { system, clock, outbox } = this.deps;
    const due = await listConversationsToSend(system, {
      now: clock.now(),
      leaseMs: outbox.leaseMs,
      limit: batch,
    });
    this.due = [...due];
    this.fillPlaces();
    return due.length;
  }

  /** Begins nothing more, and waits for what is being sent; no look may come after it. */
  async stop(): Promise<void> {
    this.due = [];
    await Promise.all([...this.sending.values()].map(({ ended }) => ended));
  }

  private fillPlaces(): void {
    while (this.sending.size < places.all) {
      const next = this.due.findIndex((conversation) => this.hasPlace(conversation));
      const [conversation] = next < 0 ? [] : this.due.splice(next, 1);
      if (conversation === undefined) return;
      this.begin(conversation);
    }
  }

  private hasPlace({ shopId, customerId }: ConversationToSend): boolean {
    const ofShop = [...this.sending.values()].filter((other) => other.shopId === shopId);
    return ofShop.length < places.ofOneShop && !this.sending.has(customerId);
  }

  private begin(conversation: ConversationToSend): void {
    const { shopId, customerId } = conversation;
    const ended = this.settle(conversation).then(() => {
      this.sending.delete(customerId);
      this.fillPlaces();
    });
    this.sending.set(customerId, { shopId, ended });
  }

  private async settle({ shopId, customerId }: ConversationToSend): Promise<void> {
    try {
      await drainOutbox(this.deps, { shopId, customerId });
    } catch (error) {
      // One conversation's trouble must not hold the others; it stays due.
      this.deps.log.error({ shopId, customerId, err: error }, "outbox.settle_failed");
    }
  }
}
