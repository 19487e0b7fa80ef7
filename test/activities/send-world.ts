import { onTestFinished } from "vitest";

import { drainOutbox } from "../../activities/outbox/drain-outbox.ts";
import { sealParts, textContent } from "../../activities/outbox/seal-message.ts";
import { lockConversation } from "../../db/conversations.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { newId } from "../../domain/id.ts";
import type { SendResult } from "../../domain/ports/messenger-client.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld, Tenant } from "../api/owner-world.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { eventually } from "../support/eventually.ts";
import { activityDeps } from "./activity-deps.ts";
import { messengerWith } from "./messenger-with.ts";

/** Work stands still where it first comes to, until it is let go or the test is over. */
export class Halt {
  readonly reached: Promise<void>;
  private readonly ended: Promise<void>;
  private arrive: () => void = () => undefined;
  /** Lets it go on. */
  end: () => void = () => undefined;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.ended = new Promise((resolve) => (this.end = resolve));
    onTestFinished(this.end);
  }

  here(): Promise<void> {
    this.arrive();
    return this.ended;
  }
}

type SenderOptions = {
  leaseMs?: number;
  /** What Messenger answers; that it was sent otherwise. */
  answer?: SendResult;
  /** In the transaction of the first look, before it has read anything. */
  inLook?: Halt;
  /** Between the first look and all that follows. */
  afterLook?: Halt;
  /** When the first part is claimed, before the commit. */
  inClaim?: Halt;
  /** Between the claim of a part and its sending. */
  claimed?: Halt;
  /** While Messenger has the first part. */
  inFlight?: Halt;
};

/** Senders of a customer's messages that stand still where a test wants them to; what is sent and stored by them. */
export async function createSendWorld() {
  const world = await createOwnerWorld();
  const opened: Database[] = [];
  const query = async <Row extends object>(sql: string, values: unknown[]) =>
    (await world.owner.query<Row>(sql, values)).rows;
  return {
    ...world,
    addQueued: (tenant: Tenant, texts: string[]) => addQueued(world, tenant, texts),
    sender: (name: string, options: SenderOptions = {}) => {
      const db = openDatabase({ url: world.database.urls.worker, maxConnections: 2, name });
      opened.push(db);
      return openSender(world, db, options);
    },
    statesOf: async ({ customerId }: CustomerOf): Promise<string[]> => {
      const sql = "select state from outbox where customer_id = $1 order by seq";
      return (await query<{ state: string }>(sql, [customerId])).map(({ state }) => state);
    },
    leaseOwner: async ({ customerId }: CustomerOf): Promise<string | null | undefined> => {
      const sql = "select lease_owner as owner from conversations where customer_id = $1";
      return (await query<{ owner: string | null }>(sql, [customerId]))[0]?.owner;
    },
    /** Waits for a row. */
    sees: (what: string, sql: string, values: unknown[]) =>
      eventually(what, async () => (await query(sql, values)).length > 0),
    /** Whoever connects by this name waits for another's lock. */
    waitsForALock: (name: string) =>
      eventually(`${name} waits for a lock`, async () => {
        const sql = `select pid from pg_stat_activity where datname = current_database()
          and application_name = $1 and wait_event_type = 'Lock'`;
        return (await query(sql, [name])).length > 0;
      }),
    close: async () => {
      await Promise.all(opened.map((db) => db.close()));
      await world.close();
    },
  };
}

export type SendWorld = Awaited<ReturnType<typeof createSendWorld>>;

/** A customer with these words of the agent in the outbox, each a part. */
async function addQueued(world: OwnerWorld, tenant: Tenant, texts: string[]): Promise<CustomerOf> {
  const customer = await world.addCustomer(tenant);
  const { shopId, customerId } = customer;
  const now = new Date();
  await world.owner.query("update conversations set last_customer_action_at = now() where customer_id = $1", [
    customerId,
  ]);
  const contents = texts.map((text) => textContent(text));
  const parts = await sealParts(world.deps.sealer, customer, contents);
  await world.worker.withShop(shopId, async (trx) => {
    await lockConversation(trx, customer);
    const message = { audience: "chat", author: "agent", businessKey: "turn:1", parts, now } as const;
    await enqueueMessage(trx, { shopId, customerId, ...message });
  });
  return customer;
}

function openSender(world: OwnerWorld, opened: Database, options: SenderOptions) {
  const { leaseMs = 60_000, answer, inLook, afterLook, inClaim, claimed, inFlight } = options;
  const db: Database = {
    ...opened,
    withShop: (shopId, fn) =>
      opened.withShop(shopId, async (trx) => {
        await inLook?.here();
        const result = await fn(trx);
        if (result === "claimed") await inClaim?.here();
        return result;
      }),
  };
  const sent: string[] = [];
  const { sealer } = world.deps;
  const deps = activityDeps(world, {
    db,
    sealer: {
      ...sealer,
      open: async (items) => {
        await afterLook?.here();
        return sealer.open(items);
      },
    },
    messenger: messengerWith({
      sendPart: async ({ content }) => {
        sent.push(content.kind === "text" ? content.text : content.kind);
        await inFlight?.here();
        return answer ?? { outcome: "sent", mid: newId<string>() };
      },
      findSentMessage: () => Promise.resolve({ outcome: "absent" }),
    }),
    outbox: { leaseMs, echoWaitMs: 0, askAgainMs: 0 },
    atStep: (step) => (step === "outbox.claimed" && claimed ? claimed.here() : Promise.resolve()),
  });
  return {
    sent,
    drain: ({ shopId, customerId }: CustomerOf) => drainOutbox(deps, { shopId, customerId }),
  };
}
