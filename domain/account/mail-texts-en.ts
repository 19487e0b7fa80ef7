import { breachTitle } from "../breach/notice.ts";
import { lookAt, noticeDraft } from "./mail-draft.ts";
import type { MailDraft } from "./mail-draft.ts";
import type { MailData, MailKind } from "./mail-texts.ts";
import type { SuspensionReason } from "./suspension.ts";

/** The mails in English. */
export const mailTextsEn: Record<MailKind, (data: MailData) => MailDraft> = {
  verify_email: () => ({
    subject: "Confirm your address",
    lines: [
      "An account at Shopthread was opened with this address. If it was you, confirm it within 24 hours:",
      "",
      "{link}",
      "",
      "It needs the password that was chosen then. If you do not know it, open the account again with this address: the last password counts.",
      "",
      "If it was not you, do nothing. Nobody can use the account without this link.",
    ],
  }),
  address_taken: () => ({
    subject: "You have an account already",
    lines: [
      "Somebody tried to open an account at Shopthread with this address, which has one already. If it was you, sign in:",
      "",
      "{link}",
      "",
      "There you can also set a new password. If it was not you, do nothing: nothing was changed.",
    ],
  }),
  reset_password: () => ({
    subject: "Set a new password",
    lines: [
      "Somebody asked for a new password for this account. If it was you, set it within 30 minutes:",
      "",
      "{link}",
      "",
      "If it was not you, do nothing: the old password stays.",
    ],
  }),
  password_changed: () => ({
    subject: "Your password was changed",
    lines: [
      "The password of your Shopthread account was changed, and its other sessions were ended.",
      "",
      "If it was not you, set a new password at once:",
      "",
      "{link}",
    ],
  }),
  change_email: () => ({
    subject: "Confirm your new address",
    lines: [
      "This address is to become the address of a Shopthread account. If it is yours, confirm it within 24 hours:",
      "",
      "{link}",
      "",
      "If it is not, do nothing.",
    ],
  }),
  email_changed: () => ({
    subject: "The address of your account was changed",
    lines: [
      "Your Shopthread account has another e-mail address now; this one is no longer used.",
      "",
      "If it was not you, write to the support at once. Your account is at:",
      "",
      "{link}",
    ],
  }),
  account_suspended: ({ reason = "security" }) => ({
    subject: "Your account is suspended",
    lines: [
      `Your Shopthread account is suspended. Reason: ${reasons[reason]}.`,
      "",
      "If you think that this is wrong, write to us here:",
      "",
      "{link}",
    ],
  }),
  account_reinstated: () => ({
    subject: "Your account is open again",
    lines: ["Your Shopthread account is no longer suspended. Sign in:", "", "{link}"],
  }),
  appeal_refused: () => ({
    subject: "Your account stays suspended",
    lines: [
      "We have read what you wrote to us, and your Shopthread account stays suspended.",
      "",
      "If there is something that you have not told us, write to us again:",
      "",
      "{link}",
    ],
  }),
  new_device: () => ({
    subject: "Your account was used on a new device",
    lines: [
      "Somebody signed in to your Shopthread account on a device that it had not used before. If it was you, do nothing.",
      "",
      "If it was not you, sign out there and set a new password:",
      "",
      "{link}",
    ],
  }),
  factor_confirmed: () => ({
    subject: "Your account has a second factor now",
    lines: [
      "Signing in to your Shopthread account needs a code of an authenticator app from now on. If it was you, do nothing.",
      "",
      "If it was not you, write to the support at once. Your account is at:",
      "",
      "{link}",
    ],
  }),
  factor_removed: () => ({
    subject: "The second factor of your account was removed",
    lines: [
      "Signing in to your Shopthread account needs only the password from now on. If it was you, or you asked us for it, do nothing.",
      "",
      "If it was not you, set a new password and a new second factor at once:",
      "",
      "{link}",
    ],
  }),
  recovery_code_used: () => ({
    subject: "A recovery code of your account was used",
    lines: [
      "Somebody used a recovery code of your Shopthread account instead of a code of the app. If it was you, do nothing.",
      "",
      "If it was not you, set a new password and make new recovery codes at once:",
      "",
      "{link}",
    ],
  }),
  invitation: ({ shopName = "" }) => ({
    subject: "You are invited to a shop",
    lines: [
      `You are invited to work in the shop ${shopName} at Shopthread. Sign in, or open an account with this address first, and then follow this link within seven days:`,
      "",
      "{link}",
      "",
      "If you do not know the shop, do nothing.",
    ],
  }),
  owner_notice: (data) => noticeDraft(data, "en"),
  application_decided: () => ({
    subject: "Your application for the referral",
    lines: ["Somebody has looked at your application to take part in the referral. See here:", "", "{link}"],
  }),
  earnings_held: () =>
    lookAt(
      "Your referral earnings are held",
      "One of our rules against fraud has raised a flag about your referral. What you have earned and was not paid out is held until a person has looked at it. You can tell your side here:",
    ),
  flag_decided: () =>
    lookAt(
      "A flag about your referral is decided",
      "A person has looked at a flag about your referral. What was decided, and what it means for your earnings, stands here:",
    ),
  privacy_answered: () =>
    lookAt(
      "Your request about your data",
      "There is news about what you have asked of us about the data of your account. What was done, and what you can do if you disagree, stands here:",
    ),
  privacy_waits: () =>
    lookAt("A request about privacy waits", "Somebody's request about their own data waits for an answer:"),
  privacy_waits_long: () =>
    lookAt(
      "A request about privacy is almost overdue",
      "Somebody's request about their own data has waited for too long. The last day of its promise is near, or over:",
    ),
  upgrade_waits: () => ({
    subject: "A plan request waits",
    lines: ["A shop's request for a plan waits for a decision. Please look at the queue:", "", "{link}"],
  }),
  upgrade_waits_long: () => ({
    subject: "A plan request has waited too long",
    lines: ["A shop's request for a plan lapses soon, because nobody decided about it:", "", "{link}"],
  }),
  payout_waits: () => lookAt("A payout waits", "A referral payout waits for you. Please look at the queue:"),
  access_review_waits: () =>
    lookAt(
      "Who may do what for the platform?",
      "A review of the platform's roles waits for you. Please confirm each of them, or remove it:",
    ),
  payout_waits_long: () =>
    lookAt(
      "A payout has waited too long",
      "A referral payout has waited too long. Its participant waits for the money:",
    ),
  breach_alarm: () =>
    lookAt(
      "People are not told of a breach",
      "The clock of an incident runs, and the people whose data it concerns are not told yet. Please see to it:",
    ),
  ticket_waits: () =>
    lookAt(
      "Somebody waits for an answer",
      "Somebody wrote to us, and has no answer yet. Please look at the tickets:",
    ),
  ticket_waits_long: () =>
    lookAt(
      "Somebody has waited too long for an answer",
      "The time in which we promised an answer is almost over. Please look at the tickets:",
    ),
  breach_notice: () =>
    lookAt(breachTitle("en"), "Something has happened to data of yours. What it is stands in your account:"),
};

const reasons: Record<SuspensionReason, string> = {
  abuse: "the service was abused",
  fraud: "suspected fraud",
  legal: "a legal demand",
  payment: "a payment is open",
  security: "the security of the account",
};
