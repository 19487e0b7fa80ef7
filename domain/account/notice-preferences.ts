import { noticeText } from "../order/notice-texts.ts";
import type { NoticeKind } from "../order/notice-texts.ts";
import type { Language } from "../shop/policies.ts";
import { mailText } from "./mail-texts.ts";
import type { MailKind } from "./mail-texts.ts";
import { criticalKinds, hearsOf, isOn, noticeTopics, seenKinds } from "./notice-topics.ts";
import type { NoticeChannel, NoticeChoices, NoticeTopic } from "./notice-topics.ts";
import type { MembershipRole } from "./roles.ts";
import { scopesOf } from "./scopes.ts";

/** What waits for admins of the platform. */
export type ApprovalMail =
  | "upgrade_waits"
  | "upgrade_waits_long"
  | "payout_waits"
  | "payout_waits_long"
  | "breach_alarm"
  | "ticket_waits"
  | "ticket_waits_long"
  | "access_review_waits"
  | "privacy_waits"
  | "privacy_waits_long";

type MailRule = { topic: "security" } | { topic: "approvals" | "referral"; isCritical: boolean };

/** Null: it was asked for, or it is the mail of a notice. */
const mailRules: Record<MailKind, MailRule | null> = {
  verify_email: null,
  address_taken: null,
  reset_password: null,
  change_email: null,
  invitation: null,
  privacy_answered: null,
  owner_notice: null,
  application_decided: null,
  earnings_held: { topic: "referral", isCritical: true },
  flag_decided: { topic: "referral", isCritical: true },
  password_changed: { topic: "security" },
  email_changed: { topic: "security" },
  account_suspended: { topic: "security" },
  account_reinstated: { topic: "security" },
  appeal_refused: { topic: "security" },
  new_device: { topic: "security" },
  factor_confirmed: { topic: "security" },
  factor_removed: { topic: "security" },
  recovery_code_used: { topic: "security" },
  upgrade_waits: { topic: "approvals", isCritical: false },
  upgrade_waits_long: { topic: "approvals", isCritical: true },
  payout_waits: { topic: "approvals", isCritical: false },
  payout_waits_long: { topic: "approvals", isCritical: true },
  breach_alarm: { topic: "approvals", isCritical: true },
  ticket_waits: { topic: "approvals", isCritical: false },
  ticket_waits_long: { topic: "approvals", isCritical: true },
  breach_notice: { topic: "security" },
  access_review_waits: { topic: "approvals", isCritical: true },
  privacy_waits: { topic: "approvals", isCritical: false },
  privacy_waits_long: { topic: "approvals", isCritical: true },
};

export type ToldKind = NoticeKind | MailKind;

export type NoticePreference = {
  topic: NoticeTopic;
  /** Null: it never goes that way. */
  push: boolean | null;
  email: boolean | null;
  /** Nothing of it can be switched off. */
  isFixed: boolean;
  /** Told whatever was chosen, by the channels that the topic has at first; of what the person may see. */
  alwaysTold: ToldKind[];
};

type Person = {
  /** In any of the account's shops. */
  roles: readonly MembershipRole[];
  isOfPlatform: boolean;
  choices: Record<NoticeChannel, NoticeChoices>;
};

/** What an account may choose about: the topics of which it hears anything. */
export function listPreferences({ roles, isOfPlatform, choices }: Person): NoticePreference[] {
  const isHeard = (topic: NoticeTopic) =>
    topic === "security" ||
    (topic === "approvals" ? isOfPlatform : roles.some((role) => hearsOf(topic, role)));
  return noticeTopics.filter(isHeard).map((topic) => ({
    topic,
    push: isOn(topic, "push", choices.push),
    email: isOn(topic, "email", choices.email),
    isFixed: isFixed(topic),
    alwaysTold: alwaysTold(topic).filter(
      (kind) => isMail(kind) || roles.some((role) => seesKind(kind, role)),
    ),
  }));
}

/** Of the security of the account everything is told. */
export function isFixed(topic: NoticeTopic): boolean {
  return topic === "security";
}

export function isCriticalMail(kind: ApprovalMail): boolean {
  return criticalMails("approvals").includes(kind);
}

export function alwaysTold(topic: NoticeTopic): ToldKind[] {
  return [...criticalKinds(topic), ...criticalMails(topic)];
}

function seesKind(kind: NoticeKind, role: MembershipRole): boolean {
  return seenKinds(scopesOf[role]).includes(kind);
}

/** As the notice or the mail is headed. */
export function titleOf(kind: ToldKind, language: Language): string {
  if (!isMail(kind)) return noticeText(kind, { orderNumber: null, amount: null }, language).title;
  return mailText(kind, { data: {}, token: undefined, publicUrl: "" }, language).subject;
}

function isMail(kind: ToldKind): kind is MailKind {
  return Object.hasOwn(mailRules, kind);
}

function criticalMails(topic: NoticeTopic): MailKind[] {
  const all = Object.entries(mailRules) as [MailKind, MailRule | null][];
  return all.flatMap(([kind, rule]) =>
    rule !== null && rule.topic === topic && (rule.topic === "security" || rule.isCritical) ? [kind] : [],
  );
}
