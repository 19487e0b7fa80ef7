import type { Language } from "../shop/policies.ts";
import type { PrivacyDenial, PrivacyKind } from "./privacy-request.ts";

type OfRequest = { kind: PrivacyKind };
/** Where the request can be followed; the code is in the address. */
type WithStatus = OfRequest & { statusUrl: string };

/** What code says to a customer about a request, in the chat. */
export type PrivacyTexts = {
  /** Asks to confirm, by a tap. */
  confirm(facts: OfRequest): string;
  open(facts: WithStatus): string;
  /** It was accepted. `windowHours`: so long a deletion can be taken back. */
  received(facts: WithStatus & { windowHours: number; isForJudgement: boolean }): string;
  kept(): string;
  cancelled(facts: OfRequest): string;
  tooLate(facts: OfRequest): string;
  done(facts: WithStatus): string;
  denied(facts: WithStatus & { denial: PrivacyDenial; reason: string | null }): string;
  /** At most 20 characters each. */
  titles: { yes: string; no: string; keep: string };
};

const rightsEn: Record<PrivacyKind, string> = {
  access: "see the data that this shop keeps about you",
  portability: "get a copy of your data",
  correction: "have your data corrected",
  deletion: "have your data deleted for good",
  restriction: "stop the use of your data",
  objection: "stop what you object to",
};

const denialsEn: Record<PrivacyDenial, string> = {
  identity_in_doubt: "it could not be shown that the data is yours",
  law_demands_keeping: "the law demands that this data is kept",
  rights_of_others: "it would touch the rights of other people",
  unfounded: "the request has no ground in the data that is kept",
  data_is_right: "the data was checked and found right",
};

const doneEn: Record<PrivacyKind, string> = {
  access: "The answer to your request is ready: what this shop keeps about you.",
  portability: "Your copy of your data is ready.",
  correction: "Your data was corrected.",
  deletion: "Your data was deleted.",
  restriction: "Your data is stored from now on and not used any more.",
  objection: "What you objected to has stopped.",
};

const english: PrivacyTexts = {
  confirm: ({ kind }) =>
    `You would like to ${rightsEn[kind]}. Is that right? Nothing happens until you tap Yes.` +
    (kind === "deletion"
      ? " Orders that are paid and not delivered go on, and what the law demands is kept until its time is over."
      : ""),
  open: ({ statusUrl }) => `Your request is being worked on. You can follow it here: ${statusUrl}`,
  received: ({ kind, windowHours, isForJudgement, statusUrl }) =>
    [
      `Your request to ${rightsEn[kind]} has been received.`,
      ...(kind === "deletion" && !isForJudgement
        ? [
            `Your data is not used any more. It will be deleted in ${windowHours} hours; until then you can take it back by sending “keep my data”.`,
          ]
        : []),
      ...(isForJudgement ? ["The shop will look at it and answer you within 30 days at most."] : []),
      `You can follow it here: ${statusUrl}`,
    ].join(" "),
  kept: () => "All kind, nothing was changed.",
  cancelled: ({ kind }) =>
    kind === "deletion"
      ? "Your request was taken back. Your data stays as it is."
      : "Your request was taken back.",
  tooLate: () => "Your request is being carried out and can no longer be taken back.",
  done: ({ kind, statusUrl }) =>
    kind === "access" || kind === "portability" ? `${doneEn[kind]} Open it here: ${statusUrl}` : doneEn[kind],
  denied: ({ kind, denial, reason, statusUrl }) =>
    [
      `Your request to ${rightsEn[kind]} was denied, because ${denialsEn[denial]}.`,
      ...(reason === null ? [] : [`The reason in their words: “${reason}”`]),
      `If you think that this is wrong, here is how to have somebody else look at it: ${statusUrl}`,
    ].join(" "),
  titles: { yes: "Yes, please", no: "No", keep: "Keep my data" },
};

const rightsMy: Record<PrivacyKind, string> = {
  access: "ဒီဆိုင်က သိမ်းထားတဲ့ သင့်အချက်အလက်တွေကို ကြည့်ဖို့",
  portability: "သင့်အချက်အလက်မိတ္တူ ရယူဖို့",
  correction: "သင့်အချက်အလက်တွေ ပြင်ဖို့",
  deletion: "သင့်အချက်အလက်တွေ အပြီးဖျက်ဖို့",
  restriction: "သင့်အချက်အလက်တွေ မသုံးဖို့",
  objection: "သင် မလိုလားတဲ့ အသုံးပြုမှုကို ရပ်ဖို့",
};

const denialsMy: Record<PrivacyDenial, string> = {
  identity_in_doubt: "အချက်အလက်က သင့်ဟာဖြစ်ကြောင်း အတည်မပြုနိုင်လို့",
  law_demands_keeping: "ဥပဒေအရ ဒီအချက်အလက်ကို သိမ်းထားရမှာမို့",
  rights_of_others: "တခြားသူတွေရဲ့ အခွင့်အရေးကို ထိခိုက်နိုင်လို့",
  unfounded: "သိမ်းထားတဲ့ အချက်အလက်နဲ့ မသက်ဆိုင်လို့",
  data_is_right: "စစ်ဆေးတဲ့အခါ အချက်အလက် မှန်ကန်နေလို့",
};

