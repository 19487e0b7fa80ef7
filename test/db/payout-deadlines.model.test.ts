import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createPayoutActivities } from "../../activities/payout/index.ts";
import { platformShopId } from "../../db/accounts.ts";
import { tallyPayouts } from "../../db/payout-tally.ts";
import { approvePayout, cancelPayout, endPayout, proposePayout } from "../../db/payouts.ts";
import type { PayoutEnd, PayoutRow } from "../../db/payouts.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import type { AccountId } from "../../domain/id.ts";
import type { PayoutDeadline } from "../../domain/payout/deadlines.ts";
import { nextPayoutStates } from "../../domain/payout/states.ts";
import type { PayoutState } from "../../domain/payout/states.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type { PayoutOrder, PayoutOutcome, PayoutProvider } from "../../domain/ports/payout-provider.ts";
import type { PayoutActivities, PayoutRef } from "../../workflows/payout.contract.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
let system: SystemDatabase;
let admins: AccountId[];
let activities: PayoutActivities;
beforeAll(async () => {
  world = await createReferralWorld();
  system = openSystemDatabase({ url: world.database.urls.system, maxConnections: 2, name: "test" });
  admins = [await world.addAccount(), await world.addAccount()];
  const log = pino({ level: "silent" });
  const atStep = () => Promise.resolve();
  const db = world.worker;
  activities = createPayoutActivities({ db, system, clock: { now }, log, atStep, payoutProvider: provider });
});
afterAll(async () => {
  await system.close();
  await world.close();
});

const hour = 60 * 60_000;
const time = { offsetMs: 0 };
function now(): Date {
  return new Date(Date.now() + time.offsetMs);
}

/** What the provider does with the next order; `silent` and `deaf`: it does not answer, and has it or has it not. */
const moods = ["awaited", "awaited", "paid", "failed", "silent", "deaf"] as const;
const orders = new Map<string, "awaited" | "paid" | "failed">();
let mood: (typeof moods)[number] = "awaited";

const keyOf = ({ key, attempt }: Pick<PayoutOrder, "key" | "attempt">) => `${key} ${attempt}`;
const provider: PayoutProvider = {
  look: async (order) => outcomeOf(orders.get(keyOf(order))),
  order: async (order) => {
    if (mood === "deaf") throw new Error("no connection");
    const known = orders.get(keyOf(order)) ?? (mood === "silent" ? "paid" : mood);
    orders.set(keyOf(order), known);
    if (mood === "silent") throw new Error("no answer");
    return outcomeOf(known);
  },
};

function outcomeOf(known: "awaited" | "paid" | "failed" | undefined): PayoutOutcome {
  if (known === "failed") return { outcome: known, failure: "provider_refused" };
  return { outcome: known ?? "unordered" };
}

type Story = { person: Person; transfers: number };

async function begin(): Promise<Story> {
  orders.clear();
  const [person, payer] = await world.addChain(2);
  if (!person || !payer) throw new TypeError("a chain of two");
  await world.nameAccount(person, { usableFrom: now() });
  await world.pay(payer, 200_000);
  await world.settle(15);
  const tally = { period: "2026-11", minimumMinor: { MMK: 10_000 }, timings: defaultPayoutTimings };
  await world.worker.withoutShop((trx) => tallyPayouts(trx, { ...tally, now: now(), limit: 100 }));
  return { person, transfers: 0 };
}

function refTo({ id }: PayoutRow): PayoutRef {
  return { shopId: platformShopId, payoutId: id };
}

async function payoutOf({ person }: Story): Promise<PayoutRow> {
  const [payout] = await world.payoutsOf(person);
  if (payout === undefined) throw new TypeError("there is no payout");
  return payout;
}

const deadlines: PayoutDeadline[] = [
  "gatePayout",
  "executePayout",
  "remindOfPayout",
  "escalatePayout",
  "tellParticipant",
];
type Command = { what: (typeof commands)[number]; by: number; which: number };
const commands = [
  "deadline",
  "deadline",
  "early_deadline",
  "any_deadline",
  "propose",
  "approve",
  "record_paid",
  "record_failed",
  "cancel",
  "change_account",
] as const;
const command: fc.Arbitrary<Command> = fc.record({
  what: fc.constantFrom(...commands),
  by: fc.nat(1),
  which: fc.nat(4),
});
const wayTo = (...told: [Command["what"], number][]) =>
  fc.constant(
    told.map(([what, by]): Wave => ({ afterMs: 0, mood: "awaited", at: [{ what, by, which: 0 }] })),
  );
/** What happens at once, so long after what was before. */
type Wave = { afterMs: number; mood: (typeof moods)[number]; at: Command[] };
const wave: fc.Arbitrary<Wave> = fc.record({
  afterMs: fc.constantFrom(0, 0, 7 * hour, 25 * hour, 60 * hour),
  mood: fc.constantFrom(...moods),
  at: fc.oneof(
    fc.array(command, { minLength: 1, maxLength: 2 }),
    command.map((one) => [one, one]),
  ),
});
const waves = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: wave.map((one) => [one]) },
      { weight: 1, arbitrary: wayTo(["propose", 0], ["approve", 1]) },
      { weight: 1, arbitrary: wayTo(["propose", 0], ["approve", 1], ["deadline", 0]) },
    ),
    { minLength: 2, maxLength: 12, size: "max" },
  )
  .map((parts) => parts.flat());

