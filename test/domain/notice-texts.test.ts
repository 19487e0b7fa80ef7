import { expect, test } from "vitest";
import { noticeText } from "../../domain/order/notice-texts.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";

const kinds: Record<NoticeKind, true> = {
  order_placed: true,
  order_cancelled: true,
  evidence_to_review: true,
  review_reminder: true,
  review_escalation: true,
  cod_to_accept: true,
  balance_reminder: true,
  ship_reminder: true,
  delivery_question: true,
  refund_due: true,
  gateway_refused: true,
  unmatched_evidence: true,
  person_asked: true,
  agent_failed: true,
  page_broken: true,
  attestation_due: true,
  policy_changed: true,
  age_report: true,
  privacy_asked: true,
  privacy_to_answer: true,
  privacy_reminder: true,
  privacy_done_for_you: true,
  privacy_overdue: true,
  page_restored: true,
  page_shared: true,
  message_unknown: true,
  upgrade_approved: true,
  top_up_approved: true,
  upgrade_money_owed: true,
  upgrade_rejected: true,
  upgrade_asked_again: true,
  upgrade_lapsed: true,
  payout_paid: true,
  payout_failed: true,
  credits_low: true,
  credits_very_low: true,
  credits_out: true,
  plan_ends_soon: true,
  plan_overdue: true,
  plan_limited: true,
  plan_suspended: true,
  plan_reversed: true,
  top_up_reversed: true,
  breach_notice: true,
  breach_unreached: true,
  access_review_due: true,
  disclosure_made: true,
  break_glass_opened: true,
  break_glass_ended: true,
};

test("a push names the order and the amount and nothing of the customer", () => {
  const notice = noticeText(
    "order_placed",
    { orderNumber: "1001", amount: { amountMinor: 15_000, currency: "MMK" } },
    "en",
  );
  expect(notice).toEqual({
    title: "New order",
    body: "#1001 · 15,000 MMK · A customer placed an order.",
  });
});

test("a push without an order is a plain sentence", () => {
  expect(noticeText("page_broken", { orderNumber: null, amount: null }, "en").body).toBe(
    "Messages do not arrive. Reconnect the Page.",
  );
});

test("a push about the plan says how many days are left", () => {
  const facts = { orderNumber: null, amount: null };
  const bodyFor = (days: number) => noticeText("plan_ends_soon", { ...facts, days }, "en").body;
  expect([bodyFor(7), bodyFor(1)]).toEqual([
    "7 days left · Pay for the next period to go on without a gap.",
    "1 day left · Pay for the next period to go on without a gap.",
  ]);
});

test.each(Object.keys(kinds) as NoticeKind[])("%s is said in both languages", (kind) => {
  const facts = { orderNumber: "1001", amount: null };
  const burmese = noticeText(kind, facts, "my");
  expect(burmese.title).toMatch(/\p{Script=Myanmar}/u);
  expect(burmese.body).toMatch(/^#1001 · .*\p{Script=Myanmar}/u);
  expect(noticeText(kind, facts, "en").title).not.toMatch(/\p{Script=Myanmar}/u);
});
