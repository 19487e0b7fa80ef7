import { expect, test } from "vitest";
import type { CustomerTexts } from "../../domain/conversation/customer-texts.ts";
import { roughDuration } from "../../domain/conversation/text-parts.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { isAgentRequest, isPersonRequest, isYes } from "../../domain/conversation/yes-words.ts";
import type { Money } from "../../domain/money.ts";
import type { Language } from "../../domain/shop/policies.ts";

const languages: Language[] = ["en", "my"];
const kyats = (amountMinor: number): Money => ({ amountMinor, currency: "MMK" });
const hour = 3_600_000;

const totals = {
  lines: [
    { name: "Cotton shirt, M", quantity: 2, lineTotal: kyats(30_000) },
    { name: "Hat", quantity: 1, lineTotal: kyats(8_000) },
  ],
  fee: kyats(3_000),
  discount: kyats(0),
  credit: kyats(0),
  total: kyats(41_000),
};
const contact = {
  name: "Su Su",
  phone: "+959791234567",
  township: "Hlaing",
  address: "12, Insein Road",
  paymentMethodName: "KBZPay",
};
const account = {
  methodName: "KBZPay",
  accountName: "Hla Hla Win",
  accountNumber: "09791234567",
  instructions: null,
};
const order = { orderNumber: "1001" };

function everyText(said: CustomerTexts): Record<string, string> {
  return {
    disclosure: said.disclosure({ shopName: "Golden Thread", agentName: "Thiri" }),
    holding: said.holding(),
    fallback: said.fallback(),
    handedToPerson: said.handedToPerson(),
    leftToPerson: said.leftToPerson(),
    backToAgent: said.backToAgent({ agentName: "Thiri" }),
    maskedSecret: said.maskedSecret(),
    notForMinors: said.notForMinors(),
    promotionsOn: said.promotionsOn(),
    promotionsOff: said.promotionsOff(),
    takesNoOrders: said.takesNoOrders(),
    summary: said.summary({ ...totals, ...contact }),
    summaryChanged: said.summaryChanged({ changes: ["price", "fee", "stock", "details", "payment_method"] }),
    summaryOutdated: said.summaryOutdated(),
    outOfStock: said.outOfStock({ items: [{ name: "Hat", available: 0 }] }),
    askWhatToChange: said.askWhatToChange(),
    summaryDropped: said.summaryDropped(),
    alreadyPlaced: said.alreadyPlaced(order),
    placedForTransfer: said.placedForTransfer({
      ...order,
      total: totals.total,
      account,
      payWithinMs: 24 * hour,
    }),
    placedForCash: said.placedForCash({ ...order, total: totals.total }),
    placedForGateway: said.placedForGateway({
      ...order,
      total: totals.total,
      methodName: "MMQR",
      payWithinMs: 24 * hour,
    }),
    placedPaid: said.placedPaid({ ...order, credit: totals.total }),
    payByCode: said.payByCode({ ...order, total: totals.total, methodName: "MMQR" }),
    evidenceReceived: said.evidenceReceived(order),
    whichOrder: said.whichOrder(),
    evidenceUnmatched: said.evidenceUnmatched(),
    evidenceSettled: said.evidenceSettled(),
    unmatchedRefused: said.unmatchedRefused({ reason: "Not ours" }),
    unmatchedReturned: said.unmatchedReturned({ amount: kyats(30_000) }),
    evidenceUnreadable: said.evidenceUnreadable(order),
    partPayment: said.partPayment({ ...order, received: kyats(30_000), balance: kyats(11_000) }),
    overPayment: said.overPayment({ ...order, surplus: kyats(500) }),
    evidenceRefused: said.evidenceRefused({ ...order, reason: "Not our account" }),
    evidenceAskedAgain: said.evidenceAskedAgain({ ...order, reason: null }),
    receipt: said.receipt({
      ...order,
      ...totals,
      shopName: "Golden Thread",
      paid: totals.total,
      paymentMethodName: "KBZPay",
      isToCome: true,
    }),
    reviewDelayed: said.reviewDelayed(order),
    expiryWarning: said.expiryWarning({ ...order, balance: totals.total, leftMs: 2 * hour }),
    expired: said.expired(order),
    revived: said.revived(order),
    revivedByPayment: said.revivedByPayment(order),
    refundDue: said.refundDue({ ...order, amount: totals.total }),
    keptAsCredit: said.keptAsCredit({ ...order, amount: totals.total }),
    creditReturned: said.creditReturned({ credit: totals.total }),
    refunded: said.refunded({ ...order, amount: totals.total }),
    cashAccepted: said.cashAccepted({ ...order, total: totals.total }),
    cashNotAccepted: said.cashNotAccepted(order),
    packed: said.packed(order),
    shipped: said.shipped({ ...order, tracking: "RGN-88" }),
    delivered: said.delivered(order),
    askToCancel: said.askToCancel({ ...order, total: totals.total }),
    keptOrder: said.keptOrder(order),
    cannotCancel: said.cannotCancel(order),
    cancelledByCustomer: said.cancelledByCustomer({ ...order, refund: kyats(30_000) }),
    cancelledByShop: said.cancelledByShop({ ...order, reason: "Sold out", refund: null }),
    orderStatus: said.orderStatus({
      order: "placed",
      payment: "part_paid",
      fulfilment: "pending",
      balance: kyats(11_000),
    }),
  };
}

