import type { NoticeData, NoticeKind } from "../order/notice-texts.ts";
import type { Language } from "../shop/policies.ts";
import { linkLine } from "./mail-draft.ts";
import type { MailDraft } from "./mail-draft.ts";
import { mailTextsEn } from "./mail-texts-en.ts";
import { mailTextsMy } from "./mail-texts-my.ts";
import { pageOfNotice } from "./notice-topics.ts";
import type { SuspensionReason } from "./suspension.ts";

export type MailKind =
  | "verify_email"
  | "address_taken"
  | "reset_password"
  | "password_changed"
  | "change_email"
  | "email_changed"
  | "account_suspended"
  | "account_reinstated"
  | "appeal_refused"
  | "new_device"
  | "factor_confirmed"
  | "factor_removed"
  | "recovery_code_used"
  | "invitation"
  | "owner_notice"
  | "application_decided"
  | "earnings_held"
  | "flag_decided"
  | "privacy_answered"
  | "privacy_waits"
  | "privacy_waits_long"
  | "upgrade_waits"
  | "upgrade_waits_long"
  | "payout_waits"
  | "payout_waits_long"
  | "breach_alarm"
  | "ticket_waits"
  | "ticket_waits_long"
  | "breach_notice"
  | "access_review_waits";

/** Codes, amounts, dates, numbers of invoices and names of shops; never a person's data. */
export type MailData = {
  shopName?: string;
  reason?: SuspensionReason;
  notice?: NoticeKind;
  /** Where its reader can do something about the notice. */
  page?: string;
  facts?: NoticeData;
};

/** What only the account's key opens. */
export type MailSecret = {
  /** Of the link in the mail. */
  token?: string;
  /** Another address than the account's: the new one, or the old one. */
  to?: string;
  /** All that the mail says, above its link. */
  words?: string;
};

export type MailText = { subject: string; body: string };

/** The page that a mail leads to; the token travels nowhere but there. */
const pageOf: Record<MailKind, string> = {
  verify_email: "/console/verify",
  address_taken: "/console/sign-in",
  reset_password: "/console/reset",
  password_changed: "/console/forgot",
  change_email: "/console/confirm-email",
  email_changed: "/console/forgot",
  account_suspended: "/console/appeal",
  account_reinstated: "/console/sign-in",
  appeal_refused: "/console/appeal",
  new_device: "/console/account",
  factor_confirmed: "/console/account",
  factor_removed: "/console/account",
  recovery_code_used: "/console/account",
  invitation: "/console/join",
  owner_notice: "/console/notices",
  application_decided: "/console/referral",
  earnings_held: "/console/referral",
  flag_decided: "/console/referral",
  privacy_answered: "/console/account",
  privacy_waits: "/console/account",
  privacy_waits_long: "/console/account",
  upgrade_waits: "/console/admin/upgrades",
  upgrade_waits_long: "/console/admin/upgrades",
  payout_waits: "/console/admin/payouts",
  payout_waits_long: "/console/admin/payouts",
  breach_alarm: "/console/admin",
  ticket_waits: "/console/admin",
  ticket_waits_long: "/console/admin",
  breach_notice: "/console/account",
  access_review_waits: "/console/admin",
};

const texts: Record<Language, Record<MailKind, (data: MailData) => MailDraft>> = {
  en: mailTextsEn,
  my: mailTextsMy,
};

type Given = {
  data: MailData;
  token: string | undefined;
  /** Instead of the kind's own lines. */
  words?: string | undefined;
  publicUrl: string;
  /** Where the people are who help; absent: no mail names any. */
  supportEmail?: string | undefined;
};

const supportWord: Record<Language, string> = { en: "Support", my: "အကူအညီအဖွဲ့" };

/** A mail as plain text: what happened, the link, and what to do if it was somebody else. */
export function mailText(
  kind: MailKind,
  { data, token, words, publicUrl, supportEmail }: Given,
  language: Language,
): MailText {
  const { subject, lines: own } = texts[language][kind](data);
  const lines = words === undefined ? own : [words, "", linkLine];
  const page = data.page ?? (data.notice === undefined ? pageOf[kind] : pageOfNotice(data.notice));
  const link = `${publicUrl}${page}${token === undefined ? "" : `?token=${token}`}`;
  const body = lines.map((line) => (line === linkLine ? link : line)).join("\n");
  const support = supportEmail === undefined ? "" : `${supportWord[language]}: ${supportEmail}\n`;
  return { subject, body: `${body}\n\nShopthread\n${support}` };
}