const doneMy: Record<PrivacyKind, string> = {
  access: "သိမ်းထားတဲ့ သင့်အချက်အလက်တွေ အဆင်သင့်ဖြစ်ပါပြီ။",
  portability: "သင့်အချက်အလက်မိတ္တူ အဆင်သင့်ဖြစ်ပါပြီ။",
  correction: "သင့်အချက်အလက်တွေ ပြင်ပြီးပါပြီ။",
  deletion: "သင့်အချက်အလက်တွေ ဖျက်ပြီးပါပြီ။",
  restriction: "အခုကစပြီး သင့်အချက်အလက်တွေကို သိမ်းထားရုံပဲ သိမ်းပြီး အသုံးမပြုတော့ပါ။",
  objection: "သင် မလိုလားတဲ့ အသုံးပြုမှုကို ရပ်လိုက်ပါပြီ။",
};

const burmese: PrivacyTexts = {
  confirm: ({ kind }) =>
    `${rightsMy[kind]} တောင်းဆိုတာ ဟုတ်ပါသလား။ “ဟုတ်ကဲ့” ကို နှိပ်မှသာ ဆောင်ရွက်ပါမယ်။` +
    (kind === "deletion"
      ? " ငွေပေးပြီး မရောက်သေးတဲ့ အော်ဒါတွေ ဆက်သွားမှာဖြစ်ပြီး ဥပဒေအရ သိမ်းရမယ့်အရာတွေကို အချိန်စေ့တဲ့အထိ သိမ်းထားပါမယ်။"
      : ""),
  open: ({ statusUrl }) => `သင့်တောင်းဆိုမှုကို ဆောင်ရွက်နေပါတယ်။ ဒီမှာ ကြည့်နိုင်ပါတယ် - ${statusUrl}`,
  received: ({ kind, windowHours, isForJudgement, statusUrl }) =>
    [
      `${rightsMy[kind]} တောင်းဆိုမှုကို လက်ခံရရှိပါပြီ။`,
      ...(kind === "deletion" && !isForJudgement
        ? [
            `သင့်အချက်အလက်တွေကို မသုံးတော့ပါ။ ${windowHours} နာရီအကြာမှာ ဖျက်ပါမယ်။ အဲဒီမတိုင်ခင် “မဖျက်ပါနဲ့” လို့ ပို့ပြီး ပြန်ရုပ်သိမ်းနိုင်ပါတယ်။`,
          ]
        : []),
      ...(isForJudgement ? ["ဆိုင်က စစ်ပြီး အများဆုံး ရက် ၃၀ အတွင်း ပြန်ဖြေပါမယ်။"] : []),
      `ဒီမှာ ကြည့်နိုင်ပါတယ် - ${statusUrl}`,
    ].join(" "),
  kept: () => "ဟုတ်ကဲ့ပါ၊ ဘာမှ မပြောင်းပါဘူး။",
  cancelled: ({ kind }) =>
    kind === "deletion" ? "တောင်းဆိုမှုကို ပြန်ရုပ်သိမ်းပြီးပါပြီ။ သင့်အချက်အလက်တွေ ဒီအတိုင်း ရှိပါမယ်။" : "တောင်းဆိုမှုကို ပြန်ရုပ်သိမ်းပြီးပါပြီ။",
  tooLate: () => "တောင်းဆိုမှုကို ဆောင်ရွက်နေပြီဖြစ်လို့ ပြန်ရုပ်သိမ်းလို့ မရတော့ပါ။",
  done: ({ kind, statusUrl }) =>
    kind === "access" || kind === "portability" ? `${doneMy[kind]} ဒီမှာ ဖွင့်ကြည့်ပါ - ${statusUrl}` : doneMy[kind],
  denied: ({ kind, denial, reason, statusUrl }) =>
    [
      `${denialsMy[denial]} ${rightsMy[kind]} တောင်းဆိုမှုကို လက်မခံနိုင်ပါ။`,
      ...(reason === null ? [] : [`သူတို့ရေးထားတဲ့ အကြောင်းရင်း - “${reason}”`]),
      `မှားယွင်းတယ်လို့ ထင်ရင် တခြားသူတစ်ယောက် ပြန်ကြည့်ပေးဖို့ ဒီမှာ ဖတ်ပါ - ${statusUrl}`,
    ].join(" "),
  titles: { yes: "ဟုတ်ကဲ့", no: "မဟုတ်ပါ", keep: "မဖျက်ပါနဲ့" },
};

const textsOf: Record<Language, PrivacyTexts> = { en: english, my: burmese };

export function privacyTexts(language: Language): PrivacyTexts {
  return textsOf[language];
}
