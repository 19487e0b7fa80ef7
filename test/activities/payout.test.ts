import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createPayoutActivities } from "../../activities/payout/index.ts";
import { tallyPayouts } from "../../activities/upkeep/tally-payouts.ts";
import type { PayoutOrder, PayoutOutcome, PayoutProvider } from "../../domain/ports/payout-provider.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { AccountId, PayoutId, UploadId } from "../../domain/id.ts";
import type { DecidePayout, PayoutActivities, PayoutUpdateName } from "../../workflows/payout.contract.ts";
import { createPayoutWorld, refTo } from "../api/payout-world.ts";
import type { Earner, PayoutWorld } from "../api/payout-world.ts";

const hour = 60 * 60_000;

let world: PayoutWorld;
let admins: AccountId[];
beforeAll(async () => {
  world = await createPayoutWorld();
  admins = [(await world.addAccount()).accountId, (await world.addAccount()).accountId];
});
afterAll(() => world.close());

/** A wallet of the outside: what it was told to answer, and what it was asked. */
function walletThat(answers: { order?: PayoutOutcome | "no answer"; look?: PayoutOutcome }) {
  const asked: string[] = [];
  const provider: PayoutProvider = {
    order: ({ attempt }: PayoutOrder) => {
      asked.push(`order ${attempt}`);
      const { order = { outcome: "awaited" } } = answers;
      return order === "no answer" ? Promise.reject(new Error("no answer")) : Promise.resolve(order);
    },
    look: ({ attempt }) => {
      asked.push(`look ${attempt}`);
      return Promise.resolve(answers.look ?? { outcome: "unordered" });
    },
  };
  const activities = createPayoutActivities({ ...world.activityDeps, payoutProvider: provider });
  return { asked, activities };
}

async function addPayout(): Promise<{ earner: Earner; payoutId: PayoutId }> {
  const earner = await world.addEarner();
  await world.tally();
  return { earner, payoutId: (await world.payoutOf(earner)).payoutId };
}

function decide(
  payoutId: PayoutId,
  name: PayoutUpdateName,
  { admin = 0, ...more }: { admin?: number } & Record<string, unknown> = {},
  activities: PayoutActivities = world.payouts,
) {
  const by = { accountId: admins[admin] ?? null, apiKeyId: null };
  return activities.decidePayout({ ...refTo(payoutId), name, request: { by, ...more } } as DecidePayout);
}

async function approve(payoutId: PayoutId): Promise<void> {
  await decide(payoutId, "proposePayout");
  const { outcome } = await decide(payoutId, "approvePayout", await approvalOf(payoutId));
  expect(outcome).toBe("decided");
}

/** Of what is proposed now. */
async function approvalOf(payoutId: PayoutId) {
  const { rows } = await world.owner.query<{ at: Date }>(
    "select proposed_at as at from payouts where id = $1",
    [payoutId],
  );
  return { admin: 1, accountVersion: 1, proposedAt: rows[0]?.at.toISOString() };
}

async function stateOf(payoutId: PayoutId) {
  const { rows } = await world.owner.query<{ state: string; attempt: number }>(
    "select state, attempt from payouts where id = $1",
    [payoutId],
  );
  return rows[0];
}

async function noticesOf({ shopId }: Earner): Promise<string[]> {
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from owner_notices where shop_id = $1 order by created_at, id",
    [shopId],
  );
  return rows.map(({ kind }) => kind);
}

describe("an approved payout", () => {
  test("is ordered once, also when its activity runs again", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    const wallet = walletThat({ look: { outcome: "awaited" } });
    for (const _ of [1, 2, 3]) await wallet.activities.executePayout(refTo(payoutId));
    expect(wallet.asked).toEqual(["order 1", "look 1", "look 1"]);
    expect(await stateOf(payoutId)).toEqual({ state: "executing", attempt: 1 });
  });

  test("whose order got no answer is looked up, and never ordered blindly", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    const wallet = walletThat({ order: "no answer", look: { outcome: "paid" } });
    await expect(wallet.activities.executePayout(refTo(payoutId))).rejects.toThrow("no answer");
    expect(await stateOf(payoutId)).toEqual({ state: "executing", attempt: 1 });
    expect(await wallet.activities.executePayout(refTo(payoutId))).toMatchObject({ state: "paid" });
    expect(wallet.asked).toEqual(["order 1", "look 1"]);
  });

  test("of which the provider has never heard is ordered by whoever finds it on its way", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    const dies = { ...world.activityDeps, atStep: () => Promise.reject(new Error("killed")) };
    await expect(createPayoutActivities(dies).executePayout(refTo(payoutId))).rejects.toThrow("killed");
    const wallet = walletThat({ look: { outcome: "unordered" } });
    await wallet.activities.executePayout(refTo(payoutId));
    expect(wallet.asked).toEqual(["look 1", "order 1"]);
  });

  test("that failed for certain is proposed and approved anew, and its second attempt is another one", async () => {
    const { earner, payoutId } = await addPayout();
    await approve(payoutId);
    const failed = walletThat({ order: { outcome: "failed", failure: "account_unknown" } });
    const snapshot = await failed.activities.executePayout(refTo(payoutId));
    expect(snapshot).toMatchObject({ state: "failed", next: { deadline: "tellParticipant", waitMs: 0 } });
    await world.payouts.tellParticipant(refTo(payoutId));
    await approve(payoutId);
    const second = walletThat({ order: { outcome: "paid" } });
    expect(await second.activities.executePayout(refTo(payoutId))).toMatchObject({ state: "paid" });
    expect(second.asked).toEqual(["order 2"]);
    for (const _ of [1, 2]) await world.payouts.tellParticipant(refTo(payoutId));
    expect(await noticesOf(earner)).toEqual(["payout_failed", "payout_paid"]);
  });

  test("is held and not ordered when something came into its way meanwhile", async () => {
    const { earner, payoutId } = await addPayout();
    await approve(payoutId);
    await world.owner.query("update referral_participants set state = 'suspended' where id = $1", [
      earner.participantId,
    ]);
    const wallet = walletThat({});
    expect(await wallet.activities.executePayout(refTo(payoutId))).toMatchObject({ state: "held" });
    expect(wallet.asked).toEqual([]);
  });
});

