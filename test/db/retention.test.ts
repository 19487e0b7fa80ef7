import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { CustomerId } from "../../domain/id.ts";
import { newId } from "../../domain/id.ts";
import { dayMs } from "../../domain/privacy/purge-rules.ts";
import { retentionAt } from "../activities/retention-world.ts";
import type { ConversationRef } from "./conversation-world.ts";
import { createRetentionWorld } from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";
import { addHold } from "./add-hold.ts";

let world: RetentionWorld;
beforeAll(async () => {
  world = await createRetentionWorld();
});
afterAll(() => world.close());

const start = new Date("2026-01-01T00:00:00+06:30");
const day = (days: number, ms = 0) => new Date(start.getTime() + days * dayMs + ms);
const purge = (days: number, ms = 0) => retentionAt(world.system, day(days, ms)).purge();

async function keysOf({ customerId }: { customerId: CustomerId }): Promise<string[]> {
  const { rows } = await world.owner.query<{ purpose: string }>(
    "select purpose from subject_keys where subject_id = $1 order by purpose",
    [customerId],
  );
  return rows.map(({ purpose }) => purpose);
}

const messagesOf = ({ customerId }: ConversationRef) =>
  world.count("messages", "customer_id = $1", [customerId]);

describe("a hold", () => {
  const hold = ({ shopId, customerId }: ConversationRef, of: string, until: Date | null) =>
    addHold(world.owner, { shopId, subjectId: customerId, of, until });

  test("keeps what is of its class until its day, of its person alone", async () => {
    const [held, free] = [await world.addConversation(), await world.addConversation()];
    for (const chat of [held, free]) {
      await world.addMessage(chat, day(0));
      await world.addOrder(chat, { endedAt: day(0), paidAt: day(0) });
    }
    await hold(held, "conversation", day(300));
    await purge(181);
    expect([await messagesOf(held), await messagesOf(free)]).toEqual([1, 0]);
    const contacts = (chat: ConversationRef) =>
      world.count("orders", "customer_id = $1 and contact is not null", [chat.customerId]);
    expect([await contacts(held), await contacts(free)]).toEqual([0, 0]);
    await purge(299);
    expect(await keysOf(held)).toEqual(["chat", "finance", "order"]);
    await purge(300);
    expect(await messagesOf(held)).toBe(0);
    expect(await keysOf(held)).toEqual(["finance"]);
  });

  test("without a day keeps for good", async () => {
    const chat = await world.addConversation();
    await world.addMessage(chat, day(0));
    await hold(chat, "conversation", null);
    await purge(4_000);
    expect(await messagesOf(chat)).toBe(1);
    await world.owner.query("delete from holds where subject_id = $1", [chat.customerId]);
    await purge(4_000);
    expect(await messagesOf(chat)).toBe(0);
  });
});

describe("an order of which somebody owes something", () => {
  test.each([
    { name: "that is not over", story: { state: "placed", deliveredAt: day(0), endedAt: null } },
    { name: "whose money goes back", story: { payment: "refund_due", endedAt: day(0), paidAt: day(0) } },
    { name: "that is under review", story: { endedAt: day(0), isUnderReview: true } },
  ] as const)("$name keeps name and address, and its person", async ({ story }) => {
    const chat = await world.addConversation();
    const id = await world.addOrder(chat, story);
    await purge(3_000);
    expect(await world.count("orders", "id = $1 and contact is not null", [id])).toBe(1);
    expect(await keysOf(chat)).toEqual(["chat", "finance", "order"]);
  });

  test("as an undecided slip is among it", async () => {
    const chat = await world.addConversation();
    const id = await world.addOrder(chat, { state: "cancelled", endedAt: day(0) });
    const slip = await world.addSlip(chat, id, "undecided", day(0));
    await purge(1_000);
    expect(await world.count("orders", "id = $1 and contact is not null", [id])).toBe(1);
    await world.owner.query("update payment_evidence set state = 'refused' where id = $1", [slip.id]);
    await purge(1_000);
    expect(await world.count("orders", "id = $1", [id])).toBe(0);
    expect(await world.count("loose_objects", "id = $1", [slip.objectId])).toBe(1);
  });
});

test("a quiet customer of the books is let go without a way back, and gone after seven years", async () => {
  const chat = await world.addConversation();
  await world.addMessage(chat, day(0));
  const order = await world.addOrder(chat, { endedAt: day(10), deliveredAt: day(10), paidAt: day(2) });
  const slip = await world.addSlip(chat, order, "accepted", day(2));
  const indexOf = async () => {
    const { rows } = await world.owner.query<{ psid_index: Buffer; psid: Buffer }>(
      "select psid_index, psid from customers where id = $1",
      [chat.customerId],
    );
    return rows[0];
  };
  const before = await indexOf();
  await purge(185);
  expect(await messagesOf(chat)).toBe(0);
  // Their order may still be disputed: they are known until then.
  expect(await keysOf(chat)).toEqual(["chat", "finance", "order"]);
  await purge(190);
  expect(await keysOf(chat)).toEqual(["finance"]);
  const after = await indexOf();
  expect(after?.psid_index.equals(before?.psid_index ?? Buffer.alloc(0))).toBe(false);
  expect(after?.psid.length).toBe(0);
  expect(await world.count("subjects", "id = $1 and state = 'erased'", [chat.customerId])).toBe(1);
  // Money may still go back through it.
  expect(await world.count("conversations", "customer_id = $1", [chat.customerId])).toBe(1);
  await purge(2_558);
  expect(await world.count("payment_entries", "order_id = $1", [order])).toBe(1);
  expect(await world.count("payment_evidence", "id = $1", [slip.id])).toBe(1);
  await purge(2_559);
  for (const table of ["orders", "payment_evidence", "customers"])
    expect({
      [table]: await world.count(table, "shop_id = $1 and id = any ($2)", [
        chat.shopId,
        [order, slip.id, chat.customerId],
      ]),
    }).toEqual({ [table]: 0 });
  expect(await world.count("payment_entries", "order_id = $1", [order])).toBe(0);
  expect(await world.count("conversations", "customer_id = $1", [chat.customerId])).toBe(0);
  expect(await world.count("loose_objects", "id = $1", [slip.objectId])).toBe(1);
  expect(await keysOf(chat)).toEqual([]);
});

