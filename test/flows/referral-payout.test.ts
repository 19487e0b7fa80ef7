import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { newId } from "../../domain/id.ts";
import { listRunning } from "../../runtime/temporal-client.ts";
import { payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { isPushed, pushesTo, refusal } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import {
  decidePayout,
  earn,
  openPayoutStory,
  payoutBecomes,
  payoutProcess,
  processHasEnded,
  proposeAndApprove,
  recordPaid,
  tallyNow,
  uploadProof,
} from "../support/payout-story.ts";
import type { PayoutStory, PayoutView } from "../support/payout-story.ts";
import type { Owner } from "../support/people.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import { shortPayoutTimings } from "../support/short-timings.ts";
import { addAdmin, read } from "../support/upgrade-story.ts";

let house: House;
let maker: Owner;
let approver: Owner;
/** Copied into each payout that is tallied from then on. */
const timings = { ...shortPayoutTimings };
const failures = new ActivityFailures((step) => step.startsWith("payout."));
beforeAll(async () => {
  const deps = { atStep: failures.atStep, payoutTimings: timings };
  house = await startHouse({ worker: { interceptors: failures.interceptors, deps } });
  [maker, approver] = [await addAdmin(house, "payout_admin"), await addAdmin(house, "payout_approver")];
});
afterAll(() => house.close());
beforeEach(() => {
  Object.assign(timings, shortPayoutTimings);
});

/** What must have happened exactly once, however often anything died. */
async function effectsOf({ participantId, shop }: PayoutStory) {
  const [row] = await rowsOf<{ payouts: string[]; lines: string[]; notices: string[] }>(
    house,
    `select (select array_agg(state || ' ' || attempt order by id) from payouts where participant_id = $1) as payouts,
      (select array_agg(state || ' ' || amount_minor order by id) from commissions where beneficiary_id = $1) as lines,
      (select coalesce(array_agg(kind order by created_at, id), '{}') from owner_notices where shop_id = $2) as notices`,
    [participantId, shop.shopId],
  );
  return row;
}

async function raiseFlag({ participantId }: PayoutStory): Promise<void> {
  await rowsOf(
    house,
    `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
      values ($1, $2, 'same_device', 'k', 'high', now())`,
    [newId<string>(), participantId],
  );
}

describe("a payout", { timeout: 60_000 }, () => {
  test("is proposed, approved, sent, recorded with evidence, and told of once, with its statement", async () => {
    const story = await openPayoutStory(house);
    await tallyNow(house);
    const payout = await proposeAndApprove(story, maker, approver);
    const account = await maker.get<object>(`/v1/admin/payouts/${payout.id}/destination`);
    expect(account).toMatchObject({ kind: "kbzpay", accountNumber: "09777123456" });
    await read(await recordPaid(story, maker, payout));
    await isPushed(story, "Commission paid out");
    await processHasEnded(house, payout);
    expect(await effectsOf(story)).toEqual({
      payouts: ["paid 1"],
      lines: ["paid 20000"],
      notices: ["payout_paid"],
    });
    const lines = await story.owner.get<{ data: object[] }>(`/v1/payouts/${payout.id}/lines`);
    expect(lines.data).toMatchObject([{ level: 1, amountMinor: 20_000 }]);
  });

  test("is held by a flag until a person dismisses it, and nobody decides alone or about their own line", async () => {
    const story = await openPayoutStory(house);
    await raiseFlag(story);
    await tallyNow(house);
    const held = await payoutBecomes(story, maker, "held");
    const { data } = await approver.get<{ data: { id: string; participantId: string }[] }>(
      "/v1/admin/fraud-flags?limit=100",
    );
    const flag = data.find(({ participantId }) => participantId === held.participantId);
    await read(await approver.post(`/v1/admin/fraud-flags/${flag?.id}/dismiss`, { reason: "shared_place" }));
    const seen = await payoutBecomes(story, maker, "tallied");

    const both = await addAdmin(house, "payout_admin");
    await rowsOf(
      house,
      `insert into platform_roles (account_id, role, granted_at)
        select account_id, 'payout_approver', now() from platform_roles
        where role = 'payout_admin' order by granted_at desc limit 1`,
    );
    const { accountVersion, proposedAt } = await read<PayoutView>(await decidePayout(both, seen, "propose"));
    const approval = { accountVersion, proposedAt };
    const own = await decidePayout(both, seen, "approve", approval);
    expect(await refusal(own)).toEqual({ status: 403, code: "payout.same_person" });
    await rowsOf(
      house,
      `insert into platform_roles (account_id, role, granted_at) values ($1, 'payout_approver', now())`,
      [story.shop.accountId],
    );
    const related = await decidePayout(story.owner, seen, "approve", approval);
    expect(await refusal(related)).toEqual({ status: 403, code: "payout.related" });
    expect(await effectsOf(story)).toMatchObject({ payouts: ["proposed 0"], notices: [] });
  });

  test("that nobody sees to is reminded of and escalated, and waits on: money that is owed does not lapse", async () => {
    Object.assign(timings, { proposalReminderMs: 200, proposalEscalationMs: 400, escalateAgainMs: 300 });
    const story = await openPayoutStory(house);
    await tallyNow(house);
    const escalatedAfter = (before: number) =>
      eventually("it is reminded of, and escalated", async () => {
        const [row] = await rowsOf<{ reminded: Date | null; escalated: Date | null }>(
          house,
          "select reminded_at as reminded, escalated_at as escalated from payouts where participant_id = $1",
          [story.participantId],
        );
        const at = row?.escalated?.getTime() ?? 0;
        return row?.reminded !== null && at > before && at;
      });
    await escalatedAfter(await escalatedAfter(0));
    await proposeAndApprove(story, maker, approver);
  });

  test("of which everything is said twice at once is paid once", async () => {
    const story = await openPayoutStory(house);
    await Promise.all([tallyNow(house), tallyNow(house)]);
    const seen = await payoutBecomes(story, maker, "tallied");
    const twice = (admin: Owner, verb: string, body?: object) =>
      Promise.all([decidePayout(admin, seen, verb, body), decidePayout(admin, seen, verb, body)]);
    const evidence = async () => ({ attempt: 1, evidenceId: await uploadProof(story, maker, seen) });
    const answers = await twice(maker, "propose");
    const { proposedAt } = await payoutBecomes(story, maker, "proposed");
    answers.push(...(await twice(approver, "approve", { accountVersion: 1, proposedAt })));
    await payoutBecomes(story, maker, "executing");
    answers.push(...(await twice(maker, "record-paid", await evidence())));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    await processHasEnded(house, seen);
    expect(await effectsOf(story)).toEqual({
      payouts: ["paid 1"],
      lines: ["paid 20000"],
      notices: ["payout_paid"],
    });
  });

  test("is picked up from its row when its process is gone", async () => {
    const story = await openPayoutStory(house);
    await tallyNow(house);
    const payout = await proposeAndApprove(story, maker, approver);
    await payoutProcess(house, payout).terminate();
    const workflowId = payoutWorkflowId(payout.participantId, payout.period);
    await eventually("it is lost", async () => {
      const running = await listRunning(house.core.temporal, house.temporal.taskQueue);
      return !running.has(workflowId);
    });
    await reconcileNow(house, { waitedMs: 10_000, lateMs: 60_000 });
    await eventually("it runs again", async () => {
      const { status } = await payoutProcess(house, payout).describe();
      return status.name === "RUNNING";
    });
    await read(await recordPaid(story, maker, payout));
    await processHasEnded(house, payout);
    expect(await effectsOf(story)).toMatchObject({ payouts: ["paid 1"], notices: ["payout_paid"] });
  });
});

const everyActivity = [
  "decidePayout:approvePayout",
  "decidePayout:cancelPayout",
  "decidePayout:proposePayout",
  "decidePayout:recordPayoutFailed",
  "decidePayout:recordPayoutPaid",
  "escalatePayout",
  "executePayout",
  "gatePayout",
  "loadPayout",
  "remindOfPayout",
  "tellParticipant",
];

describe("one payment and one notice of each end, although a worker dies", { timeout: 60_000 }, () => {
  test.each([
    { what: "before, then after", when: ["before" as const, "after" as const] },
    { what: "inside", when: ["inside" as const] },
  ])("P:MIK-22 $what every activity, with an approval that is said again", async ({ when }) => {
    Object.assign(timings, { proposalReminderMs: 200, proposalEscalationMs: 400 });
    const story = await openPayoutStory(house);
    failures.arm(platformShopId, { kind: "every", when });
    await tallyNow(house);
    await eventually("it is escalated", async () => {
      const [row] = await rowsOf<{ at: Date | null }>(
        house,
        "select escalated_at as at from payouts where participant_id = $1",
        [story.participantId],
      );
      return row?.at !== null;
    });
    const first = await proposeAndApprove(story, maker, approver);
    if (when[0] === "inside")
      await eventually("the order died as well", () =>
        failures.namesStruckAt(platformShopId, "inside").includes("payout.ordered"),
      );
    await read(await decidePayout(maker, first, "record-failed", { attempt: 1, reason: "account_unknown" }));
    await isPushed(story, "Commission not paid out");
    const second = await proposeAndApprove(story, maker, approver);
    const { accountVersion, proposedAt } = second;
    await read(await decidePayout(approver, second, "approve", { accountVersion, proposedAt }));
    await read(await recordPaid(story, maker, second));
    await processHasEnded(house, second);
    await rowsOf(house, "update payouts set period = '2000-01' where participant_id = $1", [
      story.participantId,
    ]);
    await earn(story);
    await tallyNow(house);
    const third = await payoutBecomes(story, maker, "tallied");
    await read(await decidePayout(maker, third, "cancel"));
    await processHasEnded(house, third);
    for (const one of when) {
      const struck = failures.namesStruckAt(platformShopId, one);
      const expected =
        one === "inside" ? ["payout.begun", "payout.committed", "payout.ordered"] : everyActivity;
      expect(struck, `it died ${one}`).toEqual(expected);
    }
    failures.arm(platformShopId, null);

    expect(await effectsOf(story)).toEqual({
      payouts: ["paid 2", "cancelled 0"],
      lines: ["paid 20000", "payable 20000"],
      notices: ["payout_failed", "payout_paid"],
    });
    await isPushed(story, "Commission paid out");
    expect(await pushesTo(house, story.device)).toHaveLength(2);
  });
});
