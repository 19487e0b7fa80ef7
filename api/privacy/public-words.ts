import type { PrivacyDenial, PrivacyKind, PrivacyState } from "../../domain/privacy/privacy-request.ts";
import type { Language } from "../../domain/shop/policies.ts";

/** What the public pages about privacy say. */
export type PublicWords = {
  title: string;
  lead: string;
  doors: string[];
  ask(shopName: string): string;
  kinds: Record<PrivacyKind, string>;
  send: string;
  made: string;
  sendCode: string;
  follow: string;
  statusTitle: string;
  unknown: string;
  states: Record<PrivacyState, string>;
  forgotten: string;
  denials: Record<PrivacyDenial, string>;
  appeal(supportEmail: string | undefined): string;
  received: string;
  due: string;
  takeBack: string;
  ended: string;
  packageLink: string;
  packageUntil: string;
  packageGone: string;
};

const english: PublicWords = {
  title: "Your data: ask for it, or have it deleted",
  lead: "Shops use Shopthread to answer their customers on Messenger. This page is for everybody whose data is kept there.",
  doors: [
    "Customers: write to the shop in Messenger “delete my data”, “what data do you have” or “stop using AI”. You confirm it by a tap, and that is all.",
    "Owners and staff: sign in, and ask for it in your account.",
    "Whoever removed our app at Facebook: what your login gave us is deleted, and Facebook shows you a code for the page of your request.",
    "Deleted is what can be: chats, names, phone numbers, addresses and pictures. Records of payments are kept for as long as the law demands, without a name.",
    "Every request is answered within 30 days, most within three.",
  ],
  ask: (shopName) => `What do you ask of ${shopName}?`,
  kinds: {
    access: "What do you keep about me?",
    portability: "A copy of my data",
    correction: "Correct my data",
    deletion: "Delete my data",
    restriction: "Stop using my data",
    objection: "No AI on my messages",
  },
  send: "Ask",
  made: "Your code. It is shown only once:",
  sendCode:
    "Send this code to the shop in Messenger within three days. So the shop sees that it is you; without it nothing happens.",
  follow: "Follow your request here:",
  statusTitle: "Your request",
  unknown: "There is no request with this code.",
  states: {
    received:
      "It has been received. It is not confirmed yet: send the code to the shop in Messenger, and tap Yes.",
    verified: "It is accepted.",
    waiting: "It is accepted. The data is not used any more, and will be deleted.",
    with_owner: "It is accepted, and somebody is looking at it.",
    in_progress: "It is being carried out.",
    finalising: "It is done; the last steps are under way.",
    completed: "It is done.",
    denied: "It was denied.",
    cancelled: "It was taken back.",
    lapsed: "Nobody confirmed it in time, so nothing was done. You can ask again.",
  },
  forgotten:
    "What your Facebook login gave us is deleted: the keys to your Pages, and the number by which we knew your login. An account at Shopthread is deleted in the account itself.",
  denials: {
    identity_in_doubt: "It could not be shown that the data is yours.",
    law_demands_keeping: "The law demands that this data is kept.",
    rights_of_others: "It would touch the rights of other people.",
    unfounded: "It has no ground in the data that is kept.",
    data_is_right: "The data was checked and found right.",
  },
  appeal: (supportEmail) =>
    `If you think that this is wrong, write to ${supportEmail ?? "Shopthread, the platform behind the shop,"} and name your code: somebody else looks at it. You may also turn to the authority for data protection of your country.`,
  received: "Received",
  due: "Answered at the latest by",
  takeBack: "Can be taken back until",
  ended: "Ended",
  packageLink: "Download the copy of your data",
  packageUntil: "To be downloaded until",
  packageGone: "The copy of your data is not here any more. Ask again, and a new one is made.",
};

