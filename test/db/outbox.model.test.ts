import { afterAll, beforeAll, expect, test } from "vitest";

import type { ShopTransaction } from "../../db/connection.ts";
import { acquireSendLease, beginHumanMode, endHumanMode, lockConversation } from "../../db/conversations.ts";
import {
  claimPart,
  enqueueMessage,
  expireSendingParts,
  listOpenParts,
  resendPart,
  settlePart,
} from "../../db/outbox.ts";
import type { PartOutcome } from "../../db/outbox.ts";
import type { OutboxAudience, OutboxState } from "../../db/schema/conversations.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId, OrderId } from "../../domain/id.ts";
import { fc, runs } from "../support/properties.ts";
import { createConversationWorld, notSealed } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

const leaseMs = 60_000;
const open: OutboxState[] = ["queued", "sending", "unknown", "waiting_for_window"];

type Part = {
  id: MessageId;
  audience: OutboxAudience;
  modeVersion: number | null;
  hasOrder: boolean;
  state: OutboxState;
  isResend: boolean;
  attempts: number;
};

/** What is expected of one conversation: a list of parts, a mode and a clock. */
type Model = {
  ref: ConversationRef;
  parts: Part[];
  keys: Set<string>;
  now: Date;
  humanUntil: Date | null;
  modeVersion: number;
  isActive: boolean;
};

type Outcome = PartOutcome["state"];
type Command =
  | { do: "queue"; audience: OutboxAudience; count: number; key: number; hasOrder: boolean }
  | { do: "claim" | "resend"; pick: number }
  /** `isLate`: what came of the attempt before the last one. */
  | { do: "settle"; pick: number; as: Outcome; isLate: boolean }
  | { do: "mute" | "pass"; minutes: number }
  | { do: "giveBack" | "expireYoung" | "expireOld" | "freeze" | "activate" };

const pick = fc.nat(9);
const commands = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("queue" as const),
        audience: fc.constantFrom("chat", "order", "owner"),
        count: fc.integer({ min: 1, max: 3 }),
        key: fc.nat(12),
        hasOrder: fc.boolean(),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("claim", "claim", "resend"), pick }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("settle" as const),
        pick,
        as: fc.constantFrom<Outcome>("sent", "queued", "unknown", "waiting_for_window", "failed", "dropped"),
        isLate: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom("mute", "pass"), minutes: fc.constantFrom(5, 60) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom("giveBack", "expireYoung", "expireOld", "freeze", "activate"),
      }),
    },
  ),
  { maxLength: 25, size: "max" },
) as fc.Arbitrary<Command[]>;

test("parts move as the model says, whatever is queued, claimed, settled, muted and left behind", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      const model = await newModel();
      for (const command of commands) {
        await apply(model, command);
        await compare(model);
      }
    }),
    { numRuns: runs(10) },
  );
});

async function newModel(): Promise<Model> {
  const ref = await world.addConversation();
  const start = { humanUntil: null, modeVersion: 0, isActive: true };
  return { ref, parts: [], keys: new Set(), now: new Date(), ...start };
}

async function apply(model: Model, command: Command): Promise<void> {
  const { ref } = model;
  switch (command.do) {
    case "queue":
      return queue(model, command);
    case "claim":
      return claim(model, partAt(model, command.pick));
    case "settle":
      return settle(model, partAt(model, command.pick), command);
    case "resend":
      return resend(model, partAt(model, command.pick));
    case "mute":
      model.humanUntil = new Date(model.now.getTime() + command.minutes * 60_000);
      model.modeVersion += 1;
      return run(ref, (trx) => beginHumanMode(trx, { ...ref, until: model.humanUntil ?? model.now }));
    case "giveBack":
      model.humanUntil = null;
      model.modeVersion += 1;
      return run(ref, (trx) => endHumanMode(trx, ref));
    case "pass":
      model.now = new Date(model.now.getTime() + command.minutes * 60_000);
      return undefined;
    case "expireYoung":
      expect(await expire(model)).toBe(0);
      return undefined;
    case "expireOld": {
      const sending = model.parts.filter(({ state }) => state === "sending");
      await age(ref);
      expect(await expire(model)).toBe(sending.length);
      for (const part of sending) part.state = "unknown";
      return undefined;
    }
    case "freeze":
    case "activate":
      model.isActive = command.do === "activate";
      await world.owner.query("update subjects set state = $2 where id = $1", [
        ref.customerId,
        model.isActive ? "active" : "frozen",
      ]);
  }
}

