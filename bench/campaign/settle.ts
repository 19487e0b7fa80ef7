import { waitUntil } from "../../runtime/wait-until.ts";
import type { Customer } from "../../test/support/people.ts";
import type { Person } from "./customers.ts";
import type { Violation } from "./oracles/observation.ts";
import { giveEverybodyBack, ownersWords } from "./owners.ts";
import type { ShopKeeper } from "./owners.ts";
import { restorePages } from "./pages.ts";
import { renewPlans } from "./plans.ts";
import type { PlatformAdmin } from "./plans.ts";
import type { Town } from "./town.ts";
import { Wallet } from "./wallet.ts";

/**
 * How long rest may take after the last fault, and a payment whose callback was lost is asked after every five minutes;
 * what is not at rest then is for the oracles to name.
 */
const restWithinMs = 360_000;
/** Twice the longest wait between two tries of a send. */
const answerWithinMs = 120_000;

type Settling = {
  people: Person[];
  keepers: ShopKeeper[];
  admins: PlatformAdmin[];
  say: (line: string) => void;
};

/**
 * Ends every fault, has every Page work and every plan run, gives every conversation back to the agent, asks everybody once
 * more, waits until nothing moves, and answers who was not served.
 */
export async function settle(town: Town, { people, keepers, admins, say }: Settling): Promise<Violation[]> {
  await repair(town);
  await restorePages(keepers);
  await renewPlans(keepers, admins);
  await waitUntilServed(town);
  for (const keeper of keepers) await giveEverybodyBack(keeper);
  const asked = await Promise.all(
    people.map(async ({ customer }) => {
      const before = await countAnswers(customer);
      await customer.say("What are your opening hours?");
      return { customer, before };
    }),
  );
  const listUnserved = async () => {
    const heard = await Promise.all(asked.map(({ customer }) => countAnswers(customer)));
    return asked.filter(({ before }, index) => (heard[index] ?? 0) <= before);
  };
  await waitUntil(async () => (await listUnserved()).length === 0 || undefined, {
    timeoutMs: answerWithinMs,
    everyMs: 500,
  });
  const unserved = await listUnserved();
  say(`  ${asked.length - unserved.length} of ${asked.length} are answered`);
  const restingSince = Date.now();
  const isAtRest = await waitUntil(async () => (await countMoving(town)) === 0 || undefined, {
    timeoutMs: restWithinMs,
    everyMs: 1_000,
  });
  const seconds = Math.round((Date.now() - restingSince) / 1_000);
  say(isAtRest ? `  everything is at rest after another ${seconds} s` : "  something still moves");
  return unserved.map(({ customer: { psid } }) => ({
    invariant: "I14",
    what: `${psid} was not answered within ${answerWithinMs / 1_000} s of the last fault`,
    psid,
  }));
}

/**
 * The answer to the question after the hours, in the shop's own words; or what an owner wrote while the API's clock was
 * ahead: it is sent when that time has come, and by it a person has answered.
 */
async function countAnswers(customer: Customer): Promise<number> {
  const isAnswer = (text: string) => text.includes("9 to 19") || text.includes(ownersWords);
  return (await customer.received()).filter(({ text }) => isAnswer(text ?? "")).length; // a picture has no text
}

/** The clock of whoever booked a payment may have been so far ahead, and the sweeper looks every few seconds. */
const servedWithinMs = 150_000;

/** After a payment the agent answers from then on; who was told that a person would is answered again within seconds. */
async function waitUntilServed(town: Town): Promise<void> {
  const isServed = async () => {
    const [left] = await town.rows<{ count: number }>(
      `select (select count(*) from conversations where credits_short_at is not null)::int
          + (select count(*) from subscriptions where served_from > now())::int as count`,
    );
    return left?.count === 0 || undefined;
  };
  await waitUntil(isServed, { timeoutMs: servedWithinMs, everyMs: 500 });
}

async function repair(town: Town): Promise<void> {
  await town.disks?.postgres.empty();
  await town.disks?.objects.empty();
  await town.postgres.revive();
  await town.temporal.revive();
  await town.outside.calm();
  for (const member of [town.api, ...town.workers]) {
    member.start();
    await member.ready();
    member.arm(null);
    member.stepClock(0);
  }
  if (town.restores.length === 0) return;
  // After an older copy of Temporal's database a run may live on by a worker's memory alone: that shows now.
  for (const worker of town.workers) {
    await worker.stop();
    worker.start();
    await worker.ready();
  }
}

/** What has not come to an end and needs nobody for it. */
async function countMoving(town: Town): Promise<number> {
  const pending = await town.outside.deliveries("pending");
  const [open] = await town.rows<{ moving: number }>(
    `select (select count(*) from intake where claimed_at is null and dead_at is null)::int
        + (select count(*) from turns where state = 'claimed' or (decision is not null and not is_decided))::int
        + (select count(*) from outbox where state in ('queued', 'sending'))::int
        + (select count(*) from outbox o where state = 'unknown' and not exists (select from owner_notices n
            where n.shop_id = o.shop_id and n.business_key = 'message:' || o.id || ':unknown'))::int
        + (select count(*) from payment_evidence where state = 'undecided' and verdict is null)::int
        + (select count(*) from push_parts where state in ('queued', 'sending'))::int
        + (select count(*) from pages where state <> 'connected' or gap is not null)::int
        + (select count(*) from payouts where state = 'approved' or notice_due is not null)::int
        + (select count(*) from gateway_payments where state in ('created', 'unknown')
            or state in ('paid', 'refunding') and booked_at is null and owed_at is null)::int
        + (select count(*) from gateway_refunds where state in ('requested', 'unknown')
            or state = 'done' and booked_at is null)::int as moving`,
  );
  return pending.length + (open?.moving ?? 0) + (await countUntold(town));
}

/** What the wallet has taken and the product does not know yet. */
async function countUntold(town: Town): Promise<number> {
  const known = await town.rows<{ number: string }>(
    "select merchant_order_id as number from gateway_payments where state in ('paid', 'refunding', 'refunded')",
  );
  const numbers = new Set(known.map(({ number }) => number));
  const payments = await new Wallet(town).payments();
  return payments.filter(
    ({ status, merchantOrderId }) => status === "PAY_SUCCESS" && !numbers.has(merchantOrderId),
  ).length;
}