async function carryOut(story: Story, { what, by: admin, which }: Command): Promise<void> {
  const payout = await payoutOf(story);
  const said = { payoutId: payout.id, by: admins[admin] as AccountId, now: now() };
  const { worker } = world;
  switch (what) {
    case "deadline":
      return meetDue(payout);
    case "early_deadline": {
      const { next } = await activities.loadPayout(refTo(payout));
      return next === null ? undefined : meet(payout, next.deadline);
    }
    case "any_deadline":
      return meet(payout, deadlines[which] ?? "gatePayout");
    case "propose":
      await worker.withoutShop((trx) => proposePayout(trx, said));
      return;
    case "approve": {
      const { account_version: version, proposed_at: proposedAt } = payout;
      const approval = { accountVersion: version ?? 0, proposedAt: proposedAt ?? new Date(0) };
      await worker.withoutShop((trx) => approvePayout(trx, { ...said, ...approval }));
      return;
    }
    case "record_paid":
      return record(story, payout, said, { state: "paid", uploadId: null });
    case "record_failed":
      return record(story, payout, said, { state: "failed", failure: "account_unknown" });
    case "cancel":
      await worker.withoutShop((trx) => cancelPayout(trx, said));
      return;
    case "change_account":
      return world.nameAccount(story.person, { usableFrom: new Date(now().getTime() + which * 6 * hour) });
  }
}

/** Of what waits for a person to send it, by that person, who tells the truth. */
async function record(
  story: Story,
  { id: payoutId, attempt }: PayoutRow,
  said: { by: AccountId; now: Date },
  end: PayoutEnd,
): Promise<void> {
  const key = [...orders.keys()].find((each) => each.endsWith(` ${attempt}`));
  if (key === undefined || orders.get(key) !== "awaited") return;
  const { outcome } = await world.worker.withoutShop((trx) =>
    endPayout(trx, { ...said, payoutId, attempt, end }),
  );
  if (outcome === "moved" && end.state === "paid") story.transfers += 1;
}

/** As the payout's workflow does. */
async function meetDue(payout: PayoutRow): Promise<void> {
  const { next } = await activities.loadPayout(refTo(payout));
  if (next?.waitMs === 0) await meet(payout, next.deadline);
}

/** Does nothing, should it not be due; an order whose answer is lost is Temporal's to repeat. */
async function meet(payout: PayoutRow, deadline: PayoutDeadline): Promise<void> {
  await activities[deadline](refTo(payout)).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith("no "))) throw error;
  });
}

async function judge(story: Story): Promise<void> {
  const payout = await payoutOf(story);
  const { state, waiting_since: since, reminded_at: reminded, escalated_at: escalated } = payout;
  const paid = [...orders.values()].filter((each) => each === "paid").length + story.transfers;
  expect(paid, "money goes once at most").toBeLessThanOrEqual(1);
  if (paid === 1) expect(["executing", "paid"]).toContain(state);
  if (state === "paid") expect(paid).toBe(1);
  if (["approved", "executing", "paid"].includes(state)) {
    expect(payout.approved_by).not.toBeNull();
    expect(payout.approved_by, "two approve").not.toBe(payout.proposed_by);
  }
  const reminders = { proposed: 24 * hour, executing: 24 * hour, tallied: 48 * hour, failed: 48 * hour };
  const leastMs = state in reminders ? reminders[state as keyof typeof reminders] : 0;
  if (reminded !== null) expect(reminded.getTime() - since.getTime()).toBeGreaterThanOrEqual(leastMs);
  if (escalated !== null) {
    expect(reminded, "a reminder comes first").not.toBeNull();
    expect(escalated.getTime() - since.getTime()).toBeGreaterThanOrEqual(2 * leastMs);
  }
  const { next } = await activities.loadPayout(refTo(payout));
  const hasEnded = state === "paid" || state === "cancelled";
  expect(next === null, "whatever has not ended has a deadline").toBe(hasEnded && payout.notice_due === null);
  await judgeWalk(payout);
}

async function judgeWalk({ id }: PayoutRow): Promise<void> {
  const { rows } = await world.owner.query<{ state: PayoutState; attempt: number }>(
    "select state, attempt from payout_events where payout_id = $1 order by version",
    [id],
  );
  rows.reduce((from, to) => {
    const allowed: readonly PayoutState[] = nextPayoutStates[from.state];
    const isStep = to.state === from.state || allowed.includes(to.state);
    expect(isStep, `${from.state}, then ${to.state}`).toBe(true);
    expect(to.attempt - from.attempt, "an attempt is begun once").toBe(to.state === "executing" ? 1 : 0);
    return to;
  });
}

/** Whoever is waited for does their part, and time passes: it ends, and its participant is told. */
async function judgeEnd(story: Story): Promise<void> {
  mood = "awaited";
  for (let steps = 0; steps < 60; steps += 1) {
    const payout = await payoutOf(story);
    const { next } = await activities.loadPayout(refTo(payout));
    if (next === null) return;
    if (payout.escalated_at !== null) await carryOut(story, wordFor(payout));
    time.offsetMs += next.waitMs;
    await meetDue(payout);
    await judge(story);
  }
  expect.fail("it has not ended");
}

function wordFor({ state, proposed_by: maker }: PayoutRow): Command {
  const by = maker === admins[0] ? 1 : 0;
  if (state === "proposed") return { what: "approve", by, which: 0 };
  if (state === "executing") return { what: "record_paid", by, which: 0 };
  return { what: "propose", by, which: 0 };
}

test("a payout is walked by persons and deadlines in any order and at once: each at its time, and money goes once", async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (told) => {
      const story = await begin();
      for (const one of told) {
        time.offsetMs += one.afterMs;
        ({ mood } = one);
        await Promise.all(one.at.map((each) => carryOut(story, each)));
        await judge(story);
      }
      await judgeEnd(story);
    }),
    { numRuns: runs(20) },
  );
}, 120_000);
