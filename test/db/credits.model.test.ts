import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { grantCredits, lapseCredits, reserveCredits, reverseGrant, settleCredits } from "../../db/credits.ts";
import { openDatabase } from "../../db/connection.ts";
import type { Database, ShopTransaction } from "../../db/connection.ts";
import { AppError } from "../../domain/app-error.ts";
import { sumOf } from "../../domain/credit/ledger.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, TurnId } from "../../domain/id.ts";
import { CreditBook, creditCommand } from "../support/credit-book.ts";
import type { CreditCommand } from "../support/credit-book.ts";
import { eventually } from "../support/eventually.ts";
import { fc, runs } from "../support/properties.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

type Shop = { shopId: ShopId; granted: number; turnIds: Map<number, TurnId> };

/** Begun with a grant, so that no trial comes. */
async function newShop(book: CreditBook): Promise<Shop> {
  const { shopId } = await world.addShop();
  const shop = { shopId, granted: 0, turnIds: new Map<number, TurnId>() };
  await both(book, shop, { do: "grant", credits: 20, priority: 20, days: null });
  return shop;
}

async function both(book: CreditBook, shop: Shop, command: CreditCommand): Promise<[string, string]> {
  const expected = book.carryOut(command);
  return [await carryOut(shop, command, book.now), expected];
}

async function carryOut(shop: Shop, command: CreditCommand, now: Date): Promise<string> {
  const { shopId } = shop;
  const inShop = <T>(work: (trx: ShopTransaction) => Promise<T>) => world.worker.withShop(shopId, work);
  switch (command.do) {
    case "grant": {
      const expiresAt =
        command.days === null ? null : new Date(now.getTime() + command.days * 24 * 3_600_000);
      const effectKey = `grant ${shop.granted}`;
      shop.granted += 1;
      const { credits, priority } = command;
      const grant = { shopId, kind: "top_up", credits, priority, expiresAt, effectKey, now } as const;
      return (await inShop((trx) => grantCredits(trx, grant))) ? "granted" : "granted before";
    }
    case "reserve":
      return reserve(shop, { ...command, now });
    case "settle": {
      const { credits } = command;
      const charge = credits === 0 ? null : { credits, costMicroUsd: 1, rateVersion: 1 };
      const turnId = turnIdOf(shop, command.turn);
      const isSettled = await inShop((trx) => settleCredits(trx, { shopId, turnId, charge, now }));
      return isSettled ? "settled" : "nothing";
    }
    case "reverse": {
      const effectKey = `grant ${command.grant}`;
      const taken = await inShop((trx) => reverseGrant(trx, { shopId, effectKey, now }));
      return taken === undefined ? "nothing" : `took ${taken}`;
    }
    case "lapse":
      await inShop((trx) => lapseCredits(trx, { shopId, now }));
      return "done";
    case "wait":
      return "done";
  }
}

async function reserve(
  shop: Shop,
  { turn, upperBound, now }: { turn: number; upperBound: number; now: Date },
): Promise<string> {
  const { shopId } = shop;
  const turnId = turnIdOf(shop, turn);
  const wanted = { shopId, turnId, upperBound, isRetry: true, willAskAgain: false, now };
  try {
    const reservation = await world.worker.withShop(shopId, (trx) => reserveCredits(trx, wanted));
    return reservation.outcome === "short" ? "short" : `reserved ${sumOf(reservation.parts)}`;
  } catch (error) {
    if (error instanceof AppError && error.code === "turn.superseded") return "superseded";
    throw error;
  }
}

function turnIdOf({ turnIds }: Shop, turn: number): TurnId {
  const turnId = turnIds.get(turn) ?? newId<TurnId>();
  turnIds.set(turn, turnId);
  return turnId;
}

async function listGrants({ shopId }: Shop) {
  const { rows } = await world.owner.query<{ available: string; reserved: string }>(
    "select available, reserved from credit_grants where shop_id = $1 order by split_part(effect_key, ' ', 2)::int",
    [shopId],
  );
  return rows.map(({ available, reserved }) => ({
    available: Number(available),
    reserved: Number(reserved),
  }));
}