/** Rather the last ones: what came first is mostly settled. */
function partAt({ parts }: Model, pick: number): Part | undefined {
  return parts.at(-1 - (pick % Math.max(1, parts.length)));
}

async function queue(model: Model, command: Command & { do: "queue" }): Promise<void> {
  const { ref, now } = model;
  const { audience, hasOrder } = command;
  const businessKey = `${ref.customerId}:${command.key}`;
  const ids = Array.from({ length: command.count }, () => newId<MessageId>());
  const isNew = await run(ref, async (trx) => {
    await lockConversation(trx, ref);
    const parts = ids.map((id) => ({ id, kind: "text", body: notSealed("text") }));
    const order = hasOrder ? { orderId: newId<OrderId>() } : {};
    return enqueueMessage(trx, { ...ref, audience, author: "agent", businessKey, parts, ...order, now });
  });
  expect(isNew).toBe(!model.keys.has(businessKey));
  if (!isNew) return;
  model.keys.add(businessKey);
  const modeVersion = audience === "chat" ? model.modeVersion : null;
  const fresh = { audience, hasOrder, modeVersion, state: "queued", isResend: false, attempts: 0 } as const;
  model.parts.push(...ids.map((id) => ({ id, ...fresh })));
}

async function claim({ ref, now, ...model }: Model, part: Part | undefined): Promise<void> {
  if (!part) return;
  const isMuted = model.humanUntil !== null && model.humanUntil > now;
  const fits = part.audience !== "chat" || (!isMuted && part.modeVersion === model.modeVersion);
  const expected = model.isActive && fits && ["queued", "waiting_for_window"].includes(part.state);
  expect(await run(ref, (trx) => claimPart(trx, { shopId: ref.shopId, id: part.id, now }))).toBe(expected);
  if (expected) Object.assign(part, { state: "sending", attempts: part.attempts + 1 });
}

async function settle(
  { ref, now }: Model,
  part: Part | undefined,
  { as, isLate }: { as: Outcome; isLate: boolean },
): Promise<void> {
  if (!part) return;
  const from: OutboxState[] = as === "sent" ? ["sending", "unknown"] : ["sending"];
  const outcome = outcomeOf(as, part.id, now);
  // That it was sent is known whichever attempt says so.
  const attempt = as === "sent" ? {} : { attempt: part.attempts - (isLate ? 1 : 0) };
  const isSettled = await run(ref, (trx) =>
    settlePart(trx, { shopId: ref.shopId, id: part.id, from, ...attempt, outcome }),
  );
  expect(isSettled).toBe(from.includes(part.state) && (as === "sent" || !isLate));
  if (isSettled) part.state = as;
}

function outcomeOf(state: Outcome, id: MessageId, now: Date): PartOutcome {
  switch (state) {
    case "sent":
      return { state, midHash: Buffer.from(id), sentAt: now };
    case "queued":
      return { state, nextAttemptAt: now, errorCode: "graph.busy" };
    case "unknown":
      return { state, nextAttemptAt: now };
    case "waiting_for_window":
      return { state, errorCode: null };
    case "failed":
    case "dropped":
      return { state, errorCode: "graph.100" };
  }
}

async function resend({ ref, now }: Model, part: Part | undefined): Promise<void> {
  if (!part) return;
  const isHarmless = part.audience === "chat" || (part.audience === "order" && !part.hasOrder);
  const expected = part.state === "unknown" && isHarmless && !part.isResend;
  expect(await run(ref, (trx) => resendPart(trx, { shopId: ref.shopId, id: part.id, now }))).toBe(expected);
  if (expected) Object.assign(part, { state: "queued", isResend: true });
}

