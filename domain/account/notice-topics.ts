import type { NoticeKind } from "../order/notice-texts.ts";
import type { MembershipRole } from "./roles.ts";
import { scopesOf } from "./scopes.ts";
import type { Scope } from "./scopes.ts";

export type NoticeChannel = "push" | "email";

type TopicFacts = {
  /** Whoever has it hears of the topic; null where no notice of a shop is behind it. */
  scope: Scope | null;
  /** What holds until the account chooses; null: it never goes that way. */
  push: boolean | null;
  email: boolean | null;
  /** Where a mail leads to. */
  page?: string;
};

const topics = {
  orders: { scope: "orders.read", push: true, email: false, page: "/console/orders" },
  payments: { scope: "payments.read", push: true, email: false, page: "/console/orders" },
  conversations: { scope: "conversations.read", push: true, email: false, page: "/console/conversations" },
  shop: { scope: "shop.write", push: true, email: true, page: "/console/shop" },
  plan: { scope: "subscription.read", push: true, email: true, page: "/console/plan" },
  credits: { scope: "credits.read", push: true, email: true, page: "/console/credits" },
  /** Of the participant alone, whoever else owns the shop. */
  referral: { scope: "referral.read", push: true, email: true, page: "/console/referral" },
  /** What waits for admins of the platform; they have no shop that a device could belong to. */
  approvals: { scope: null, push: null, email: true },
  security: { scope: null, push: null, email: true },
} as const satisfies Record<string, TopicFacts>;

/** What an account chooses about. */
export type NoticeTopic = keyof typeof topics;
export const noticeTopics = Object.keys(topics) as NoticeTopic[];

type NoticeRule = {
  topic: Exclude<NoticeTopic, "approvals" | "security">;
  /** Told whatever was chosen: who missed it would lose money, customers or the account. */
  isCritical?: true;
  /** Its mail is one of its own, with words that no notice may say. */
  isMailedApart?: true;
  /** Instead of the topic's. */
  scope?: Scope;
  /** Hears of it as well: whoever must step in. */
  alsoFor?: Scope;
  page?: string;
};

const answersCustomers = "conversations.write";
/** What only an owner may do is told to owners alone. */
const owners = "team.write";

const rules: Record<NoticeKind, NoticeRule> = {
  order_placed: { topic: "orders" },
  order_cancelled: { topic: "orders" },
  cod_to_accept: { topic: "orders" },
  ship_reminder: { topic: "orders" },
  delivery_question: { topic: "orders" },
  evidence_to_review: { topic: "payments" },
  review_reminder: { topic: "payments" },
  review_escalation: { topic: "payments", isCritical: true },
  balance_reminder: { topic: "payments" },
  refund_due: { topic: "payments", isCritical: true },
  gateway_refused: { topic: "payments" },
  unmatched_evidence: { topic: "payments", page: "/console/evidence" },
  person_asked: { topic: "conversations" },
  agent_failed: { topic: "conversations" },
  age_report: { topic: "conversations", isCritical: true },
  message_unknown: { topic: "conversations" },
  page_broken: { topic: "shop", isCritical: true },
  page_restored: { topic: "shop" },
  page_shared: { topic: "shop" },
  policy_changed: { topic: "shop", scope: "shop.read", isCritical: true, page: "/console/account/policies" },
  attestation_due: { topic: "shop", scope: owners, isCritical: true, page: "/console/attestations" },
  break_glass_opened: { topic: "shop", scope: owners, isCritical: true, page: "/console/notices" },
  break_glass_ended: { topic: "shop", scope: owners, isCritical: true, page: "/console/notices" },
  access_review_due: { topic: "shop", scope: owners, isCritical: true, page: "/console/team" },
  disclosure_made: { topic: "shop", scope: owners, isCritical: true, page: "/console/notices" },
  privacy_asked: { topic: "shop", scope: "privacy.read" },
  privacy_to_answer: { topic: "shop", scope: "privacy.write", isCritical: true },
  privacy_reminder: { topic: "shop", scope: "privacy.write", isCritical: true },
  privacy_done_for_you: { topic: "shop", scope: "privacy.read", isCritical: true },
  privacy_overdue: { topic: "shop", scope: "privacy.write", isCritical: true },
  upgrade_approved: { topic: "plan", isCritical: true },
  upgrade_rejected: { topic: "plan", isCritical: true },
  upgrade_asked_again: { topic: "plan", isCritical: true },
  upgrade_lapsed: { topic: "plan", isCritical: true },
  upgrade_money_owed: { topic: "plan", isCritical: true },
  top_up_approved: { topic: "plan", isCritical: true },
  plan_ends_soon: { topic: "plan" },
  plan_overdue: { topic: "plan" },
  plan_limited: { topic: "plan", isCritical: true, alsoFor: answersCustomers },
  plan_suspended: { topic: "plan", isCritical: true, alsoFor: answersCustomers },
  plan_reversed: { topic: "plan", isCritical: true },
  top_up_reversed: { topic: "plan", isCritical: true },
  credits_low: { topic: "credits" },
  credits_very_low: { topic: "credits" },
  credits_out: { topic: "credits", isCritical: true, alsoFor: answersCustomers },
  breach_notice: {
    topic: "shop",
    scope: "notices.read",
    isCritical: true,
    isMailedApart: true,
    page: "/console/account",
  },
  breach_unreached: { topic: "shop", isCritical: true },
  payout_paid: { topic: "referral" },
  payout_failed: { topic: "referral", isCritical: true },
};

