import { formatMoney } from "../money.ts";
import type { Currency, Money } from "../money.ts";
import type { Language } from "../shop/policies.ts";

export type NoticeKind =
  | "order_placed"
  | "order_cancelled"
  | "evidence_to_review"
  | "review_reminder"
  | "review_escalation"
  | "cod_to_accept"
  | "balance_reminder"
  | "ship_reminder"
  | "delivery_question"
  | "refund_due"
  | "gateway_refused"
  | "unmatched_evidence"
  | "person_asked"
  | "agent_failed"
  | "age_report"
  | "page_broken"
  | "page_restored"
  | "page_shared"
  | "message_unknown"
  | "upgrade_approved"
  | "top_up_approved"
  | "upgrade_money_owed"
  | "upgrade_rejected"
  | "upgrade_asked_again"
  | "upgrade_lapsed"
  | "payout_paid"
  | "payout_failed"
  | "credits_low"
  | "credits_very_low"
  | "credits_out"
  | "attestation_due"
  | "break_glass_opened"
  | "break_glass_ended"
  | "disclosure_made"
  | "access_review_due"
  | "policy_changed"
  | "plan_ends_soon"
  | "plan_overdue"
  | "plan_limited"
  | "plan_suspended"
  | "privacy_asked"
  | "privacy_to_answer"
  | "privacy_reminder"
  | "privacy_done_for_you"
  | "privacy_overdue"
  | "plan_reversed"
  | "top_up_reversed"
  | "breach_notice"
  | "breach_unreached";

export type NoticeText = { title: string; body: string };

/** All that a push may say: it passes through Google and a lock screen, so no name, phone, address or message. */
export type NoticeFacts = {
  orderNumber: string | null;
  amount: Money | null;
  /** Until what the notice warns of. */
  days?: number | undefined;
  /** Of people. */
  count?: number | undefined;
  /** How often something was looked at. */
  looks?: number | undefined;
};

/** What a notice keeps: order number, amount, days and counts; never personal data. */
export type NoticeData = {
  orderNumber?: string;
  amountMinor?: number;
  currency?: Currency;
  days?: number;
  count?: number;
  looks?: number;
  /** Only its mail names them. */
  invoiceNumber?: string;
  creditNoteNumber?: string;
};

export function noticeFacts({
  orderNumber,
  amountMinor,
  currency,
  days,
  count,
  looks,
}: NoticeData): NoticeFacts {
  const amount = amountMinor === undefined || currency === undefined ? null : { amountMinor, currency };
  return { orderNumber: orderNumber ?? null, amount, days, count, looks };
}

/** The push of an owner. Without an order the body is a plain sentence, otherwise `#1001 · 15,000 MMK` leads it. */
export function noticeText(kind: NoticeKind, facts: NoticeFacts, language: Language): NoticeText {
  const { title, ask } = words[language][kind];
  const lead = [
    facts.orderNumber === null ? null : `#${facts.orderNumber}`,
    facts.amount === null ? null : formatMoney(facts.amount),
    facts.days === undefined ? null : daysLeft[language](facts.days),
    facts.count === undefined ? null : peopleCounted[language](facts.count),
    facts.looks === undefined ? null : looked[language](facts.looks),
  ].filter((part) => part !== null);
  return { title, body: [...lead, ask].join(" · ") };
}

const daysLeft: Record<Language, (days: number) => string> = {
  en: (days) => (days === 1 ? "1 day left" : `${days} days left`),
  my: (days) => `${days} ရက် ကျန်`,
};

const peopleCounted: Record<Language, (count: number) => string> = {
  en: (count) => (count === 1 ? "1 person" : `${count} people`),
  my: (count) => `လူ ${count} ဦး`,
};

const looked: Record<Language, (looks: number) => string> = {
  en: (looks) => (looks === 1 ? "1 look" : `${looks} looks`),
  my: (looks) => `${looks} ကြိမ် ကြည့်`,
};

