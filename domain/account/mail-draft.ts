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

const documents = {
  en: { invoiceNumber: "Invoice", creditNoteNumber: "Credit note" },
  my: { invoiceNumber: "ပြေစာ", creditNoteNumber: "ငွေပြန်ရုပ်သိမ်းလွှာ" },
} as const satisfies Record<Language, object>;

/** What the push says, with the shop that it is about, and the document that there is now. */
export function noticeDraft(data: MailData, language: Language): MailDraft {
  const { notice = "attestation_due", shopName = "", facts = {} } = data;
  const { title, body } = noticeText(notice, noticeFacts(facts), language);
  const named = (["invoiceNumber", "creditNoteNumber"] as const).flatMap((name) =>
    facts[name] === undefined ? [] : [`${documents[language][name]}: ${facts[name]}`],
  );
  return { subject: title, lines: [`${shopName}: ${body}`, ...named, "", "{link}"] };
}