const burmese: PublicWords = {
  title: "သင့်အချက်အလက် - ကြည့်ရန်၊ ဖျက်ရန်",
  lead: "ဆိုင်တွေက Messenger မှာ ဝယ်သူတွေကို ဖြေဖို့ Shopthread ကို သုံးပါတယ်။ ဒီစာမျက်နှာက အချက်အလက် သိမ်းခံထားရသူ အားလုံးအတွက်ပါ။",
  doors: [
    "ဝယ်သူများ - Messenger မှာ ဆိုင်ကို “ဒေတာဖျက်ပေးပါ”၊ “ဘာဒေတာတွေသိမ်းထားလဲ”၊ “AI မသုံးပါနဲ့” လို့ ရေးပါ။ ခလုတ်တစ်ချက်နှိပ်ပြီး အတည်ပြုရုံပါပဲ။",
    "ဆိုင်ရှင်နဲ့ ဝန်ထမ်းများ - အကောင့်ဝင်ပြီး အကောင့်ထဲမှာ တောင်းဆိုပါ။",
    "Facebook မှာ ကျွန်ုပ်တို့အက်ပ်ကို ဖယ်ရှားသူများ - သင့် login ကရတဲ့အရာတွေကို ဖျက်ပြီး Facebook က ကုဒ်တစ်ခု ပြပါတယ်။",
    "ဖျက်နိုင်တာတွေ - စကားပြောမှတ်တမ်း၊ အမည်၊ ဖုန်း၊ လိပ်စာ၊ ပုံများ။ ငွေပေးချေမှုမှတ်တမ်းကို ဥပဒေအရ လိုအပ်သလောက် အမည်မပါဘဲ သိမ်းပါတယ်။",
    "တောင်းဆိုမှုတိုင်းကို ရက် ၃၀ အတွင်း၊ အများစုကို သုံးရက်အတွင်း ဖြေပါတယ်။",
  ],
  ask: (shopName) => `${shopName} ကို ဘာတောင်းဆိုချင်ပါသလဲ။`,
  kinds: {
    access: "ကျွန်ုပ်အကြောင်း ဘာတွေသိမ်းထားသလဲ",
    portability: "အချက်အလက်မိတ္တူ",
    correction: "အချက်အလက်ပြင်ရန်",
    deletion: "အချက်အလက်ဖျက်ရန်",
    restriction: "အချက်အလက်မသုံးရန်",
    objection: "AI မသုံးရန်",
  },
  send: "တောင်းဆိုမည်",
  made: "သင့်ကုဒ် (တစ်ကြိမ်သာ ပြပါမယ်) -",
  sendCode: "ဒီကုဒ်ကို သုံးရက်အတွင်း Messenger မှာ ဆိုင်ကို ပို့ပါ။ သင်ဖြစ်ကြောင်း ဆိုင်က သိနိုင်ပါမယ်။ မပို့ရင် ဘာမှ မဆောင်ရွက်ပါ။",
  follow: "တောင်းဆိုမှုကို ဒီမှာ ကြည့်ပါ -",
  statusTitle: "သင့်တောင်းဆိုမှု",
  unknown: "ဒီကုဒ်နဲ့ တောင်းဆိုမှု မရှိပါ။",
  states: {
    received: "လက်ခံရရှိပါပြီ။ အတည်မပြုရသေးပါ - ကုဒ်ကို Messenger မှာ ဆိုင်ကို ပို့ပြီး “ဟုတ်ကဲ့” ကို နှိပ်ပါ။",
    verified: "လက်ခံပြီးပါပြီ။",
    waiting: "လက်ခံပြီးပါပြီ။ အချက်အလက်တွေကို မသုံးတော့ဘဲ ဖျက်ပါမယ်။",
    with_owner: "လက်ခံပြီး စစ်ဆေးနေပါတယ်။",
    in_progress: "ဆောင်ရွက်နေပါတယ်။",
    finalising: "ဆောင်ရွက်ပြီး နောက်ဆုံးအဆင့် ကျန်ပါတယ်။",
    completed: "ပြီးပါပြီ။",
    denied: "လက်မခံနိုင်ပါ။",
    cancelled: "ပြန်ရုပ်သိမ်းပြီးပါပြီ။",
    lapsed: "အချိန်မီ အတည်မပြုလို့ ဘာမှ မဆောင်ရွက်ပါ။ ထပ်တောင်းဆိုနိုင်ပါတယ်။",
  },
  forgotten:
    "သင့် Facebook login ကရတဲ့ Page သော့များနဲ့ login နံပါတ်ကို ဖျက်ပြီးပါပြီ။ Shopthread အကောင့်ကို အကောင့်ထဲမှာ ဖျက်နိုင်ပါတယ်။",
  denials: {
    identity_in_doubt: "အချက်အလက်က သင့်ဟာဖြစ်ကြောင်း အတည်မပြုနိုင်ပါ။",
    law_demands_keeping: "ဥပဒေအရ ဒီအချက်အလက်ကို သိမ်းထားရပါတယ်။",
    rights_of_others: "တခြားသူတွေရဲ့ အခွင့်အရေးကို ထိခိုက်နိုင်ပါတယ်။",
    unfounded: "သိမ်းထားတဲ့ အချက်အလက်နဲ့ မသက်ဆိုင်ပါ။",
    data_is_right: "စစ်ဆေးတဲ့အခါ အချက်အလက် မှန်ကန်ပါတယ်။",
  },
  appeal: (supportEmail) =>
    `မှားယွင်းတယ်လို့ ထင်ရင် ${supportEmail ?? "ဆိုင်ရဲ့နောက်က Shopthread"} ကို သင့်ကုဒ်နဲ့အတူ ရေးပါ၊ တခြားသူတစ်ယောက် ပြန်ကြည့်ပေးပါမယ်။ သင့်နိုင်ငံရဲ့ အချက်အလက်ကာကွယ်ရေး အာဏာပိုင်ကိုလည်း တိုင်ကြားနိုင်ပါတယ်။`,
  received: "လက်ခံရရှိချိန်",
  due: "နောက်ဆုံးဖြေရမည့်ရက်",
  takeBack: "ပြန်ရုပ်သိမ်းနိုင်သည့် နောက်ဆုံးအချိန်",
  ended: "ပြီးဆုံးချိန်",
  packageLink: "သင့်အချက်အလက် မိတ္တူကို ဒေါင်းလုဒ်လုပ်ပါ",
  packageUntil: "ဒေါင်းလုဒ်လုပ်နိုင်တဲ့ နောက်ဆုံးအချိန်",
  packageGone: "သင့်အချက်အလက် မိတ္တူ မရှိတော့ပါ။ ထပ်တောင်းဆိုရင် အသစ်လုပ်ပေးပါမယ်။",
};

export const publicWords: Record<Language, PublicWords> = { en: english, my: burmese };