async function compare({ ref, parts }: Model): Promise<void> {
  const { rows } = await world.owner.query<{ id: MessageId; state: OutboxState; is_resend: boolean }>(
    "select id, state, is_resend from outbox where customer_id = $1 order by seq",
    [ref.customerId],
  );
  expect(rows).toEqual(parts.map(({ id, state, isResend }) => ({ id, state, is_resend: isResend })));
  const listed = await run(ref, (trx) => listOpenParts(trx, { ...ref, limit: 100 }));
  const expected = parts.filter(({ state }) => open.includes(state)).map(({ id }) => id);
  expect(listed.map(({ id }) => id)).toEqual(expected);
}

test("a part of unknown fate is sent again once, and no more", async () => {
  const model = await newModel();
  await queue(model, { do: "queue", audience: "chat", count: 1, key: 1, hasOrder: false });
  for (const isResent of [true, false]) {
    await claim(model, model.parts[0]);
    await settle(model, model.parts[0], { as: "unknown", isLate: false });
    await resend(model, model.parts[0]);
    expect(model.parts[0]?.state).toBe(isResent ? "queued" : "unknown");
  }
  await compare(model);
});

test("of many who claim a part at once one gets it, and none after a person took over", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 3, maxLength: 10 }), async (isMute) => {
      const model = await newModel();
      await queue(model, { do: "queue", audience: "chat", count: 3, key: 1, hasOrder: false });
      const { ref, now, parts } = model;
      let isMuted = false;
      const claims = new Map(parts.map(({ id }) => [id, 0]));
      await Promise.all(
        isMute.map(async (mutes, index) => {
          const id = parts[index % parts.length]?.id ?? newId<MessageId>();
          if (mutes && index > 1) {
            await run(ref, (trx) => beginHumanMode(trx, { ...ref, until: new Date(now.getTime() + 1_000) }));
            isMuted = true;
            return;
          }
          const wasMuted = isMuted;
          const isClaimed = await run(ref, (trx) => claimPart(trx, { shopId: ref.shopId, id, now }));
          if (isClaimed) claims.set(id, (claims.get(id) ?? 0) + 1);
          if (wasMuted) expect(isClaimed).toBe(false);
        }),
      );
      expect(Math.max(...claims.values())).toBeLessThanOrEqual(1);
      if (!isMuted) return;
      for (const { id } of parts) {
        expect(await run(ref, (trx) => claimPart(trx, { shopId: ref.shopId, id, now }))).toBe(false);
      }
    }),
    { numRuns: runs(10) },
  );
});

test("one sender has the lease until it ends, and may take it again meanwhile", async () => {
  const ref = await world.addConversation();
  const take = async (owner: string) => {
    const target = await run(ref, (trx) => acquireSendLease(trx, { ...ref, owner, leaseMs }));
    if (target) expect(target.pageId).toBe(world.pageId);
    return target !== undefined;
  };
  const owners = Array.from({ length: 6 }, () => newId<string>());
  const taken = await Promise.all(owners.map(take));
  expect(taken.filter(Boolean)).toHaveLength(1);
  const holder = owners[taken.indexOf(true)] ?? "";
  for (const owner of owners) expect(await take(owner)).toBe(owner === holder);
  await age(ref);
  const next = owners.find((owner) => owner !== holder) ?? "";
  expect(await take(next)).toBe(true);
  expect(await take(holder)).toBe(false);
});

function run<T>({ shopId }: ConversationRef, work: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return world.worker.withShop(shopId, work);
}

function expire({ ref, now }: Model): Promise<number> {
  return run(ref, (trx) => expireSendingParts(trx, { ...ref, leaseMs, nextAttemptAt: now }));
}

/** Leases go by the database's clock, which nobody can move: what it wrote is moved instead. */
async function age({ customerId }: ConversationRef): Promise<void> {
  const past = "now() - interval '2 minutes'";
  await world.owner.query(`update outbox set sending_at = ${past} where customer_id = $1`, [customerId]);
  await world.owner.query(`update conversations set lease_until = ${past} where customer_id = $1`, [
    customerId,
  ]);
}
