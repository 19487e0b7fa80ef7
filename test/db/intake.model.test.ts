import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ShopTransaction } from "../../db/connection.ts";
import { lockConversation } from "../../db/conversations.ts";
import { lockBells } from "../../db/conversations-door.ts";
import { listTakenBack } from "../../db/deletions.ts";
import { claimTurnIntake } from "../../db/intake-claims.ts";
import { emptyTakenBack, insertIntakeEvents } from "../../db/intake.ts";
import type { NewIntakeEvent } from "../../db/intake.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId } from "../../domain/id.ts";
import { fc, runs } from "../support/properties.ts";
import { createConversationWorld, notSealed } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

const kinds = ["message", "postback", "page_inbox", "edit", "deleted"] as const;
type Kind = (typeof kinds)[number];
/** One event as Messenger names it: what it is, and of which message. Repetitions name it again. */
type Event = { kind: Kind; mid: number; minute: number };
type Command = { do: "deliver"; events: Event[] } | { do: "claim" };

const event: fc.Arbitrary<Event> = fc.record({
  kind: fc.constantFrom(...kinds),
  mid: fc.nat(5),
  minute: fc.nat(3),
});
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("deliver" as const),
        events: fc.array(event, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("claim" as const) }) },
  ),
  { maxLength: 15, size: "max" },
);

type Known = { kind: Kind; mid: number; minute: number; isClaimed: boolean; hasWords: boolean };

test("an event counts once for ever, is claimed once, and keeps no words when it was taken back", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      const ref = await world.addConversation();
      const model = new Map<string, Known>();
      for (const command of commands) {
        if (command.do === "claim") await claim(ref, model);
        else await deliver(ref, model, command.events);
        await compare(ref, model);
      }
    }),
    { numRuns: runs(10) },
  );
});

async function deliver(ref: ConversationRef, model: Map<string, Known>, events: Event[]): Promise<void> {
  const fresh = await store(ref, events);
  const expected = events.filter((event, index) => {
    const isFirst = events.findIndex((other) => nameOf(other) === nameOf(event)) === index;
    return isFirst && !model.has(nameOf(event));
  });
  expect(fresh).toBe(expected.length);
  for (const event of expected) model.set(nameOf(event), { ...event, isClaimed: false, hasWords: true });
  const gone = new Set([...model.values()].flatMap(({ kind, mid }) => (kind === "deleted" ? [mid] : [])));
  // What a worker had taken already goes when it takes the deletion.
  for (const known of model.values()) {
    if (!known.isClaimed && known.kind !== "deleted" && gone.has(known.mid)) known.hasWords = false;
  }
}

async function claim(ref: ConversationRef, model: Map<string, Known>): Promise<void> {
  const waiting = [...model.values()].filter(({ isClaimed }) => !isClaimed);
  expect(await inShop(ref, (trx) => claimLocked(trx, ref))).toBe(waiting.length);
  for (const known of waiting) known.isClaimed = true;
  for (const { kind, mid } of waiting) {
    if (kind !== "deleted") continue;
    for (const known of model.values())
      if (known.mid === mid && known.kind !== "deleted") known.hasWords = false;
  }
}

async function compare(ref: ConversationRef, model: Map<string, Known>): Promise<void> {
  const known = [...model.values()];
  const { rows } = await world.owner.query<{
    waiting: number;
    claimed: number;
    kept: number;
    stored: number;
  }>(
    `select count(*) filter (where claimed_at is null)::int as waiting,
      count(*) filter (where claimed_at is not null)::int as claimed,
      count(*) filter (where claimed_at is not null and body is not null)::int as kept,
      count(*) filter (where claimed_at is null and body is not null and kind <> 'deleted')::int as stored
      from intake where customer_id = $1`,
    [ref.customerId],
  );
  expect(rows[0]).toEqual({
    waiting: known.filter(({ isClaimed }) => !isClaimed).length,
    claimed: known.filter(({ isClaimed }) => isClaimed).length,
    kept: 0,
    stored: known.filter(({ isClaimed, hasWords, kind }) => !isClaimed && hasWords && kind !== "deleted")
      .length,
  });
  const said = known.filter(({ isClaimed, kind }) => isClaimed && kind !== "deleted");
  const messages = await world.owner.query<{ id: string; body: Buffer | null }>(
    "select id, body from messages where customer_id = $1 order by occurred_at, id",
    [ref.customerId],
  );
  expect(messages.rows).toHaveLength(said.length);
  expect(messages.rows.filter(({ body }) => body !== null)).toHaveLength(
    said.filter(({ hasWords }) => hasWords).length,
  );
}

test("of many who bring the same events at once each is stored by one, and claimed by one", async () => {
  const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      const ref = await world.addConversation();
      const [claimed, ...fresh] = await Promise.all([
        inShop(ref, (trx) => claimLocked(trx, ref)),
        ...batches.map((events) => store(ref, events)),
      ]);
      const names = new Set(batches.flat().map(nameOf));
      expect(fresh.reduce((sum, count) => sum + count, 0)).toBe(names.size);
      const rest = await Promise.all([1, 2, 3].map(() => inShop(ref, (trx) => claimLocked(trx, ref))));
      expect(rest.reduce((sum, count) => sum + count, claimed)).toBe(names.size);
    }),
    { numRuns: runs(20) },
  );
});

function nameOf({ kind, mid }: Event): string {
  return `${kind}:${mid}`;
}

/** As the door does it: under the conversation's lock, and empty when it was taken back before. */
function store(ref: ConversationRef, events: Event[]): Promise<number> {
  const { shopId, customerId } = ref;
  return inShop(ref, async (trx) => {
    await lockBells(trx, { shopId, customerIds: [customerId] });
    const rows = events.map((event) => toRow(ref, event));
    const hashes = (isDeletion: boolean) =>
      rows.flatMap(({ kind, midHash }) => ((kind === "deleted") === isDeletion && midHash ? [midHash] : []));
    await emptyTakenBack(trx, { shopId, customerIds: [customerId], midHashes: hashes(true) });
    const before = await listTakenBack(trx, { shopId, customerIds: [customerId], midHashes: hashes(false) });
    const gone = new Set([...before, ...hashes(true)].map((hash) => hash.toString("hex")));
    const stored = await insertIntakeEvents(trx, {
      shopId,
      events: rows.map((row) => {
        const isGone = row.kind !== "deleted" && gone.has(row.midHash?.toString("hex") ?? "");
        return isGone ? { ...row, body: null } : row;
      }),
    });
    return stored.length;
  });
}

function toRow({ customerId }: ConversationRef, event: Event): NewIntakeEvent {
  const at = new Date(Date.UTC(2026, 0, 1, 0, event.minute));
  return {
    id: newId<MessageId>(),
    kind: event.kind,
    customerId,
    pageId: world.pageId,
    eventKey: Buffer.from(`${customerId}:${nameOf(event)}`),
    midHash: Buffer.from(`${customerId}:${event.mid}`),
    body: notSealed(randomUUID()),
    occurredAt: at,
    receivedAt: at,
  };
}

async function claimLocked(trx: ShopTransaction, ref: ConversationRef): Promise<number> {
  await lockConversation(trx, ref);
  return claimTurnIntake(trx, { ...ref, now: new Date() });
}

function inShop<T>({ shopId }: ConversationRef, work: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return world.worker.withShop(shopId, work);
}
