import { createHash } from "node:crypto";

import type { Language } from "../shop/policies.ts";

/** What a person agrees to at sign-up. `processing_abroad`: an acknowledgement that data may leave their country; `adult`: that they are 18. */
export const policyNames = ["terms", "privacy", "processing_abroad", "adult"] as const;
export type PolicyName = (typeof policyNames)[number];

/** What an owner states about a shop when it is opened, and is reminded of each year. */
export const attestationKinds = ["lawful_basis", "consumer_law"] as const;
export type AttestationKind = (typeof attestationKinds)[number];

export type Statement = { version: string; text: Record<Language, string> };

/**
 * In force until another version is published and takes effect. A new wording is a new version: what was accepted before
 * stays recorded as what it was.
 */
export const currentPolicies: Record<PolicyName, Statement> = {
  terms: {
    version: "2026-11",
    text: {
      en: "I accept the terms of service.",
      my: "ဝန်ဆောင်မှု စည်းကမ်းချက်များကို လက်ခံပါတယ်။",
    },
  },
  privacy: {
    version: "2026-11",
    text: {
      en: "I have read the privacy policy and agree to how my data are used.",
      my: "ကိုယ်ရေးအချက်အလက် မူဝါဒကို ဖတ်ပြီး အချက်အလက် အသုံးပြုပုံကို သဘောတူပါတယ်။",
    },
  },
  processing_abroad: {
    version: "2026-11",
    text: {
      en: "I acknowledge that data may be stored and processed outside Myanmar.",
      my: "အချက်အလက်များကို မြန်မာနိုင်ငံပြင်ပမှာ သိမ်းဆည်း၊ အသုံးပြုနိုင်တာကို သိရှိပါတယ်။",
    },
  },
  adult: {
    version: "2026-11",
    text: {
      en: "I am 18 years old or older.",
      my: "ကျွန်ုပ်ဟာ အသက် ၁၈ နှစ် ပြည့်ပြီးသူ ဖြစ်ပါတယ်။",
    },
  },
};

/** SHA-256 of a wording in all its languages, hexadecimal: what stands beside an acceptance. */
export function wordingHash(
  policy: PolicyName,
  { version, text }: Statement = currentPolicies[policy],
): string {
  return createHash("sha256")
    .update(JSON.stringify([policy, version, text]))
    .digest("hex");
}

export const currentAttestations: Record<AttestationKind, Statement> = {
  lawful_basis: {
    version: "2026-11",
    text: {
      en: "My shop has a lawful basis for the customer data that it collects and uses.",
      my: "ကျွန်ုပ်ရဲ့ဆိုင်ဟာ ဝယ်သူအချက်အလက်တွေကို ဥပဒေနဲ့အညီ စုဆောင်းအသုံးပြုပါတယ်။",
    },
  },
  consumer_law: {
    version: "2026-11",
    text: {
      en: "My shop complies with the consumer protection and data protection laws that apply to it.",
      my: "ကျွန်ုပ်ရဲ့ဆိုင်ဟာ သက်ဆိုင်ရာ စားသုံးသူကာကွယ်ရေးနဲ့ အချက်အလက်ကာကွယ်ရေး ဥပဒေတွေကို လိုက်နာပါတယ်။",
    },
  },
};

export const attestationYearMs = 365 * 24 * 60 * 60_000;

/**
 * Of which year's reminder it is time, 1 for the first; 0: of none yet. `since` is the newest attestation, or, where the
 * owner never gave one, the day the shop was opened.
 */
export function attestationYearsPast(since: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - since.getTime()) / attestationYearMs));
}
