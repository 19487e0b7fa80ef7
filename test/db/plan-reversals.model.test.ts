import { afterAll, beforeAll, expect, test } from "vitest";

import { lapseCredits } from "../../db/credits.ts";
import type { PlanReversalRow } from "../../db/plan-reversals.ts";
import type { AccountId } from "../../domain/id.ts";
import { fc, runs } from "../support/properties.ts";
import {
  beginReversalStory,
  carryOut,
  createReversalWorld,
  look,
  merchantOrderId,
  reversalCommands,
  settle,
} from "./plan-reversal-story.ts";
import type { ReversalCommand, ReversalStory, ReversalWorld } from "./plan-reversal-story.ts";

let world: ReversalWorld;
beforeAll(async () => {
  world = await createReversalWorld();
});
afterAll(() => world.close());

const paid = fc.record({
  isPlan: fc.boolean(),
  isByCode: fc.boolean(),
  needsSecondApproval: fc.boolean(),
});
const command: fc.Arbitrary<ReversalCommand> = fc.record({
  what: fc.constantFrom(...reversalCommands),
  by: fc.nat(3),
  kind: fc.constantFrom("refund" as const, "refund" as const, "chargeback" as const),
  which: fc.nat(3),
  credits: fc.nat(300),
});
const refund: ReversalCommand = { what: "reverse", by: 0, kind: "refund", which: 0, credits: 0 };
/** What happens at once: often two words about the same. */
const wave = fc.oneof(
  { weight: 3, arbitrary: fc.array(command, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: command.map((one) => [one, { ...one, by: (one.by + 1) % 3 }]) },
  { weight: 1, arbitrary: command.map((one) => [{ ...refund, by: 1 }, one]) },
);
const waves = fc.array(wave, { minLength: 2, maxLength: 10, size: "max" }).map((told) => [[refund], ...told]);
const lateWaves = fc.array(wave, { minLength: 2, maxLength: 10, size: "max" });

type Row = Pick<
  PlanReversalRow,
  "state" | "kind" | "proposed_by" | "approved_by" | "refund_way" | "refunded_at" | "needs_second_approval"
>;

async function query<T extends object>(sql: string, values: unknown[]): Promise<T[]> {
  return (await world.owner.query<T>(sql, values)).rows;
}

async function findDone({ paymentId }: ReversalStory): Promise<Row | undefined> {
  const rows = await query<Row>("select * from plan_reversals where payment_id = $1", [paymentId]);
  expect(rows.length, "a payment has one reversal").toBeLessThanOrEqual(1);
  return rows.find(({ state }) => state === "done");
}

/** What stands at any moment. */
async function judge(story: ReversalStory): Promise<void> {
  const done = await findDone(story);
  await judgeWords(story, done);
  await judgeBooks(story, done !== undefined);
  const backs = await countBacks(story);
  expect(backs, "money goes back once, and of a refund only").toBeLessThanOrEqual(
    done?.kind === "refund" ? 1 : 0,
  );
  if (done?.kind === "chargeback") {
    const { refund_way, refunded_at } = done;
    expect({ refund_way, refunded_at }).toEqual({ refund_way: null, refunded_at: null });
  }
}

type Act = { action: string; actor: AccountId; kind: string | null };

/** Proposed, withdrawn and done in turn; what needs two is the same word of two, neither of whom earns of it. */
async function judgeWords(
  { paymentId, needsSecondApproval }: ReversalStory,
  done: Row | undefined,
): Promise<void> {
  const acts = await query<Act>(
    "select action, actor_id as actor, data ->> 'kind' as kind from audit_events where resource_id = $1 order by id",
    [paymentId],
  );
  let proposal: Act | undefined;
  let reversals = 0;
  for (const act of acts) {
    if (act.action === "plan_payment.reversal_proposed") {
      expect(proposal, "one is proposed at a time").toBeUndefined();
      proposal = act;
    } else if (act.action === "plan_payment.reversal_withdrawn") {
      expect(proposal, "what is withdrawn was proposed").toBeDefined();
      proposal = undefined;
    } else if (act.action === "plan_payment.reversed") {
      reversals += 1;
      expect(act.actor).not.toBe(world.admins[3]);
      if (!needsSecondApproval) continue;
      expect(proposal?.kind, "the same word").toBe(act.kind);
      expect(proposal?.actor, "of two").not.toBe(act.actor);
    }
  }
  expect(reversals).toBe(done === undefined ? 0 : 1);
}

/** Credits, commissions, invoices and notices, as the reversal alone says. */
async function judgeBooks(
  { shopId, paymentId, requestId, isPlan }: ReversalStory,
  isDone: boolean,
): Promise<void> {
  const [books] = await query<Record<string, number>>(
    `select (select count(*)::int from invoices where request_id = $1 and kind = 'invoice') as invoices,
      (select count(*)::int from invoices where request_id = $1 and kind = 'credit_note') as notes,
      (select count(*)::int from owner_notices where shop_id = $2 and kind in ('plan_reversed', 'top_up_reversed'))
        as notices,
      (select coalesce(sum(amount_minor), 0)::int from commissions where payment_id = $3) as commissions,
      (select count(*)::int from credit_grants where shop_id = $2 and reversed_at is not null) as reversed,
      (select count(*)::int from credit_grants where shop_id = $2 and (available < 0 or reserved < 0)) as negative`,
    [requestId, shopId, paymentId],
  );
  const effects = isDone ? 1 : 0;
  expect(books).toEqual({
    invoices: 1,
    notes: effects,
    notices: effects,
    commissions: isPlan && !isDone ? 4_500 : 0,
    reversed: effects,
    negative: 0,
  });
}

/** How often the money went back: by the provider, or by a person's word. */
async function countBacks({ paymentId, requestId, gatewayPaymentId }: ReversalStory): Promise<number> {
  const byHand = await query(
    `select id from audit_events where resource_id in ($1, $2)
      and action in ('plan_payment.transferred_back', 'upgrade.money_transferred_back')`,
    [paymentId, requestId],
  );
  const byCode = gatewayPaymentId === null ? 0 : world.wallet.countRefunds(merchantOrderId(gatewayPaymentId));
  return byHand.length + byCode;
}

/** Turns end, the provider gives back, and people do what is left to them: no credit and no money is left over. */
async function judgeEnd(story: ReversalStory): Promise<void> {
  const { shopId, turns } = story;
  for (const turnId of turns) await settle(story, turnId, 1);
  await world.worker.withShop(shopId, (trx) => lapseCredits(trx, { shopId, now: world.deps.clock.now() }));
  const done = await findDone(story);
  const [credits] = await query<{ left: number; gone: number; granted: number }>(
    `select sum(available + reserved)::int as left, sum(credits)::int as granted,
        (select coalesce(sum(credits), 0)::int from credit_lines where shop_id = $1 and account in ('used', 'reversed')) as gone
      from credit_grants where shop_id = $1`,
    [shopId],
  );
  if (done !== undefined) expect(credits).toMatchObject({ left: 0, gone: credits?.granted });
  world.wallet.isRefusing = false;
  await look(world);
  const last = { by: 0, kind: "refund", which: 0, credits: 0 } as const;
  for (const what of ["ask_again", "record_transfer"] as const) await carryOut(story, { ...last, what });
  await look(world);
  await judge(story);
  const isRefund = done?.kind === "refund";
  expect(await countBacks(story), "what is owed goes back").toBe(isRefund ? 1 : 0);
  expect((await findDone(story))?.refunded_at instanceof Date).toBe(isRefund);
}

test("a payment is taken back once, by as many as it needs, with all that it bought, whatever they say and at once", async () => {
  await fc.assert(
    fc.asyncProperty(paid, fc.oneof(waves, lateWaves), async (money, told) => {
      const story = await beginReversalStory(world, money);
      for (const one of told) {
        await Promise.all(one.map((each) => carryOut(story, each)));
        await judge(story);
      }
      await judgeEnd(story);
    }),
    { numRuns: runs(30) },
  );
}, 120_000);
