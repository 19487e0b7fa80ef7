import { createHash } from "node:crypto";

import type { Statement } from "../account/policies.ts";

/** What is done only with the person's own yes, each by itself. */
export const consentPurposes = ["marketing", "improvement"] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

/** By which way it reaches the person; a yes to one is none to another. */
export const consentChannels = ["messenger", "email"] as const;
export type ConsentChannel = (typeof consentChannels)[number];

/** How it was said: in the chat, by the owner of the shop on the person's behalf, by a request. Only a no comes by the last two. */
export type ConsentDoor = "chat" | "owner" | "request";

/** What is asked, of a shop's customer. A new wording is a new version; a yes to the one before holds. */
export const consentWordings: Record<ConsentPurpose, Statement> = {
  marketing: {
    version: "2026-11",
    text: {
      en: "May this shop send you its offers and promotions here? You can stop them at any time: send “stop promotions”.",
      my: "ဒီဆိုင်က ပရိုမိုးရှင်းတွေကို ဒီမှာ ပို့ပေးလို့ ရမလား။ အချိန်မရွေး ရပ်နိုင်ပါတယ်၊ “ပရိုမိုးရှင်းရပ်” လို့ ပို့ပါ။",
    },
  },
  improvement: {
    version: "2026-11",
    text: {
      en: "May your conversations, without your name, phone or address, be used to make the assistant better? You can stop this at any time.",
      my: "အမည်၊ ဖုန်း၊ လိပ်စာ မပါဘဲ သင့်စကားဝိုင်းတွေကို အလိုအလျောက်စနစ် ပိုကောင်းအောင် သုံးလို့ ရမလား။ အချိန်မရွေး ရပ်နိုင်ပါတယ်။",
    },
  },
};

/** SHA-256 of the current wording in all its languages, hexadecimal. */
export function consentHash(purpose: ConsentPurpose): string {
  const { version, text } = consentWordings[purpose];
  return createHash("sha256")
    .update(JSON.stringify([purpose, version, text]))
    .digest("hex");
}