test("a customer with credit left is not let go, and their credit not forgotten", async () => {
  const chat = await world.addConversation();
  const { shopId, customerId } = chat;
  const order = await world.addOrder(chat, { endedAt: day(0), paidAt: day(0) });
  await world.owner.query("insert into customer_credits values ($1, $2, 'MMK', 500)", [shopId, customerId]);
  await world.owner.query(
    `insert into customer_credit_lines (shop_id, id, customer_id, currency, order_id, kind, amount_minor, effect_key, recorded_at)
      values ($1, $2, $3, 'MMK', $4, 'kept', 500, 'k', $5)`,
    [shopId, newId(), customerId, order, day(0)],
  );
  await purge(3_000);
  expect(await keysOf(chat)).toEqual(["chat", "finance", "order"]);
  expect(await world.count("orders", "id = $1", [order])).toBe(1);
  await world.owner.query("update customer_credits set balance_minor = 0 where customer_id = $1", [
    customerId,
  ]);
  await purge(3_000);
  expect(await world.count("orders", "id = $1", [order])).toBe(0);
  expect(await world.count("customer_credits", "customer_id = $1", [customerId])).toBe(0);
  expect(await keysOf(chat)).toEqual([]);
});

test("what came in and was not claimed yet keeps its conversation", async () => {
  const chat = await world.addConversation();
  await world.addMessage(chat, day(0));
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at)
      values ($1, $2, 'message', $3, '\\x02', $4, $4)`,
    [chat.shopId, newId(), chat.customerId, day(200)],
  );
  await purge(201);
  expect(await messagesOf(chat)).toBe(1);
  await world.owner.query("update intake set claimed_at = $2 where customer_id = $1", [
    chat.customerId,
    day(201),
  ]);
  await purge(210);
  expect(await messagesOf(chat)).toBe(0);
});

test("P:MMSO-38 after three missed runs the next one clears the backlog: no log is older than its limit and a day", async () => {
  const { shopId } = await world.addShop();
  const accountId = newId<string>();
  await world.owner.query(
    "insert into accounts (id, email_index, email, password_hash, created_at) values ($1, uuid_send($1), 'e', 'h', now())",
    [accountId],
  );
  const write = async (at: Date) => {
    await world.owner.query(
      `insert into owner_notices (shop_id, id, kind, business_key, created_at) values ($1, $2::uuid, 'k', $2::uuid::text, $3)`,
      [shopId, newId(), at],
    );
    await world.owner.query(
      `insert into mails (id, account_id, kind, business_key, language, state, next_attempt_at, created_at)
        values ($1::uuid, $2, 'k', $1::uuid::text, 'my', 'sent', $3, $3)`,
      [newId(), accountId, at],
    );
    await world.owner.query(
      "insert into account_events (id, account_id, kind, at) values ($1, $2, 'session.started', $3)",
      [newId(), accountId, at],
    );
    await world.owner.query(
      `insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at, claimed_at)
        select shop_id, $2::uuid, 'message', id, uuid_send($2::uuid), $3, $3, $3 from customers where id = $1`,
      [chat.customerId, newId(), at],
    );
  };
  const chat = await world.addConversation();
  const limits = { owner_notices: 90, mails: 30, account_events: 90, intake: 8 };
  const times = {
    owner_notices: "created_at",
    mails: "created_at",
    account_events: "at",
    intake: "claimed_at",
  };
  const oldestOf = async (table: keyof typeof limits, now: Date): Promise<number> => {
    const { rows } = await world.owner.query<{ oldest: Date | null }>(
      `select min(${times[table]}) as oldest from ${table} where ${times[table]} is not null`,
    );
    return (now.getTime() - (rows[0]?.oldest ?? now).getTime()) / dayMs;
  };
  for (let today = 0; today <= 110; today += 1) await write(day(today, 3_600_000));
  const missed = [105, 106, 107];
  for (let today = 100; today <= 110; today += 1) {
    if (missed.includes(today)) continue;
    if (today === 108)
      expect(await oldestOf("owner_notices", day(today))).toBeGreaterThan(limits.owner_notices + 3);
    await purge(today);
    for (const table of Object.keys(limits) as (keyof typeof limits)[])
      expect({ [table]: (await oldestOf(table, day(today + 1))) <= limits[table] + 1 }).toEqual({
        [table]: true,
      });
  }
  // What is young enough is there.
  expect(await world.count("owner_notices", "shop_id = $1 and created_at > $2", [shopId, day(20)])).toBe(91);
});
