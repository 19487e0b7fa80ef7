import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { tendCredits } from "../../activities/upkeep/tend-credits.ts";
import { listCreditEntries } from "../../db/credit-queries.ts";
import { grantCredits, lapseCredits, reserveCredits, reverseGrant, settleCredits } from "../../db/credits.ts";
import type { NewGrant, Reservation } from "../../db/credits.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { listShopsWithCreditErrands, listUnevenGrants } from "../../db/system-credits.ts";
import { insertTurn, storeTurn } from "../../db/turns.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, TurnId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
let system: SystemDatabase;
let shop: { shopId: ShopId; pageId: ConversationWorld["pageId"] };
let shopId: ShopId;
const now = new Date("2026-03-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * 24 * 3_600_000);

beforeAll(async () => {
  world = await createConversationWorld();
  system = openSystemDatabase({ url: world.urls.system, maxConnections: 2, name: "test" });
});
beforeEach(async () => {
  shop = await world.addShop();
  ({ shopId } = shop);
});
afterAll(async () => {
  await system.close();
  await world.close();
});

function inShop<T>(work: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return world.worker.withShop(shopId, work);
}

function grant(credits: number, given: Partial<NewGrant> = {}): Promise<boolean> {
  const fresh = {
    shopId,
    kind: "top_up",
    credits,
    expiresAt: null,
    effectKey: newId<string>(),
    now,
  } as const;
  return inShop((trx) => grantCredits(trx, { ...fresh, ...given }));
}

function reserve(
  upperBound: number,
  { turnId = newId<TurnId>(), at = now, willAskAgain = false } = {},
): Promise<Reservation> {
  const wanted = { shopId, turnId, upperBound, isRetry: false, willAskAgain, now: at };
  return inShop((trx) => reserveCredits(trx, wanted));
}

async function spend(credits: number, at = now): Promise<void> {
  const turnId = newId<TurnId>();
  await reserve(credits, { turnId, at });
  const charge = { credits, costMicroUsd: 1, rateVersion: 1 };
  await inShop((trx) => settleCredits(trx, { shopId, turnId, charge, now: at }));
}

async function listNotices(): Promise<string[]> {
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from owner_notices where shop_id = $1 order by id",
    [shopId],
  );
  return rows.map(({ kind }) => kind);
}

async function listAccounts(): Promise<Record<string, number>> {
  const { rows } = await world.owner.query<{ account: string; credits: string }>(
    "select account, sum(credits) as credits from credit_lines where shop_id = $1 group by account order by 1",
    [shopId],
  );
  return Object.fromEntries(rows.map(({ account, credits }) => [account, Number(credits)]));
}

test("a shop that never had a grant gets the trial with its first reservation, once", async () => {
  const reservations = await Promise.all(Array.from({ length: 5 }, () => reserve(10)));
  expect(reservations.map(({ outcome }) => outcome)).toEqual(Array(5).fill("reserved"));
  expect(await listAccounts()).toEqual({ available: 150, issued: -200, reserved: 50 });
});

test("a shop whose grants are used up gets no trial any more", async () => {
  await grant(5);
  await spend(5);
  expect(await reserve(1)).toEqual({ outcome: "short", mayComeBack: false });
});

test("what an effect key names is granted once, however often at once", async () => {
  const grants = await Promise.all(
    Array.from({ length: 5 }, () => grant(10, { effectKey: "payment 1", expiresAt: later(30) })),
  );
  expect(grants.filter(Boolean)).toHaveLength(1);
  expect(await listAccounts()).toEqual({ available: 10, issued: -10 });
});

test("what is left below the upper bound is reserved, and no more is charged", async () => {
  await grant(3);
  const turnId = newId<TurnId>();
  expect(await reserve(28, { turnId })).toMatchObject({ outcome: "reserved", parts: [{ credits: 3 }] });
  const charge = { credits: 9, costMicroUsd: 1, rateVersion: 1 };
  await inShop((trx) => settleCredits(trx, { shopId, turnId, charge, now }));
  expect(await listAccounts()).toEqual({ available: 0, issued: -3, reserved: 0, used: 3 });
});

test("while other turns hold the last credits it is said that they may come back, and the owner is not told yet", async () => {
  await grant(3);
  await reserve(3);
  expect(await reserve(3, { willAskAgain: true })).toEqual({ outcome: "short", mayComeBack: true });
  expect(await listNotices()).toEqual([]);
});