const kinds = Object.keys(rules) as NoticeKind[];

/** What an account chose, by topic; nothing is said of what it never touched. */
export type NoticeChoices = Partial<Record<NoticeTopic, boolean>>;

/** Whether somebody of the shop is told by that channel. */
export function isTold(
  kind: NoticeKind,
  channel: NoticeChannel,
  { role, choices }: { role: MembershipRole; choices: NoticeChoices },
): boolean {
  const { topic, isCritical = false, isMailedApart = false } = rules[kind];
  const scopes = scopesOf[role];
  if (!scopes.has("notices.read") || !maySee(kind, scopes)) return false;
  if (isMailedApart && channel === "email") return false;
  return (isCritical && topics[topic][channel]) || isOn(topic, channel, choices) === true;
}

/** The kinds that an actor with these scopes may see. */
export function seenKinds(scopes: Scopes): NoticeKind[] {
  return kinds.filter((kind) => maySee(kind, scopes));
}

/** Null: the topic never goes that way. */
export function isOn(topic: NoticeTopic, channel: NoticeChannel, choices: NoticeChoices): boolean | null {
  const byDefault = topics[topic][channel];
  return byDefault === null ? null : (choices[topic] ?? byDefault);
}

export function criticalKinds(topic: NoticeTopic): NoticeKind[] {
  return kinds.filter((kind) => rules[kind].topic === topic && rules[kind].isCritical === true);
}

/** Whether a person in that role hears of anything of the topic. */
export function hearsOf(topic: NoticeTopic, role: MembershipRole): boolean {
  const choices = { [topic]: true };
  return kinds.some((kind) => rules[kind].topic === topic && isTold(kind, "push", { role, choices }));
}

/**
 * The page of the console where something can be done: the topic's or the kind's own; for somebody with these scopes who
 * may not see that one, the chats, for which they hear of it.
 */
export function pageOfNotice(kind: NoticeKind, scopes?: Scopes): string {
  const { topic, scope = topics[topic].scope, page = topics[topic].page } = rules[kind];
  const isOpen = scopes === undefined || scopes.has(scope);
  return isOpen ? page : topics.conversations.page;
}

/** Whether it is done about on a page of its own rather than in the chat with its customer. */
export function hasOwnPage(kind: NoticeKind): boolean {
  return rules[kind].page !== undefined;
}

type Scopes = { has(scope: Scope): boolean };

function maySee(kind: NoticeKind, scopes: Scopes): boolean {
  const { topic, scope = topics[topic].scope, alsoFor } = rules[kind];
  return scopes.has(scope) || (alsoFor !== undefined && scopes.has(alsoFor));
}