/** What must hold of the lines, by rules written anew. */
async function findWrong({ shopId }: Shop): Promise<unknown[]> {
  const { rows } = await world.owner.query(
    `select 'sum' as what from credit_lines where shop_id = $1 group by transaction_id, grant_id having sum(credits) <> 0
     union all
     select 'below zero' from credit_lines where shop_id = $1 and account <> 'issued' group by grant_id, account
       having sum(credits) < 0
     union all
     select 'row and lines differ' from credit_grants g left join credit_lines l on l.grant_id = g.id
       where g.shop_id = $1 group by g.shop_id, g.id
       having g.available <> coalesce(sum(l.credits) filter (where account = 'available'), 0)
         or g.reserved <> coalesce(sum(l.credits) filter (where account = 'reserved'), 0)
     union all
     select 'charged twice' from credit_reservations r where shop_id = $1 and charged <> coalesce(
       (select sum(l.credits) from credit_lines l where l.transaction_id = r.settle_transaction and account = 'used'), 0)
     union all
     select 'used by no turn' where (select coalesce(sum(credits), 0) from credit_lines where shop_id = $1 and account = 'used')
       <> (select coalesce(sum(charged), 0) from credit_reservations where shop_id = $1)`,
    [shopId],
  );
  return rows;
}

test("one after the other, the commands leave what the rules alone would", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(creditCommand, { maxLength: 30, size: "max" }), async (commands) => {
      const book = new CreditBook();
      const shop = await newShop(book);
      for (const command of commands) {
        const [outcome, expected] = await both(book, shop, command);
        expect(outcome, JSON.stringify(command)).toBe(expected);
      }
      const expected = book.grants.map(({ available, reserved }) => ({ available, reserved }));
      expect(await listGrants(shop)).toEqual(expected);
      expect(await findWrong(shop)).toEqual([]);
    }),
    { numRuns: runs(12) },
  );
});

test("side by side, each twice, they never fall below zero and charge no turn twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(creditCommand, { minLength: 4, maxLength: 8 }), { maxLength: 5 }),
      async (waves) => {
        const book = new CreditBook();
        const shop = await newShop(book);
        for (const wave of waves) {
          book.now = new Date(book.now.getTime() + 5 * 3_600_000);
          await Promise.all([...wave, ...wave].map((command) => carryOut(shop, command, book.now)));
          expect(await findWrong(shop)).toEqual([]);
        }
      },
    ),
    { numRuns: runs(12) },
  );
});

test("P:MIK-07 of fifty parallel spends of the last credit exactly one wins, and nothing is left", async () => {
  const { shopId } = await world.addShop();
  const now = new Date();
  const last = { shopId, kind: "top_up", credits: 1, expiresAt: null, effectKey: "last", now } as const;
  const db = openDatabase({ url: world.urls.worker, maxConnections: 20, name: "spenders" });
  await db.withShop(shopId, (trx) => grantCredits(trx, last));
  // Nobody begins before several stand side by side.
  const holder = new Client({ connectionString: world.urls.owner });
  await holder.connect();
  await holder.query("begin");
  await holder.query("select id from credit_grants where shop_id = $1 for update", [shopId]);
  const spends = Promise.all(Array.from({ length: 50 }, () => spendOne(db, shopId, now)));
  await eventually("several wait for the grant", async () => ((await countWaiting()) ?? 0) > 3);
  await holder.query("commit");
  await holder.end();
  expect((await spends).filter(Boolean)).toHaveLength(1);
  const { rows } = await world.owner.query(
    "select available, reserved from credit_grants where shop_id = $1",
    [shopId],
  );
  expect(rows).toEqual([{ available: "0", reserved: "0" }]);
  expect(await findWrong({ shopId, granted: 1, turnIds: new Map() })).toEqual([]);
  await db.close();
});

async function countWaiting(): Promise<number | undefined> {
  const { rows } = await world.owner.query<{ count: number }>(
    "select count(*)::int from pg_stat_activity where application_name = 'spenders' and wait_event_type = 'Lock'",
  );
  return rows[0]?.count;
}

async function spendOne(db: Database, shopId: ShopId, now: Date): Promise<boolean> {
  const turnId = newId<TurnId>();
  const wanted = { shopId, turnId, upperBound: 1, isRetry: false, willAskAgain: false, now };
  const { outcome } = await db.withShop(shopId, (trx) => reserveCredits(trx, wanted));
  if (outcome === "short") return false;
  const charge = { credits: 1, costMicroUsd: 1, rateVersion: 1 };
  return db.withShop(shopId, (trx) => settleCredits(trx, { shopId, turnId, charge, now }));
}