test("a grant that expires loses what is left, and what a turn gives back to it later", async () => {
  await grant(10, { expiresAt: later(1) });
  await grant(10);
  const turnId = newId<TurnId>();
  await reserve(4, { turnId });
  await reserve(1, { at: later(2) });
  expect(await listAccounts()).toMatchObject({ expired: 6, reserved: 5, available: 9 });
  await inShop((trx) => settleCredits(trx, { shopId, turnId, charge: null, now: later(2) }));
  await inShop((trx) => lapseCredits(trx, { shopId, now: later(2) }));
  expect(await listAccounts()).toMatchObject({ expired: 10, reserved: 1, available: 9 });
});

test("a grant that is taken back loses what is left, once, and what was used stays used", async () => {
  await grant(10, { effectKey: "payment" });
  await spend(4);
  const take = () => inShop((trx) => reverseGrant(trx, { shopId, effectKey: "payment", now }));
  expect([await take(), await take()]).toEqual([6, undefined]);
  expect(await listAccounts()).toEqual({ available: 0, issued: -10, reserved: 0, reversed: 6, used: 4 });
  expect(await reserve(1)).toEqual({ outcome: "short", mayComeBack: false });
});

test("the owner is told at a fifth, at a twentieth and at nothing of the last grant, once each until the next one", async () => {
  await grant(100);
  await spend(79);
  await spend(1);
  expect(await listNotices()).toEqual([]);
  for (let turn = 0; turn < 3; turn += 1) await spend(5);
  expect(await listNotices()).toEqual(["credits_low"]);
  await spend(3);
  await spend(2);
  for (let turn = 0; turn < 3; turn += 1) await reserve(1);
  expect(await listNotices()).toEqual(["credits_low", "credits_very_low", "credits_out"]);
  await grant(10);
  await spend(10);
  for (let turn = 0; turn < 2; turn += 1) await reserve(1);
  expect((await listNotices()).slice(3)).toEqual(["credits_out"]);
});

test("the owner is told when the last grant that has begun is used up, whatever begins later", async () => {
  await grant(100);
  await grant(1_000, { effectiveAt: later(9) });
  await spend(85);
  await spend(15);
  expect(await listNotices()).toEqual(["credits_low"]);
  expect(await reserve(1)).toMatchObject({ outcome: "short" });
  expect(await listNotices()).toEqual(["credits_low", "credits_out"]);
});

test("the login of the api makes no credits and moves none", async () => {
  const { rows } = await world.owner.query<{ name: string; may: boolean }>(
    `select t.name, has_any_column_privilege('app_api', t.name, 'insert')
       or has_any_column_privilege('app_api', t.name, 'update') as may
     from unnest(array['credit_grants', 'credit_lines', 'credit_reservations']) as t (name)`,
  );
  expect(rows.filter(({ may }) => may)).toEqual([]);
});

test("the database refuses a transaction that does not sum to zero, also between two grants", async () => {
  await grant(5);
  await grant(5);
  const { rows } = await world.owner.query<{ id: string }>(
    "select id from credit_grants where shop_id = $1 order by id",
    [shopId],
  );
  const [one, other] = rows.map(({ id }) => id);
  const write = (lines: string) =>
    world.owner.query(
      `insert into credit_lines (shop_id, transaction_id, grant_id, account, kind, credits, at)
       select $1, $2, grant_id, account, 'settle', credits, now()
       from (values ${lines}) as l (grant_id, account, credits)`,
      [shopId, newId<string>()],
    );
  await expect(write(`('${one}'::uuid, 'available', 1)`)).rejects.toThrow("does not sum to zero");
  const crossed = `('${one}'::uuid, 'available', 1), ('${other}', 'available', -1)`;
  await expect(write(crossed)).rejects.toThrow("does not sum to zero");
  await write(`('${one}'::uuid, 'available', -1), ('${one}', 'used', 1)`);
});

test.each(["api", "worker"] as const)(
  "the login of the %s can neither change nor remove a line",
  async (who) => {
    for (const verb of ["update", "delete", "truncate"]) {
      const { rows } = await world.owner.query(
        "select has_table_privilege($1, 'credit_lines', $2) or (has_any_column_privilege($1, 'credit_lines', 'update') and $2 = 'update') as may",
        [`app_${who}`, verb],
      );
      expect(rows).toEqual([{ may: false }]);
    }
  },
);

test("a grant whose row says something else than its lines is found", async () => {
  await grant(5);
  expect(await listUnevenGrants(system)).not.toContainEqual(expect.objectContaining({ shopId }));
  await world.owner.query("update credit_grants set available = available + 1 where shop_id = $1", [shopId]);
  expect(await listUnevenGrants(system)).toContainEqual(expect.objectContaining({ shopId }));
  await world.owner.query("update credit_grants set available = available - 1 where shop_id = $1", [shopId]);
});

