import { noticeFacts, noticeText } from "../order/notice-texts.ts";
import type { Language } from "../shop/policies.ts";
import type { MailData } from "./mail-texts.ts";

/** Where the link goes: a line of its own, since a name in another line, whatever it says, gets no link. */
export const linkLine = "{link}";

/** A mail without its link. */
export type MailDraft = { subject: string; lines: string[] };

export function lookAt(subject: string, line: string): MailDraft {
  return { subject, lines: [line, "", linkLine] };
}

/** What the push says, with the shop that it is about, and the invoice that there is now. */
export function noticeDraft(data: MailData, language: Language): MailDraft {
  const { notice = "attestation_due", shopName = "", facts = {} } = data;
  const { title, body } = noticeText(notice, noticeFacts(facts), language);
  const number = facts.invoiceNumber;
  const invoice = number === undefined ? [] : [`${language === "my" ? "ပြေစာ" : "Invoice"}: ${number}`];
  return { subject: title, lines: [`${shopName}: ${body}`, ...invoice, "", "{link}"] };
}