describe("a decision", () => {
  test("said twice, or once more after the process went on, is answered as recorded", async () => {
    const { payoutId } = await addPayout();
    const said = [await decide(payoutId, "proposePayout"), await decide(payoutId, "proposePayout")];
    const approval = await approvalOf(payoutId);
    said.push(await decide(payoutId, "approvePayout", approval));
    await world.payouts.executePayout(refTo(payoutId));
    said.push(await decide(payoutId, "approvePayout", approval));
    said.push(await decide(payoutId, "proposePayout"));
    expect(said.map(({ outcome }) => outcome)).toEqual([
      "decided",
      "already",
      "decided",
      "already",
      "already",
    ]);
  });

  test("needs a person, the account that was seen, and evidence that has arrived", async () => {
    const { payoutId } = await addPayout();
    expect(await decide(payoutId, "proposePayout", { admin: 7 })).toMatchObject({
      reason: "payout.no_person",
    });
    await decide(payoutId, "proposePayout");
    const other = await decide(payoutId, "approvePayout", {
      ...(await approvalOf(payoutId)),
      accountVersion: 2,
    });
    expect(other).toMatchObject({ outcome: "refused", reason: "payout.account_changed" });
    await decide(payoutId, "approvePayout", await approvalOf(payoutId));
    await world.payouts.executePayout(refTo(payoutId));
    const unproven = await decide(payoutId, "recordPayoutPaid", { attempt: 1, uploadId: payoutId });
    expect(unproven).toMatchObject({ outcome: "refused", reason: "payout.evidence_missing" });
    expect(await stateOf(payoutId)).toMatchObject({ state: "executing" });
  });

  test("to approve is of the proposal that was seen, not of one that came after it", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    const late = await approvalOf(payoutId);
    await world.payouts.executePayout(refTo(payoutId));
    await decide(payoutId, "recordPayoutFailed", { attempt: 1, failure: "account_unknown" });
    world.passTime(1);
    await decide(payoutId, "proposePayout");
    const refused = await decide(payoutId, "approvePayout", late);
    expect(refused).toMatchObject({ outcome: "refused", reason: "payout.other_proposal" });
    expect(await stateOf(payoutId)).toMatchObject({ state: "proposed" });
  });

  test("is proven by a picture of this attempt, not by one of an attempt that failed", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    await world.payouts.executePayout(refTo(payoutId));
    const { token } = await world.addAdmin("payout_admin");
    const proof = async () =>
      fromTypeId<UploadId>("upl", await world.uploadProof(token, toTypeId("pout", payoutId)));
    const first = await proof();
    await decide(payoutId, "recordPayoutFailed", { attempt: 1, failure: "account_unknown" });
    world.passTime(1);
    await approve(payoutId);
    await world.payouts.executePayout(refTo(payoutId));
    const stale = await decide(payoutId, "recordPayoutPaid", { attempt: 2, uploadId: first });
    expect(stale).toMatchObject({ outcome: "refused", reason: "payout.evidence_missing" });
    const recorded = await decide(payoutId, "recordPayoutPaid", { attempt: 2, uploadId: await proof() });
    expect(recorded).toMatchObject({ outcome: "decided", reason: null });
  });

  test("about what is held names what holds it", async () => {
    const { earner, payoutId } = await addPayout();
    await world.owner.query("delete from payout_accounts where participant_id = $1", [earner.participantId]);
    const refused = await decide(payoutId, "proposePayout");
    expect(refused).toMatchObject({
      outcome: "refused",
      reason: "payout.no_account",
      snapshot: { state: "held" },
    });
  });
});

