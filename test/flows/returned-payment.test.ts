import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { defaultPatience } from "../../activities/upkeep/upkeep-deps.ts";
import { listRunning } from "../../runtime/temporal-client.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import type { Death } from "../support/fail-activities.ts";
import {
  hearsOnce,
  openStory,
  place,
  pushesTo,
  refusal,
  slip,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { EvidenceView, Money, Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { reconcileNow } from "../support/reconcile-now.ts";

let house: House;
const failures = new ActivityFailures((step) => /^(evidence|slip)\./.test(step));
beforeAll(async () => {
  house = await startHouse({
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
});
afterAll(() => house.close());

type Entry = { kind: string; orderId: string | null; amount: Money };
const entries = async ({ owner }: Story, { id }: EvidenceView) =>
  (await owner.get<{ data: Entry[] }>(`/v1/payments?evidenceId=${id}`)).data;

const say = (
  { owner }: Story,
  { id }: { id: string },
  verb: string,
  { key, ...body }: Record<string, unknown> & { key?: string } = {},
) => owner.post(`/v1/payment-evidence/${id}/${verb}`, body, key);

async function withUnmatchedSlip(
  options: Parameters<typeof openStory>[1] = {},
  sent: Parameters<typeof slip>[0] = {},
): Promise<{ story: Story; evidence: EvidenceView }> {
  const story = await openStory(house, options);
  await story.customer.say("Hello");
  await story.customer.hearsText("welcome");
  await story.customer.sendSlip(slip(sent));
  return { story, evidence: await unmatchedSlip(story) };
}

const isRunning = async ({ id }: EvidenceView) =>
  (await listRunning(house.core.temporal, house.temporal.taskQueue)).has(`evidence/${id}`);

describe.concurrent("money that belonged to no order", { timeout: 60_000 }, () => {
  test("is given back once, booked both ways, and its reference pays for nothing afterwards", async () => {
    const reference = `0100777${Date.now() % 1e6}1`;
    const { story, evidence } = await withUnmatchedSlip({}, { reference });
    const { owner, customer } = story;
    const key = crypto.randomUUID();
    const answers = [
      await say(story, evidence, "return", { key }),
      await say(story, evidence, "return", { key }),
      await say(story, evidence, "return"),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id: evidence.id, state: "returned", orderId: null });
    }
    await hearsOnce(customer, "given back the 47,500 MMK");
    const amount = { amountMinor: 47_500, currency: "MMK" };
    expect(await entries(story, evidence)).toMatchObject([
      { kind: "refund", orderId: null, amount },
      { kind: "payment", orderId: null, amount },
    ]);
    const kept = "select sealed_for from payment_evidence where shop_id = $1";
    expect(await rowsOf(house, kept, [story.shop.shopId])).toEqual([{ sealed_for: "finance" }]);
    await eventually("its process has ended", async () => !(await isRunning(evidence)));

    const placed = await place(story);
    await customer.sendSlip(slip({ reference }));
    const again = await underReview(owner, placed.id);
    expect(again.evidence).toMatchObject([{ verdict: "duplicate" }]);
    const confirm = await owner.post(`/v1/orders/${placed.id}/confirm-payment`, {});
    expect(await refusal(confirm)).toEqual({ status: 409, code: "payment.reference_taken" });
    expect(await refusal(await say(story, evidence, "refuse"))).toMatchObject({ code: "evidence.returned" });
  });

  test("is not given back for a slip that paid for an order, nor before amount and account are known", async () => {
    const reference = `0100778${Date.now() % 1e6}1`;
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ reference }));
    const paying = await underReview(owner, placed.id);
    expect(await refusal(await say(story, { id: paying.evidence[0]?.id ?? "" }, "return"))).toEqual({
      status: 409,
      code: "evidence.undecided",
    });
    expect((await owner.post(`/v1/orders/${placed.id}/confirm-payment`, {})).status).toBe(200);
    await customer.sendSlip(slip({ reference }));
    const repeated = await unmatchedSlip(story);
    expect(await refusal(await say(story, repeated, "return"))).toEqual({
      status: 409,
      code: "payment.reference_taken",
    });
    expect(await entries(story, repeated)).toEqual([]);

    const method = { kind: "transfer", name: "WavePay", isEnabled: true, isVisibleToCustomer: true };
    const details = { accountName: "Daw Thiri", accountNumber: "09795555555", bank: "Wave" };
    const made = await owner.post("/v1/payment-methods", { ...method, details });
    expect(made.status, await made.clone().text()).toBe(201);
    await customer.sendSlip(slip());
    const second = await unmatchedSlip(story);
    expect(await refusal(await say(story, second, "return"))).toMatchObject({
      code: "payment.method_unknown",
    });
    const { id: paymentMethodId } = (await made.json()) as { id: string };
    expect((await say(story, second, "return", { paymentMethodId, amountMinor: 40_000 })).status).toBe(200);
    await hearsOnce(customer, "given back the 40,000 MMK");
  });

  test("may be a slip that proves nothing: the owner refuses it with a reason", async () => {
    const { story, evidence } = await withUnmatchedSlip();
    const reason = "This transfer went to somebody else";
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await say(story, evidence, "refuse", { reason });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ state: "refused" });
    }
    await hearsOnce(story.customer, reason);
    expect(await entries(story, evidence)).toEqual([]);
    const stranger = await openStory(house, { name: "Another Shop" });
    expect((await say(stranger, evidence, "return")).status).toBe(404);
    expect((await say(stranger, evidence, "refuse")).status).toBe(404);
  });

  test("is never forgotten: the owner is reminded until they decide", async () => {
    const { story, evidence } = await withUnmatchedSlip({
      timings: { reviewReminderMs: 1_000, shipReminderMs: 500 },
    });
    const told = async () =>
      (await pushesTo(house, story.device)).filter(
        ({ notification }) => notification.title === "Slip without an order",
      ).length;
    await eventually("reminded twice", async () => (await told()) >= 3);
    expect((await say(story, evidence, "return")).status).toBe(200);
    await eventually("its process has ended", async () => !(await isRunning(evidence)));
  });

  test("has a process again after Temporal lost it", async () => {
    const { story, evidence } = await withUnmatchedSlip();
    await eventually("its process runs", () => isRunning(evidence));
    await house.core.temporal.client.workflow.getHandle(`evidence/${evidence.id}`).terminate();
    await eventually("it is lost", async () => !(await isRunning(evidence)));
    await reconcileNow(house, defaultPatience);
    await eventually("its process runs again", () => isRunning(evidence));
    expect((await say(story, evidence, "return")).status).toBe(200);
  });
});

const deaths: Extract<Death, { kind: "every" }>[] = [
  { kind: "every", when: ["before", "after"] },
  { kind: "every", when: ["inside"] },
];

describe.concurrent("although a worker dies", { timeout: 60_000 }, () => {
  test.each(deaths)("money is given back, booked and told once: %j", async (death) => {
    const story = await openStory(house);
    failures.arm(story.shop.shopId, death);
    await story.customer.say("Hello");
    await story.customer.hearsText("welcome");
    await story.customer.sendSlip(slip());
    const evidence = await unmatchedSlip(story);

    const answer = await say(story, evidence, "return");

    expect(answer.status, await answer.clone().text()).toBe(200);
    await hearsOnce(story.customer, "given back the 47,500 MMK");
    expect((await entries(story, evidence)).map(({ kind }) => kind)).toEqual(["refund", "payment"]);
    const struck = failures.struckAt(story.shop.shopId);
    for (const one of death.when) {
      expect(struck.filter((place) => place.startsWith(one)).length, `it died ${one}`).toBeGreaterThan(1);
    }
  });
});