test("the statement says which grant paid for which turn, beside its price, and what was granted and expired", async () => {
  const ref = await world.addConversation(shop);
  const turn = await openTurn(ref);
  await grant(2, { kind: "trial", expiresAt: later(1) });
  await grant(10, { expiresAt: later(9) });
  await reserve(5, { turnId: turn.id });
  const charge = { credits: 4, costMicroUsd: 3_500, rateVersion: 1 };
  await inShop((trx) => settleCredits(trx, { shopId, turnId: turn.id, charge, now }));
  await inShop((trx) => lapseCredits(trx, { shopId, now: later(10) }));
  const lines = await inShop((trx) => listCreditEntries(trx, { shopId, limit: 10 }));
  expect(lines).toMatchObject([
    { kind: "expired", credits: 8, turnId: null, costMicroUsd: null },
    {
      kind: "used",
      credits: 4,
      grants: [
        { kind: "trial", credits: 2 },
        { kind: "top_up", credits: 2 },
      ],
      turnId: turn.id,
      customerId: ref.customerId,
      costMicroUsd: 3_500,
    },
    { kind: "granted", credits: 10 },
    { kind: "granted", credits: 2 },
  ]);
  const second = await inShop((trx) =>
    listCreditEntries(trx, { shopId, limit: 1, before: lines[0]?.id ?? "" }),
  );
  expect(second).toEqual([lines[1]]);
});

function openTurn(ref: ConversationRef) {
  return inShop((trx) => insertTurn(trx, { ...ref, id: newId<TurnId>(), seq: 1, oldestAt: now, now }));
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function tend(at = now): Promise<number> {
  return tendCredits({ db: world.worker, system, log, clock: { now: () => at } });
}

test("a reservation is given back when its turn is over or gone, and kept while it is not", async () => {
  await grant(30);
  const [open, stored] = [
    await openTurn(await world.addConversation(shop)),
    await openTurn(await world.addConversation(shop)),
  ];
  for (const turnId of [open.id, stored.id, newId<TurnId>()]) await reserve(10, { turnId });
  const { attempt, id } = stored;
  const silent = {
    outcome: "silent",
    decision: null,
    model: null,
    shown: null,
    errorCode: null,
    agentName: null,
  } as const;
  await inShop((trx) => storeTurn(trx, { shopId, id, attempt, record: silent, now }));
  await tend();
  expect(await listAccounts()).toEqual({ available: 20, issued: -30, reserved: 10 });
});

test("what is left of a grant that is over is taken out though nobody asks for it", async () => {
  await grant(10, { expiresAt: later(1) });
  await tend(later(2));
  expect(await listAccounts()).toEqual({ available: 0, expired: 10, issued: -10 });
});

test("conversations that wait for credits are the agent's again when some have come, not before", async () => {
  await grant(1);
  await spend(1);
  const ref = await world.addConversation(shop);
  await world.owner.query("update conversations set credits_short_at = $2 where customer_id = $1", [
    ref.customerId,
    now,
  ]);
  const seen = async () => {
    const { rows } = await world.owner.query(
      "select credits_short_at, agent_from from conversations where customer_id = $1",
      [ref.customerId],
    );
    return rows;
  };
  await tend();
  expect(await seen()).toEqual([{ credits_short_at: now, agent_from: null }]);
  await grant(5);
  await tend(later(1));
  expect(await seen()).toEqual([{ credits_short_at: null, agent_from: later(1) }]);
});

test("conversations of a shop whose plan is over wait for its payment, not for credits", async () => {
  await grant(5);
  const { customerId } = await world.addConversation(shop);
  await world.owner.query("update conversations set credits_short_at = $2 where customer_id = $1", [
    customerId,
    now,
  ]);
  const isWaiting = async () => {
    const { rowCount } = await world.owner.query(
      "select 1 from conversations where customer_id = $1 and credits_short_at is not null",
      [customerId],
    );
    return rowCount === 1;
  };
  const setState = (state: string) =>
    world.owner.query("update subscriptions set state = $2 where shop_id = $1", [shopId, state]);
  for (const state of ["limited", "suspended"]) {
    await setState(state);
    expect(await listShopsWithCreditErrands(system, now)).not.toContain(shopId);
    await grant(1, { expiresAt: now }); // another errand
    await tend();
    expect({ state, isWaiting: await isWaiting() }).toEqual({ state, isWaiting: true });
  }
  await setState("active");
  await tend();
  expect(await isWaiting()).toBe(false);
});

test("the trial's credits end when the trial and its grace do, whenever they came", async () => {
  await reserve(10);
  const { rows } = await world.owner.query<{ expires_at: Date; due: Date }>(
    `select g.expires_at, s.ends_at + interval '3 days' as due from credit_grants g
      join subscriptions s on s.shop_id = g.shop_id where g.shop_id = $1`,
    [shopId],
  );
  expect(rows[0]?.expires_at).toEqual(rows[0]?.due);
});