describe("a wait", () => {
  async function after<T>(ms: number, work: () => Promise<T>): Promise<T> {
    world.passTime(ms);
    try {
      return await work();
    } finally {
      world.passTime(-ms);
    }
  }

  test("is reminded of once and escalated again and again; before its time nothing happens", async () => {
    const { payoutId } = await addPayout();
    await world.payouts.gatePayout(refTo(payoutId));
    expect(await world.payouts.remindOfPayout(refTo(payoutId))).toMatchObject({
      next: { deadline: "remindOfPayout" },
    });
    await after(49 * hour, async () => {
      const reminded = await world.payouts.remindOfPayout(refTo(payoutId));
      expect(reminded).toMatchObject({ next: { deadline: "escalatePayout" } });
      expect((await world.payouts.remindOfPayout(refTo(payoutId))).rowVersion).toBe(reminded.rowVersion);
    });
    await after(97 * hour, () => world.payouts.escalatePayout(refTo(payoutId)));
    await after(122 * hour, async () => {
      const { next } = await world.payouts.escalatePayout(refTo(payoutId));
      expect(next?.deadline).toBe("escalatePayout");
      expect(next?.waitMs).toBeGreaterThan(23 * hour);
    });
  });

  test("mails those for whom it waits, and nobody else, once for each time", async () => {
    const [maker, approver] = [await world.addAdmin("payout_admin"), await world.addAdmin("payout_approver")];
    const mailsTo = async ({ accountId }: { accountId: AccountId }) => {
      const { rows } = await world.owner.query<{ kind: string }>(
        "select kind from mails where account_id = $1 order by created_at, id",
        [accountId],
      );
      return rows.map(({ kind }) => kind);
    };
    const { payoutId } = await addPayout();
    await world.payouts.gatePayout(refTo(payoutId));
    for (const hours of [49, 50, 97, 98, 122]) {
      await after(hours * hour, async () => {
        const deadline = hours < 97 ? "remindOfPayout" : "escalatePayout";
        await world.payouts[deadline](refTo(payoutId));
      });
    }
    expect(await mailsTo(maker)).toEqual(["payout_waits", "payout_waits_long", "payout_waits_long"]);
    expect(await mailsTo(approver)).toEqual([]);
    await decide(payoutId, "proposePayout");
    await after(25 * hour, () => world.payouts.remindOfPayout(refTo(payoutId)));
    expect(await mailsTo(approver)).toEqual(["payout_waits"]);
    expect(await mailsTo(maker)).toHaveLength(3);
  });

  test("for money on its way is looked up before anybody is reminded", async () => {
    const { payoutId } = await addPayout();
    await approve(payoutId);
    await world.payouts.executePayout(refTo(payoutId));
    const wallet = walletThat({ look: { outcome: "paid" } });
    await after(25 * hour, async () => {
      expect(await wallet.activities.remindOfPayout(refTo(payoutId))).toMatchObject({ state: "paid" });
    });
    expect(wallet.asked).toEqual(["look 1"]);
  });

  test("of what is held ends by a look when nothing is in the way any more, and begins anew when it is", async () => {
    const { earner, payoutId } = await addPayout();
    const set = (state: string) =>
      world.owner.query("update referral_participants set state = $2 where id = $1", [
        earner.participantId,
        state,
      ]);
    await set("suspended");
    expect(await world.payouts.gatePayout(refTo(payoutId))).toMatchObject({ state: "held" });
    await after(7 * hour, async () => {
      const { next } = await world.payouts.gatePayout(refTo(payoutId));
      expect(next?.deadline).toBe("gatePayout");
      expect(next?.waitMs).toBeGreaterThan(5 * hour);
      await set("active");
      expect(await world.payouts.gatePayout(refTo(payoutId))).toMatchObject({ state: "tallied" });
    });
  });
});

test("a tally that dies and runs again makes one payout for each, and starts a process for it", async () => {
  const earner = await world.addEarner();
  const rung: PayoutId[] = [];
  const ringPayout = ({ payoutId }: { payoutId: PayoutId }) => Promise.resolve(void rung.push(payoutId));
  const processes = { ...world.activityDeps.processes, ringPayout };
  const dies = { ...world.activityDeps, processes, atStep: () => Promise.reject(new Error("killed")) };
  await expect(tallyPayouts(dies)).rejects.toThrow("killed");
  expect(await tallyPayouts({ ...world.activityDeps, processes })).toEqual({ made: 0, started: 0 });
  const other = await world.addEarner();
  expect(await tallyPayouts({ ...world.activityDeps, processes })).toEqual({ made: 1, started: 1 });
  expect(rung).toEqual([(await world.payoutOf(other)).payoutId]);
  const { rows } = await world.owner.query("select id from payouts where participant_id = $1", [
    earner.participantId,
  ]);
  expect(rows).toHaveLength(1);
});