test.each(languages)("every sentence in %s is of that language and whole", (language) => {
  const said = everyText(texts(language));
  const methods = Object.keys(texts(language)).filter((name) => name !== "titles");
  expect(Object.keys(said)).toEqual(methods);
  for (const [name, text] of Object.entries(said)) {
    expect(text, name).not.toMatch(/undefined|null|NaN|\[object/u);
    expect(text, name).toBe(text.normalize("NFC"));
    expect(text.length, name).toBeLessThan(1_900);
    expect(/\p{Script=Myanmar}/u.test(text), name).toBe(language === "my");
  }
});

test.each(languages)("quick reply titles in %s fit into 20 characters", (language) => {
  const { ofOrder, ...titles } = texts(language).titles;
  for (const title of [...Object.values(titles), ofOrder(order), ofOrder({ orderNumber: "9".repeat(30) })]) {
    expect(title.length, title).toBeLessThanOrEqual(20);
  }
  expect(new Set(Object.values(titles)).size).toBe(Object.keys(titles).length);
});

test.each(languages)("what the texts in %s tell people to send is understood", (language) => {
  const said = texts(language);
  const words = (text: string) => [...text.matchAll(/“([^”]+)”/gu)].map(([, word = ""]) => word);
  const disclosure = words(said.disclosure({ shopName: "Golden Thread", agentName: "Thiri" }));
  expect(disclosure).toHaveLength(1);
  expect(disclosure.every(isPersonRequest)).toBe(true);
  expect(words(said.fallback()).every(isPersonRequest)).toBe(true);
  expect(words(said.handedToPerson())).toHaveLength(1);
  expect(words(said.handedToPerson()).every(isAgentRequest)).toBe(true);
  expect(isYes(said.titles.confirm, language)).toBe(true);
  expect(isPersonRequest(said.titles.person)).toBe(true);
  expect(isAgentRequest(said.titles.agent)).toBe(true);
});

test("the first contact says that a machine answers", () => {
  const facts = { shopName: "Golden Thread", agentName: "Thiri" };
  expect(texts("en").disclosure(facts)).toMatch(/automated assistant \(a machine, not a person\)/);
  expect(texts("my").disclosure(facts)).toMatch(/လူမဟုတ်ဘဲ .*စက်/);
});

test("the summary shows all that is confirmed, line by line", () => {
  expect(texts("en").summary({ ...totals, ...contact })).toBe(
    [
      "Please check your order:",
      "",
      "• Cotton shirt, M × 2 = 30,000 MMK",
      "• Hat × 1 = 8,000 MMK",
      "Delivery: 3,000 MMK",
      "Total: 41,000 MMK",
      "",
      "Name: Su Su",
      "Phone: +959791234567",
      "Township: Hlaing",
      "Address: 12, Insein Road",
      "Payment: KBZPay",
      "",
      "Is everything correct? Your order is placed only when you confirm it.",
    ].join("\n"),
  );
});

test("a credit that is taken off has a line of its own, and none without it", () => {
  const reduced = texts("en").summary({ ...totals, ...contact, credit: kyats(1_500) });
  expect(reduced).toContain("Your credit: -1,500 MMK");
  expect(texts("en").summary({ ...totals, ...contact })).not.toContain("credit");
});

test("free delivery and a discount are shown as such", () => {
  const text = texts("en").summary({ ...totals, ...contact, fee: kyats(0), discount: kyats(1_000) });
  expect(text).toContain("Delivery: free\nDiscount: -1,000 MMK\nTotal:");
});

test.each(languages)("how to pay in %s gives amount, account, order number and time", (language) => {
  const text = texts(language).placedForTransfer({
    ...order,
    total: totals.total,
    account: { ...account, instructions: "Write the order number as a note" },
    payWithinMs: 24 * hour,
  });
  expect(text).toContain("#1001");
  expect(text).toContain("41,000 MMK");
  expect(text).toContain("KBZPay\nHla Hla Win\n09791234567\nWrite the order number as a note\n");
  expect(text).toMatch(/24 (?:hours|နာရီ)/u);
});

test("a reason is quoted as the shop's, and left out when there is none", () => {
  const { evidenceRefused } = texts("en");
  expect(evidenceRefused({ ...order, reason: " Not our account " })).toContain(
    "The shop writes: “Not our account”",
  );
  expect(evidenceRefused({ ...order, reason: "  " })).not.toContain("The shop writes");
});

test("a parcel without tracking has no empty line for it", () => {
  expect(texts("en").shipped({ ...order, tracking: null })).toBe("Your order #1001 is on its way!");
});

test.each([
  [10_000, 1, "minute"],
  [59 * 60_000, 59, "minute"],
  [hour, 1, "hour"],
  [24 * hour, 24, "hour"],
  [48 * hour, 2, "day"],
  [7 * 24 * hour, 7, "day"],
])("%d ms is said as %d %s", (ms, count, unit) => {
  expect(roughDuration(ms)).toEqual({ count, unit });
});
