import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { OrderTimings } from "../../domain/order/timings.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures, nameOf } from "../support/fail-activities.ts";
import type { Death, DeathPlace } from "../support/fail-activities.ts";
import {
  decide,
  getOrder,
  isPushed,
  listOrders,
  openStory,
  orderBecomes,
  place,
  pushesTo,
  slip,
  stockOf,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { OrderView, Stock, Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
const failures = new ActivityFailures((step) => /^(order|decision|slip)\./.test(step));
beforeAll(async () => {
  house = await startHouse({
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
});
afterAll(() => house.close());

type Told = {
  order: Partial<OrderView>;
  payments: string[];
  stock: Stock;
  /** Each is heard as often as it stands here; besides them, so many answers of the agent and nothing else. */
  messages: string[];
  answers: number;
  /** All that the phone shows, sorted; a reminder that comes again and again stands once. */
  pushes: string[];
  reminders?: string[];
};
type Tale = { timings?: Partial<OrderTimings>; tell(story: Story): Promise<OrderView>; told: Told };

async function paid(story: Story): Promise<OrderView> {
  const placed = await place(story);
  await story.customer.sendSlip(slip());
  return decide(story.owner, await underReview(story.owner, placed.id), "confirm-payment");
}

async function accepted(story: Story): Promise<OrderView> {
  const placed = await place(story, { method: "Cash on delivery" });
  return decide(story.owner, placed, "accept-cash-on-delivery");
}

const transfer: Tale = {
  tell: async (story) => {
    const order = await paid(story);
    for (const verb of ["pack", "ship", "deliver"]) await decide(story.owner, order, verb);
    return order;
  },
  told: {
    order: { orderState: "completed", paymentState: "paid" },
    payments: ["payment"],
    stock: { onHand: 4, reserved: 0 },
    messages: [
      "is placed.",
      "I have your payment slip",
      "Payment received",
      "is packed",
      "is on its way!",
      "has been delivered",
    ],
    answers: 4,
    pushes: ["New order", "Payment to check"],
  },
};

const tales: Record<string, Tale> = {
  "the order by transfer": transfer,
  "cash on delivery with its reminders": {
    timings: { shipReminderMs: 2_000, deliveryQuestionMs: 500 },
    tell: async (story) => {
      const order = await accepted(story);
      await isPushed(story, "Paid, not shipped");
      await decide(story.owner, order, "ship");
      await isPushed(story, "Did it arrive?");
      return decide(story.owner, order, "deliver");
    },
    told: {
      order: { orderState: "completed", paymentState: "paid" },
      payments: ["cash"],
      stock: { onHand: 4, reserved: 0 },
      messages: [
        "is placed.",
        "has accepted order",
        "is on its way!",
        "has been delivered",
        "Payment received",
      ],
      answers: 4,
      pushes: ["Cash on delivery to accept", "Did it arrive?", "Paid, not shipped"],
      reminders: ["Did it arrive?", "Paid, not shipped"],
    },
  },
  "a refusal, a part payment, and a customer who cancels": {
    timings: { shipReminderMs: 1_500 },
    tell: async (story) => {
      const { owner, customer } = story;
      const order = await place(story);
      await customer.sendSlip(slip());
      await decide(owner, await underReview(owner, order.id), "refuse-payment");
      await customer.sendSlip(slip({ amountMinor: 20_000 }));
      await decide(owner, await underReview(owner, order.id), "confirm-payment");
      await customer.tap(`cancel:${order.id}`);
      await orderBecomes(owner, order.id, { paymentState: "refund_due" });
      await eventually("the refund is asked for again", async () => {
        const pushed = await titles(story);
        return pushed.filter((title) => title === "Refund to pay").length >= 2;
      });
      return decide(owner, order, "refund");
    },
    told: {
      order: { orderState: "cancelled", paymentState: "refunded" },
      payments: ["payment", "refund"],
      stock: { onHand: 5, reserved: 0 },
      messages: [
        "is placed.",
        "I have your payment slip",
        "could not accept the payment slip",
        "I have your payment slip",
        "is still open",
        "is cancelled, as you asked",
        "has given back 20,000 MMK",
      ],
      answers: 4,
      pushes: ["New order", "Order ended", "Payment to check", "Payment to check", "Refund to pay"],
      reminders: ["Refund to pay"],
    },
  },
  "a slip without an order, linked later, and an owner who cancels": {
    tell: async (story) => {
      const { owner, customer } = story;
      await customer.say("Hello");
      await customer.hearsText("welcome");
      await customer.sendSlip(slip());
      const evidence = await unmatchedSlip(story);
      await isPushed(story, "Slip without an order");
      const order = await place(story);
      const answer = await owner.post(`/v1/payment-evidence/${evidence.id}/match`, { orderId: order.id });
      expect(answer.status).toBe(200);
      await underReview(owner, order.id);
      return decide(owner, order, "cancel");
    },
    told: {
      order: { orderState: "cancelled", paymentState: "none" },
      payments: [],
      stock: { onHand: 5, reserved: 0 },
      messages: [
        "I could not find an order",
        "is placed.",
        "I have your payment slip",
        "had to cancel order",
      ],
      answers: 5,
      pushes: ["New order", "Payment to check", "Slip without an order"],
    },
  },
  "a part payment whose rest is asked for": {
    timings: { paymentDueMs: 12_000, expiryWarningMs: 1_000, shipReminderMs: 500 },
    tell: async (story) => {
      const order = await place(story);
      await story.customer.sendSlip(slip({ amountMinor: 20_000 }));
      await decide(story.owner, await underReview(story.owner, order.id), "confirm-payment");
      await isPushed(story, "Part of the money is missing");
      return decide(story.owner, order, "cancel");
    },
    told: {
      order: { orderState: "cancelled", paymentState: "refund_due" },
      payments: ["payment"],
      stock: { onHand: 5, reserved: 0 },
      messages: ["is placed.", "I have your payment slip", "is still open", "had to cancel order"],
      answers: 4,
      pushes: ["New order", "Part of the money is missing", "Payment to check", "Refund to pay"],
      reminders: ["Part of the money is missing", "Refund to pay"],
    },
  },
  "an order that expires": {
    timings: { paymentDueMs: 3_000, expiryWarningMs: 1_500 },
    tell: async (story) => {
      const { id } = await place(story);
      return orderBecomes(story.owner, id, { orderState: "cancelled" });
    },
    told: {
      order: { orderState: "cancelled", paymentState: "none", cancelReason: "expired" },
      payments: [],
      stock: { onHand: 5, reserved: 0 },
      messages: ["is placed.", "is not paid yet", "No payment came"],
      answers: 4,
      pushes: ["New order", "Order ended"],
    },
  },
  "an order that expired, revived for its late slip": {
    timings: { paymentDueMs: 3_000, expiryWarningMs: 1_500 },
    tell: async (story) => {
      const { owner, customer } = story;
      const { id } = await place(story);
      await orderBecomes(owner, id, { orderState: "cancelled" });
      await customer.sendSlip(slip());
      const evidence = await unmatchedSlip(story);
      await isPushed(story, "Slip without an order");
      const answer = await owner.post(`/v1/payment-evidence/${evidence.id}/revive`, { orderId: id });
      expect(answer.status).toBe(200);
      return decide(owner, await underReview(owner, id), "confirm-payment");
    },
    told: {
      order: { orderState: "placed", paymentState: "paid" },
      payments: ["payment"],
      stock: { onHand: 4, reserved: 0 },
      messages: [
        "is placed.",
        "is not paid yet",
        "No payment came",
        "I could not find an order",
        "is open again",
        "Payment received",
      ],
      answers: 4,
      pushes: ["New order", "Order ended", "Slip without an order"],
    },
  },
  "a review that is late": {
    timings: { reviewReminderMs: 200, reviewEscalationMs: 600, reviewCustomerNoticeMs: 1_000 },
    tell: async (story) => {
      const { id } = await place(story);
      await story.customer.sendSlip(slip());
      await story.customer.offered(`cancel:${id}`);
      return getOrder(story.owner, id);
    },
    told: {
      order: { orderState: "placed", paymentState: "under_review" },
      payments: [],
      stock: { onHand: 5, reserved: 1 },
      messages: ["is placed.", "I have your payment slip", "has not checked your payment"],
      answers: 4,
      pushes: ["New order", "Payment still waiting", "Payment to check", "Payment waiting for a day"],
    },
  },
  "cash on delivery that nobody accepts": {
    timings: { codAcceptMs: 1_000 },
    tell: async (story) => {
      const { id } = await place(story, { method: "Cash on delivery" });
      return orderBecomes(story.owner, id, { orderState: "cancelled" });
    },
    told: {
      order: { orderState: "cancelled", paymentState: "none", cancelReason: "cod_not_accepted" },
      payments: [],
      stock: { onHand: 5, reserved: 0 },
      messages: ["is placed.", "could not accept order"],
      answers: 4,
      pushes: ["Cash on delivery to accept", "Order ended"],
    },
  },
};

const titles = async (story: Story) =>
  (await pushesTo(house, story.device)).map(({ notification }) => notification.title);

async function expectTold(story: Story, id: string, { told }: Tale): Promise<void> {
  const { owner, customer, shop } = story;
  for (const text of told.messages) await customer.hearsText(text);
  await eventually("all pushes came", async () => (await titles(story)).length >= told.pushes.length);
  await eventually("nothing is left to send", async () => {
    const open = "select 1 from outbox where shop_id = $1 and state <> 'sent'";
    return (await rowsOf(house, open, [shop.shopId])).length === 0;
  });
  const order = await getOrder(owner, id);
  expect(order).toMatchObject(told.order);
  expect(await listOrders(owner)).toHaveLength(1);
  expect(order.payments.map(({ kind }) => kind)).toEqual(told.payments);
  expect(await stockOf(story)).toEqual(told.stock);
  const heard = (await customer.received()).map(({ text = "" }) => text);
  for (const part of new Set(told.messages)) {
    const times = told.messages.filter((message) => message === part).length;
    expect(heard.filter((text) => text.includes(part)).length, part).toBe(times);
  }
  expect(repetitions(heard), heard.join(" | ")).toBe(repetitions(told.messages));
  expect(heard.length, heard.join(" | ")).toBe(told.messages.length + told.answers);
  const pushes = await pushesTo(house, story.device);
  expect(new Set(pushes.map(({ data }) => data.noticeId)).size, "a push a notice").toBe(pushes.length);
  const isNew = (title: string, index: number, all: string[]) =>
    !told.reminders?.includes(title) || all.indexOf(title) === index;
  expect(
    pushes
      .map(({ notification }) => notification.title)
      .filter(isNew)
      .toSorted(),
  ).toEqual(told.pushes);
}

function repetitions(texts: string[]): number {
  return texts.length - new Set(texts).size;
}

async function tellWith(tale: Tale, death: Death | null): Promise<Story> {
  const story = await openStory(house, tale.timings ? { timings: tale.timings } : {});
  failures.arm(story.shop.shopId, death);
  const { id } = await tale.tell(story);
  await expectTold(story, id, tale);
  return story;
}

const activitiesOfTransfer = words(`
  runTurn#1 runTurn#2 runTurn#3 runTurn#4 carryOutDecision#1 loadOrder#1 loadOrder#2 loadOrder#3 reviewEvidence#1
  decideOrder:confirmPayment#1 decideOrder:packOrder#1 decideOrder:shipOrder#1 decideOrder:deliverOrder#1`);
/**
 * Of the confirming turn and the turn of the slip, of placing, of the review, of the first and the last decision; in each
 * line those at which one activity dies, attempt after attempt. A turn is not answered again once it is stored, and falls
 * back when it dies too often.
 */
const stepsOfTransfer = [
  "turn.claimed#3 turn.fetched",
  "turn.read#3 turn.stored",
  "turn.answered#3 turn.sent",
  "turn.claimed#4 turn.fetched",
  "turn.read#4 turn.stored",
  "turn.answered#4 turn.sent",
  "picture.stored#1 slip.read",
  "order.placed#1 decision.carried_out",
  "order.sealed#1 order.committed",
  "order.sealed#2 order.committed",
  "order.sealed#5 order.committed",
].map(words);

function words(text: string): string[] {
  return text.trim().split(/\s+/u);
}

const deaths: { what: string; at: DeathPlace[] }[] = [
  ...activitiesOfTransfer.map((label) => ({
    what: `before, then after ${label}`,
    at: [
      { label, when: "before" as const },
      { label: nameOf(label), when: "after" as const },
    ],
  })),
  ...stepsOfTransfer.map((labels) => ({
    what: `at ${labels.join(", then at ")}`,
    at: labels.map((label) => ({ label, when: "inside" as const })),
  })),
];

describe.concurrent("one order, one payment, each message and push once, although a worker dies", () => {
  test.each(deaths)("$what", { timeout: 120_000 }, async ({ at }) => {
    const story = await tellWith(transfer, { kind: "one", at });
    expect(failures.struckAt(story.shop.shopId), "it died").toHaveLength(at.length);
  });

  const every = Object.keys(tales).flatMap((name) => [
    { name, what: "before, then after", when: ["before" as const, "after" as const] },
    { name, what: "inside", when: ["inside" as const] },
  ]);
  test.each(every)("$what every activity of $name", { timeout: 120_000 }, async ({ name, when }) => {
    const story = await tellWith(tales[name] ?? transfer, { kind: "every", when });
    const struck = failures.struckAt(story.shop.shopId);
    for (const one of when) {
      expect(struck.filter((place) => place.startsWith(one)).length, `it died ${one}`).toBeGreaterThan(2);
    }
  });
});

test("the matrix knows every activity and every inner step of the order by transfer", async () => {
  const story = await tellWith(transfer, null);
  const ran = failures.labelsOf(story.shop.shopId);
  const known = new Set([...activitiesOfTransfer, ...stepsOfTransfer.flat()].map(nameOf));
  // The outbox has its own tests: a part that was claimed and not sent is never sent blindly.
  const unknown = ran.map(nameOf).filter((name) => !known.has(name) && !name.startsWith("outbox."));
  expect(unknown).toEqual([]);
  expect(ran.filter((label) => !label.includes("."))).toEqual(expect.arrayContaining(activitiesOfTransfer));
});