const words: Record<Language, Record<NoticeKind, { title: string; ask: string }>> = {
  en: {
    order_placed: { title: "New order", ask: "A customer placed an order." },
    order_cancelled: {
      title: "Order ended",
      ask: "It was cancelled or ran out of time; stock is free again.",
    },
    evidence_to_review: { title: "Payment to check", ask: "A payment slip is waiting for your decision." },
    review_reminder: { title: "Payment still waiting", ask: "Please check the payment slip." },
    review_escalation: { title: "Payment waiting for a day", ask: "The customer is still waiting for you." },
    cod_to_accept: { title: "Cash on delivery to accept", ask: "Accept it before the deadline." },
    balance_reminder: { title: "Part of the money is missing", ask: "Ask for the rest, or close the order." },
    ship_reminder: { title: "Paid, not shipped", ask: "Please send this order." },
    delivery_question: { title: "Did it arrive?", ask: "Mark the order as delivered when it has arrived." },
    refund_due: { title: "Refund to pay", ask: "Give the money back and record it." },
    gateway_refused: {
      title: "Payment provider refused",
      ask: "It gave no payment code, or no refund. Look at the order and at your account there.",
    },
    unmatched_evidence: { title: "Slip without an order", ask: "Link the payment slip or record a refund." },
    person_asked: { title: "A customer asks for you", ask: "Please answer in the conversation." },
    age_report: {
      title: "Perhaps a customer below 18",
      ask: "All of theirs is to be deleted within a day. Please look, and say whether it is right.",
    },
    agent_failed: { title: "The agent could not answer", ask: "Please look at the conversation." },
    page_broken: { title: "Your Page is disconnected", ask: "Messages do not arrive. Reconnect the Page." },
    policy_changed: {
      title: "What we agreed on changes",
      ask: "Please read what is different, and from when.",
    },
    attestation_due: {
      title: "Your shop's statements are a year old",
      ask: "Please confirm again that your shop complies with the law.",
    },
    break_glass_opened: {
      title: "Our staff may look into your shop",
      ask: "Two of us agreed to it, for an hour at most. What is looked at stands in your audit log.",
    },
    break_glass_ended: {
      title: "Our staff's look into your shop is over",
      ask: "What was looked at stands in your audit log.",
    },
    disclosure_made: {
      title: "The law had us give out a customer's data",
      ask: "Two of us checked the order. Your audit log names the customer.",
    },
    access_review_due: {
      title: "Who may do what in your shop?",
      ask: "Please confirm your staff, their roles and your API keys, or remove what is no longer needed.",
    },
    page_restored: {
      title: "Your Page works again",
      ask: "What came meanwhile is in the conversations; look at those that are older than a day.",
    },
    page_shared: {
      title: "Another app answers on your Page",
      ask: "Make our app the default app in the Page's settings at Facebook.",
    },
    message_unknown: {
      title: "Message may not have arrived",
      ask: "Please check the conversation before sending it again.",
    },
    upgrade_approved: { title: "Your plan is active", ask: "The payment was found. Thank you!" },
    top_up_approved: { title: "Your credits are here", ask: "The payment was found. Thank you!" },
    upgrade_money_owed: {
      title: "Your payment bought nothing",
      ask: "It came after the request had ended, or with another amount. It is given back to you.",
    },
    upgrade_rejected: { title: "Request refused", ask: "Open it to read why." },
    upgrade_asked_again: { title: "Another picture is needed", ask: "Open your request to read why." },
    upgrade_lapsed: {
      title: "Request ended",
      ask: "Its time ran out. If you have paid, hand the same proof in with a new one.",
    },
    payout_paid: { title: "Commission paid out", ask: "It was sent to your payout account." },
    payout_failed: { title: "Commission not paid out", ask: "Please check your payout account." },
    credits_low: { title: "Credits are running low", ask: "A fifth of your last credits is left." },
    credits_very_low: {
      title: "Credits are almost used up",
      ask: "A twentieth of your last credits is left.",
    },
    credits_out: {
      title: "No credits left",
      ask: "The agent cannot answer. Customers are told that you will: please look at the chats.",
    },
    plan_ends_soon: { title: "Your plan ends soon", ask: "Pay for the next period to go on without a gap." },
    plan_overdue: {
      title: "Your plan has ended",
      ask: "All goes on for now. Please pay for the next period.",
    },
    plan_limited: {
      title: "The agent has stopped answering",
      ask: "Your plan is over: customers are told that you will answer. Pay for it, and the agent goes on.",
    },
    plan_suspended: {
      title: "The agent is silent",
      ask: "Your plan is over. Messages are kept and orders go on: please answer the chats yourself.",
    },
    privacy_asked: {
      title: "A customer asks about their data",
      ask: "It is carried out by itself; you can read it, or deny it with a reason.",
    },
    privacy_to_answer: {
      title: "A customer's request needs you",
      ask: "It is about their data: carry it out, or deny it with a reason.",
    },
    privacy_reminder: {
      title: "A customer's request still waits",
      ask: "It is about their data, and the law gives you a month.",
    },
    privacy_done_for_you: {
      title: "A customer's request is carried out",
      ask: "It was about their data; you were silent for too long, so it goes on without you.",
    },
    privacy_overdue: {
      title: "A customer's request is overdue",
      ask: "It is about their data, and its last day is over. Answer it now.",
    },
    plan_reversed: {
      title: "A payment for your plan was taken back",
      ask: "What it has bought ends earlier. Look at your plan.",
    },
    top_up_reversed: {
      title: "A payment for credits was taken back",
      ask: "What was left of its credits is gone. Look at your plan.",
    },
    breach_notice: {
      title: "Notice about your data",
      ask: "Something has happened to data of yours. Read the mail that we sent you.",
    },
    breach_unreached: {
      title: "Customers to be told by you",
      ask: "Our notice about their data cannot reach them in Messenger. Please reach them by telephone.",
    },
  },
  my: {
    order_placed: { title: "အော်ဒါအသစ်", ask: "ဝယ်သူက အော်ဒါတင်လိုက်ပါပြီ။" },
    order_cancelled: { title: "အော်ဒါ ပယ်ဖျက်ပြီး", ask: "အော်ဒါ ပယ်ဖျက်ပြီး ပစ္စည်းစာရင်း ပြန်ထည့်ထားပါတယ်။" },
    evidence_to_review: { title: "ငွေလွှဲစစ်ရန်", ask: "ငွေလွှဲပြေစာ စစ်ပေးဖို့ စောင့်နေပါတယ်။" },
    review_reminder: { title: "ငွေလွှဲ စစ်ရန်ကျန်နေသေး", ask: "ငွေလွှဲပြေစာကို စစ်ပေးပါ။" },
    review_escalation: { title: "ငွေလွှဲ တစ်ရက်ကြာစောင့်နေ", ask: "ဝယ်သူက အဖြေကို စောင့်နေဆဲပါ။" },
    cod_to_accept: { title: "အိမ်ရောက်ငွေချေ လက်ခံရန်", ask: "သတ်မှတ်ချိန်မကုန်ခင် လက်ခံပေးပါ။" },
    balance_reminder: { title: "ငွေ အပြည့်မရသေး", ask: "ကျန်ငွေ တောင်းပါ၊ ဒါမှမဟုတ် အော်ဒါ ပိတ်ပါ။" },
    ship_reminder: { title: "ငွေရပြီး မပို့ရသေး", ask: "ဒီအော်ဒါကို ပို့ပေးပါ။" },
    delivery_question: { title: "ပစ္စည်းရောက်ပြီလား", ask: "ရောက်ပြီဆိုရင် အော်ဒါမှာ မှတ်ပေးပါ။" },
    refund_due: { title: "ငွေပြန်အမ်းရန်", ask: "ငွေပြန်လွှဲပြီး မှတ်တမ်းတင်ပေးပါ။" },
    gateway_refused: {
      title: "ငွေပေးချေမှုဝန်ဆောင်မှုက ငြင်းပယ်",
      ask: "ငွေပေးချေကုဒ် ဒါမှမဟုတ် ငွေပြန်အမ်းမှု မရပါ။ အော်ဒါနဲ့ သင့်အကောင့်ကို စစ်ကြည့်ပါ။",
    },
    unmatched_evidence: {
      title: "အော်ဒါမသိရတဲ့ ငွေလွှဲပြေစာ",
      ask: "အော်ဒါနဲ့ ချိတ်ပေးပါ၊ သို့မဟုတ် ငွေပြန်အမ်းပြီး မှတ်ပေးပါ။",
    },
    person_asked: { title: "ဝယ်သူက လူနဲ့ပြောချင်နေ", ask: "စကားဝိုင်းမှာ ပြန်ဖြေပေးပါ။" },
    age_report: {
      title: "ဝယ်သူက အသက် ၁၈ နှစ် မပြည့်သေးတာ ဖြစ်နိုင်",
      ask: "သူ့အချက်အလက်အားလုံးကို တစ်ရက်အတွင်း ဖျက်ပါမယ်။ မှန်မမှန် ကြည့်ပေးပါ။",
    },
    agent_failed: { title: "အေးဂျင့် မဖြေနိုင်ခဲ့ပါ", ask: "စကားဝိုင်းကို ကြည့်ပေးပါ။" },
    page_broken: {
      title: "Page ချိတ်ဆက်မှု ပြတ်နေပါတယ်",
      ask: "မက်ဆေ့ချ်များ မဝင်တော့ပါ။ Page ကို ပြန်ချိတ်ပေးပါ။",
    },
    policy_changed: {
      title: "သဘောတူထားတဲ့ စည်းကမ်းချက် ပြောင်းပါမယ်",
      ask: "ဘာပြောင်းမလဲ၊ ဘယ်နေ့ကစမလဲ ဖတ်ကြည့်ပေးပါ။",
    },
    attestation_due: {
      title: "ဆိုင်ရဲ့ ကတိပြုချက် တစ်နှစ်ပြည့်ပါပြီ",
      ask: "ဥပဒေကို လိုက်နာကြောင်း ထပ်မံအတည်ပြုပေးပါ။",
    },
    break_glass_opened: {
      title: "ကျွန်ုပ်တို့ဝန်ထမ်းက သင့်ဆိုင်ကို ကြည့်နိုင်ပါသည်",
      ask: "နှစ်ဦး သဘောတူပြီး အများဆုံး တစ်နာရီ ဖြစ်ပါသည်။ ကြည့်သမျှကို စစ်ဆေးမှတ်တမ်းတွင် တွေ့နိုင်ပါသည်။",
    },
    break_glass_ended: {
      title: "ကျွန်ုပ်တို့ဝန်ထမ်း၏ ကြည့်ရှုမှု ပြီးဆုံးပါပြီ",
      ask: "ကြည့်ခဲ့သမျှကို စစ်ဆေးမှတ်တမ်းတွင် တွေ့နိုင်ပါသည်။",
    },
    disclosure_made: {
      title: "ဥပဒေအရ ဝယ်ယူသူ၏ အချက်အလက်ကို ပေးခဲ့ရပါသည်",
      ask: "ကျွန်ုပ်တို့ နှစ်ဦး စစ်ဆေးပြီး ဖြစ်ပါသည်။ မည်သူ့အကြောင်းဖြစ်သည်ကို စစ်ဆေးမှတ်တမ်းတွင် တွေ့နိုင်ပါသည်။",
    },
    access_review_due: {
      title: "သင့်ဆိုင်တွင် မည်သူ ဘာလုပ်ခွင့်ရှိသနည်း",
      ask: "ဝန်ထမ်းများ၊ ရာထူးများနှင့် API key များကို အတည်ပြုပါ၊ မလိုတော့သည်များကို ဖယ်ရှားပါ။",
    },
    page_restored: {
      title: "Page ပြန်အလုပ်လုပ်ပါပြီ",
      ask: "ဒီကြားထဲ ဝင်လာတာတွေ စကားဝိုင်းမှာ ရှိပါပြီ။ တစ်ရက်ကျော်တာတွေကို ကြည့်ပေးပါ။",
    },
    page_shared: {
      title: "သင့် Page မှာ အခြားအက်ပ်က ဖြေနေပါတယ်",
      ask: "Facebook ရဲ့ Page ဆက်တင်မှာ ကျွန်ုပ်တို့အက်ပ်ကို မူလအက်ပ် ထားပေးပါ။",
    },
    message_unknown: {
      title: "မက်ဆေ့ချ် ရောက်မရောက် မသေချာပါ",
      ask: "ထပ်မပို့ခင် စကားဝိုင်းကို စစ်ကြည့်ပေးပါ။",
    },
    upgrade_approved: { title: "အစီအစဉ် စတင်ပါပြီ", ask: "ငွေပေးချေမှု အတည်ပြုပြီးပါပြီ။ ကျေးဇူးတင်ပါတယ်။" },
    top_up_approved: { title: "ခရက်ဒစ် ရောက်ပါပြီ", ask: "ငွေပေးချေမှု အတည်ပြုပြီးပါပြီ။ ကျေးဇူးတင်ပါတယ်။" },
    upgrade_money_owed: {
      title: "ငွေပြန်အမ်းပါမယ်",
      ask: "တောင်းဆိုမှု ပိတ်ပြီးမှ ရောက်တာ ဒါမှမဟုတ် ပမာဏ မတူလို့ သုံးမရပါ။ ငွေ ပြန်အမ်းပေးပါမယ်။",
    },
    upgrade_rejected: { title: "တောင်းဆိုမှု လက်မခံပါ", ask: "အကြောင်းရင်း ဖတ်ရန် ဖွင့်ကြည့်ပါ။" },
    upgrade_asked_again: {
      title: "ပြေစာပုံ ထပ်ပို့ပေးရန်",
      ask: "အကြောင်းရင်း ဖတ်ရန် တောင်းဆိုမှုကို ဖွင့်ကြည့်ပါ။",
    },
    upgrade_lapsed: {
      title: "တောင်းဆိုမှု ပိတ်သွားပါပြီ",
      ask: "အချိန်ကုန်သွားပါပြီ။ ငွေပေးပြီးရင် ပြေစာကို အသစ်နဲ့ ပြန်တင်ပါ။",
    },
    payout_paid: { title: "ကော်မရှင် ထုတ်ပေးပြီး", ask: "သင့်ငွေထုတ်အကောင့်ကို လွှဲပေးပြီးပါပြီ။" },
    payout_failed: { title: "ကော်မရှင် ထုတ်ပေးလို့ မရသေး", ask: "သင့်ငွေထုတ်အကောင့်ကို စစ်ကြည့်ပေးပါ။" },
    credits_low: { title: "ခရက်ဒစ် နည်းလာပါပြီ", ask: "နောက်ဆုံးရထားတဲ့ ခရက်ဒစ်ရဲ့ ငါးပုံတစ်ပုံ ကျန်ပါတော့တယ်။" },
    credits_very_low: {
      title: "ခရက်ဒစ် ကုန်တော့မယ်",
      ask: "နောက်ဆုံးရထားတဲ့ ခရက်ဒစ်ရဲ့ အပုံ ၂၀ ပုံ ၁ ပုံပဲ ကျန်ပါတော့တယ်။",
    },
    credits_out: {
      title: "ခရက်ဒစ် ကုန်သွားပါပြီ",
      ask: "အေးဂျင့် မဖြေနိုင်တော့ပါ။ ဆိုင်က ပြန်ဖြေမယ်လို့ ဝယ်သူတွေကို ပြောထားပါတယ်၊ စကားဝိုင်းတွေကို ကြည့်ပေးပါ။",
    },
    plan_ends_soon: { title: "အစီအစဉ် ကုန်တော့မယ်", ask: "မပြတ်စေဖို့ နောက်တစ်ကြိမ်စာ ပေးချေပါ။" },
    plan_overdue: { title: "အစီအစဉ် ကုန်သွားပါပြီ", ask: "လောလောဆယ် ဆက်သုံးလို့ ရပါတယ်။ နောက်တစ်ကြိမ်စာ ပေးချေပါ။" },
    plan_limited: {
      title: "အေးဂျင့် မဖြေတော့ပါ",
      ask: "အစီအစဉ် ကုန်သွားလို့ ဆိုင်က ပြန်ဖြေမယ်လို့ ဝယ်သူတွေကို ပြောထားပါတယ်။ ပေးချေပြီးရင် အေးဂျင့် ဆက်ဖြေပါမယ်။",
    },
    plan_suspended: {
      title: "အေးဂျင့် ရပ်နားထားပါတယ်",
      ask: "အစီအစဉ် ကုန်သွားပါပြီ။ မက်ဆေ့ချ်တွေ သိမ်းထားပြီး အော်ဒါတွေ ဆက်သွားပါတယ်၊ စကားဝိုင်းတွေကို ကိုယ်တိုင် ဖြေပေးပါ။",
    },
    privacy_asked: {
      title: "ဝယ်သူက သူ့အချက်အလက်အကြောင်း တောင်းဆိုပါတယ်",
      ask: "အလိုအလျောက် ဆောင်ရွက်ပါမယ်။ ဖတ်ကြည့်နိုင်ပြီး အကြောင်းပြချက်နဲ့ ငြင်းနိုင်ပါတယ်။",
    },
    privacy_to_answer: {
      title: "ဝယ်သူရဲ့ တောင်းဆိုမှုကို သင်ဖြေရပါမယ်",
      ask: "သူ့အချက်အလက်အကြောင်းပါ။ ဆောင်ရွက်ပါ၊ ဒါမှမဟုတ် အကြောင်းပြချက်နဲ့ ငြင်းပါ။",
    },
    privacy_reminder: {
      title: "ဝယ်သူရဲ့ တောင်းဆိုမှု စောင့်နေဆဲပါ",
      ask: "သူ့အချက်အလက်အကြောင်းပါ။ ဥပဒေအရ တစ်လအတွင်း ဖြေရပါမယ်။",
    },
    privacy_done_for_you: {
      title: "ဝယ်သူရဲ့ တောင်းဆိုမှုကို ဆောင်ရွက်လိုက်ပါပြီ",
      ask: "သူ့အချက်အလက်အကြောင်းပါ။ သင် မဖြေတာ ကြာလို့ သင့်အစား ဆက်လုပ်ပါတယ်။",
    },
    privacy_overdue: {
      title: "ဝယ်သူရဲ့ တောင်းဆိုမှု ရက်ကျော်သွားပါပြီ",
      ask: "သူ့အချက်အလက်အကြောင်းပါ။ နောက်ဆုံးရက် ကုန်သွားပါပြီ၊ အခုပဲ ဖြေပါ။",
    },
    plan_reversed: {
      title: "အစီအစဉ်အတွက် ငွေ ပြန်ရုပ်သိမ်းခံရပါတယ်",
      ask: "ဒီငွေနဲ့ ဝယ်ထားတဲ့ရက်တွေ စောပြီး ကုန်ပါမယ်။ သင့်အစီအစဉ်ကို ကြည့်ပါ။",
    },
    top_up_reversed: {
      title: "ခရက်ဒစ်အတွက် ငွေ ပြန်ရုပ်သိမ်းခံရပါတယ်",
      ask: "ကျန်နေတဲ့ ခရက်ဒစ်တွေကို ပြန်ရုပ်သိမ်းပြီးပါပြီ။ သင့်အစီအစဉ်ကို ကြည့်ပါ။",
    },
    breach_notice: {
      title: "သင့်အချက်အလက်နဲ့ ပတ်သက်တဲ့ အသိပေးချက်",
      ask: "သင့်အချက်အလက်တစ်ခုခု ထိခိုက်ခဲ့ပါတယ်။ ပို့ထားတဲ့ အီးမေးလ်ကို ဖတ်ပေးပါ။",
    },
    breach_unreached: {
      title: "သင် အသိပေးရမယ့် ဝယ်သူများ ရှိပါတယ်",
      ask: "အချက်အလက်နဲ့ ပတ်သက်တဲ့ အသိပေးချက်ကို Messenger ကနေ ပို့လို့ မရပါ။ ဖုန်းနဲ့ ဆက်သွယ် အသိပေးပါ။",
    },
  },
};
