import { noticeFacts, noticeText } from "../order/notice-texts.ts";
import type { NoticeData, NoticeKind } from "../order/notice-texts.ts";
import type { Language } from "../shop/policies.ts";
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
  | "new_device"
  | "factor_confirmed"
  | "factor_removed"
  | "recovery_code_used"
  | "invitation"
  | "owner_notice"
  | "application_decided"
  | "upgrade_waits"
  | "upgrade_waits_long"
  | "payout_waits"
  | "payout_waits_long";

/** Codes, amounts, dates, numbers of invoices and names of shops; never a person's data. */
export type MailData = {
  shopName?: string;
  reason?: SuspensionReason;
  notice?: NoticeKind;
  facts?: NoticeData;
};

/** What only the account's key opens. */
export type MailSecret = {
  /** Of the link in the mail. */
  token?: string;
  /** Another address than the account's: the new one, or the old one. */
  to?: string;
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
  new_device: "/console/account",
  factor_confirmed: "/console/account",
  factor_removed: "/console/account",
  recovery_code_used: "/console/account",
  invitation: "/console/join",
  owner_notice: "/console/notices",
  application_decided: "/console/referral",
  upgrade_waits: "/console/admin/upgrades",
  upgrade_waits_long: "/console/admin/upgrades",
  payout_waits: "/console/admin/payouts",
  payout_waits_long: "/console/admin/payouts",
};

/** A mail as plain text: what happened, the link, and what to do if it was somebody else. */
export function mailText(
  kind: MailKind,
  { data, token, publicUrl }: { data: MailData; token: string | undefined; publicUrl: string },
  language: Language,
): MailText {
  const { subject, lines } = words[language][kind](data);
  const page = data.notice === undefined ? pageOf[kind] : pageOfNotice(data.notice);
  const link = `${publicUrl}${page}${token === undefined ? "" : `?token=${token}`}`;
  // A line of its own: a name in another line, whatever it says, gets no link.
  const body = lines.map((line) => (line === linkLine ? link : line)).join("\n");
  return { subject, body: `${body}\n\nShopthread\n` };
}

const linkLine = "{link}";

type Draft = { subject: string; lines: string[] };

function lookAt(subject: string, line: string): Draft {
  return { subject, lines: [line, "", linkLine] };
}

/** What the push says, with the shop that it is about, and the invoice that there is now. */
function noticeDraft(data: MailData, language: Language): Draft {
  const { notice = "attestation_due", shopName = "", facts = {} } = data;
  const { title, body } = noticeText(notice, noticeFacts(facts), language);
  const number = facts.invoiceNumber;
  const invoice = number === undefined ? [] : [`${language === "my" ? "ပြေစာ" : "Invoice"}: ${number}`];
  return { subject: title, lines: [`${shopName}: ${body}`, ...invoice, "", "{link}"] };
}

const words: Record<Language, Record<MailKind, (data: MailData) => Draft>> = {
  en: {
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
        `Your Shopthread account is suspended. Reason: ${reasonsEn[reason]}.`,
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
      lines: [
        "Somebody has looked at your application to take part in the referral. See here:",
        "",
        "{link}",
      ],
    }),
    upgrade_waits: () => ({
      subject: "A plan request waits",
      lines: ["A shop's request for a plan waits for a decision. Please look at the queue:", "", "{link}"],
    }),
    upgrade_waits_long: () => ({
      subject: "A plan request has waited too long",
      lines: ["A shop's request for a plan lapses soon, because nobody decided about it:", "", "{link}"],
    }),
    payout_waits: () =>
      lookAt("A payout waits", "A referral payout waits for you. Please look at the queue:"),
    payout_waits_long: () =>
      lookAt(
        "A payout has waited too long",
        "A referral payout has waited too long. Its participant waits for the money:",
      ),
  },
  my: {
    verify_email: () => ({
      subject: "အီးမေးလ်ကို အတည်ပြုပေးပါ",
      lines: [
        "ဒီအီးမေးလ်နဲ့ Shopthread အကောင့် ဖွင့်ထားပါတယ်။ သင်ဖွင့်တာဆိုရင် ၂၄ နာရီအတွင်း အတည်ပြုပေးပါ။",
        "",
        "{link}",
        "",
        "အဲဒီတုန်းက ရွေးထားတဲ့ စကားဝှက် လိုပါတယ်။ မသိရင် ဒီအီးမေးလ်နဲ့ အကောင့်ကို ထပ်ဖွင့်ပါ၊ နောက်ဆုံး စကားဝှက်ကို သုံးပါမယ်။",
        "",
        "သင်မဟုတ်ရင် ဘာမှလုပ်စရာ မလိုပါ။ ဒီလင့်ခ်မပါဘဲ ဘယ်သူမှ အကောင့်ကို သုံးလို့မရပါ။",
      ],
    }),
    address_taken: () => ({
      subject: "သင့်မှာ အကောင့်ရှိပြီးသားပါ",
      lines: [
        "ဒီအီးမေးလ်နဲ့ Shopthread အကောင့် ဖွင့်ဖို့ ကြိုးစားခဲ့ပါတယ်။ အကောင့် ရှိပြီးသားမို့ သင်ဆိုရင် ဝင်ပါ။",
        "",
        "{link}",
        "",
        "စကားဝှက်အသစ်လည်း အဲဒီမှာ ထားနိုင်ပါတယ်။ သင်မဟုတ်ရင် ဘာမှလုပ်စရာ မလိုပါ၊ ဘာမှ မပြောင်းပါ။",
      ],
    }),
    reset_password: () => ({
      subject: "စကားဝှက်အသစ် ထားရန်",
      lines: [
        "ဒီအကောင့်အတွက် စကားဝှက်အသစ် တောင်းထားပါတယ်။ သင်ဆိုရင် မိနစ် ၃၀ အတွင်း ထားပေးပါ။",
        "",
        "{link}",
        "",
        "သင်မဟုတ်ရင် ဘာမှလုပ်စရာ မလိုပါ၊ စကားဝှက်အဟောင်း ဆက်ရှိပါတယ်။",
      ],
    }),
    password_changed: () => ({
      subject: "စကားဝှက် ပြောင်းပြီးပါပြီ",
      lines: [
        "သင့် Shopthread အကောင့်ရဲ့ စကားဝှက် ပြောင်းလိုက်ပြီး တခြားဝင်ထားတာတွေ ပိတ်လိုက်ပါပြီ။",
        "",
        "သင်မဟုတ်ရင် စကားဝှက်အသစ် ချက်ချင်းထားပါ။",
        "",
        "{link}",
      ],
    }),
    change_email: () => ({
      subject: "အီးမေးလ်အသစ်ကို အတည်ပြုပေးပါ",
      lines: [
        "ဒီအီးမေးလ်ကို Shopthread အကောင့်တစ်ခုရဲ့ အီးမေးလ်အဖြစ် ထားလိုပါတယ်။ သင့်ဟာဆိုရင် ၂၄ နာရီအတွင်း အတည်ပြုပေးပါ။",
        "",
        "{link}",
        "",
        "မဟုတ်ရင် ဘာမှလုပ်စရာ မလိုပါ။",
      ],
    }),
    email_changed: () => ({
      subject: "သင့်အကောင့်ရဲ့ အီးမေးလ် ပြောင်းပြီးပါပြီ",
      lines: [
        "သင့် Shopthread အကောင့်မှာ တခြားအီးမေးလ် သုံးထားပြီး ဒီအီးမေးလ်ကို မသုံးတော့ပါ။",
        "",
        "သင်မဟုတ်ရင် အကူအညီအဖွဲ့ကို ချက်ချင်း ဆက်သွယ်ပါ။ သင့်အကောင့်က ဒီမှာပါ။",
        "",
        "{link}",
      ],
    }),
    account_suspended: ({ reason = "security" }) => ({
      subject: "သင့်အကောင့်ကို ရပ်ဆိုင်းထားပါတယ်",
      lines: [
        `သင့် Shopthread အကောင့်ကို ရပ်ဆိုင်းထားပါတယ်။ အကြောင်းရင်း - ${reasonsMy[reason]}။`,
        "",
        "မှားယွင်းတယ်ထင်ရင် ဒီမှာ ရေးပို့ပါ။",
        "",
        "{link}",
      ],
    }),
    account_reinstated: () => ({
      subject: "သင့်အကောင့် ပြန်ဖွင့်ပြီးပါပြီ",
      lines: ["သင့် Shopthread အကောင့်ကို ပြန်ဖွင့်ပေးလိုက်ပါပြီ။ ဝင်ပါ။", "", "{link}"],
    }),
    new_device: () => ({
      subject: "သင့်အကောင့်ကို စက်အသစ်မှာ သုံးလိုက်ပါတယ်",
      lines: [
        "သင့် Shopthread အကောင့်ကို အရင်မသုံးဖူးတဲ့ စက်တစ်ခုမှာ ဝင်လိုက်ပါတယ်။ သင်ဆိုရင် ဘာမှလုပ်စရာ မလိုပါ။",
        "",
        "သင်မဟုတ်ရင် အဲဒီစက်က ထွက်ပြီး စကားဝှက်အသစ် ထားပါ။",
        "",
        "{link}",
      ],
    }),
    factor_confirmed: () => ({
      subject: "သင့်အကောင့်မှာ ဒုတိယအချက် ထားပြီးပါပြီ",
      lines: [
        "အခုကစပြီး သင့် Shopthread အကောင့်ကို ဝင်ဖို့ အက်ပ်က ကုဒ် လိုပါမယ်။ သင်လုပ်တာဆိုရင် ဘာမှလုပ်စရာ မလိုပါ။",
        "",
        "သင်မဟုတ်ရင် အကူအညီအဖွဲ့ကို ချက်ချင်း ဆက်သွယ်ပါ။ သင့်အကောင့်က ဒီမှာပါ။",
        "",
        "{link}",
      ],
    }),
    factor_removed: () => ({
      subject: "သင့်အကောင့်ရဲ့ ဒုတိယအချက်ကို ဖြုတ်လိုက်ပါပြီ",
      lines: [
        "အခုကစပြီး သင့် Shopthread အကောင့်ကို စကားဝှက်နဲ့တင် ဝင်လို့ရပါတယ်။ သင်လုပ်တာ၊ ဒါမှမဟုတ် သင်တောင်းထားတာဆိုရင် ဘာမှလုပ်စရာ မလိုပါ။",
        "",
        "သင်မဟုတ်ရင် စကားဝှက်အသစ်နဲ့ ဒုတိယအချက်အသစ် ချက်ချင်းထားပါ။",
        "",
        "{link}",
      ],
    }),
    recovery_code_used: () => ({
      subject: "သင့်အကောင့်ရဲ့ အရန်ကုဒ်ကို သုံးလိုက်ပါတယ်",
      lines: [
        "သင့် Shopthread အကောင့်မှာ အက်ပ်ကကုဒ်အစား အရန်ကုဒ်တစ်ခု သုံးလိုက်ပါတယ်။ သင်ဆိုရင် ဘာမှလုပ်စရာ မလိုပါ။",
        "",
        "သင်မဟုတ်ရင် စကားဝှက်အသစ်ထားပြီး အရန်ကုဒ်အသစ်တွေ ချက်ချင်းလုပ်ပါ။",
        "",
        "{link}",
      ],
    }),
    invitation: ({ shopName = "" }) => ({
      subject: "ဆိုင်တစ်ဆိုင်မှာ ပါဝင်ဖို့ ဖိတ်ခေါ်ထားပါတယ်",
      lines: [
        `Shopthread မှာ ${shopName} ဆိုင်အတွက် အလုပ်လုပ်ဖို့ သင့်ကို ဖိတ်ခေါ်ထားပါတယ်။ ဝင်ပါ၊ အကောင့်မရှိသေးရင် ဒီအီးမေးလ်နဲ့ အရင်ဖွင့်ပါ။ ပြီးရင် ၇ ရက်အတွင်း ဒီလင့်ခ်ကို နှိပ်ပါ။`,
        "",
        "{link}",
        "",
        "ဆိုင်ကို မသိရင် ဘာမှလုပ်စရာ မလိုပါ။",
      ],
    }),
    owner_notice: (data) => noticeDraft(data, "my"),
    application_decided: () => ({
      subject: "မိတ်ဆက်ခြင်းအတွက် သင့်လျှောက်လွှာ",
      lines: ["မိတ်ဆက်ခြင်းမှာ ပါဝင်ဖို့ သင့်လျှောက်လွှာကို စစ်ဆေးပြီးပါပြီ။ ဒီမှာ ကြည့်ပါ။", "", "{link}"],
    }),
    upgrade_waits: () => ({
      subject: "အစီအစဉ်တောင်းဆိုမှု စောင့်နေပါတယ်",
      lines: ["ဆိုင်တစ်ဆိုင်ရဲ့ အစီအစဉ်တောင်းဆိုမှုက ဆုံးဖြတ်ချက်ကို စောင့်နေပါတယ်။ စာရင်းကို ကြည့်ပေးပါ။", "", "{link}"],
    }),
    upgrade_waits_long: () => ({
      subject: "အစီအစဉ်တောင်းဆိုမှု စောင့်တာ ကြာနေပါပြီ",
      lines: ["ဆိုင်တစ်ဆိုင်ရဲ့ အစီအစဉ်တောင်းဆိုမှုကို ဘယ်သူမှ မဆုံးဖြတ်ရသေးလို့ မကြာခင် ပိတ်သွားပါမယ်။", "", "{link}"],
    }),
    payout_waits: () =>
      lookAt("ကော်မရှင်ထုတ်ပေးမှု စောင့်နေပါတယ်", "ကော်မရှင်ထုတ်ပေးမှုတစ်ခုက သင့်ကို စောင့်နေပါတယ်။ စာရင်းကို ကြည့်ပေးပါ။"),
    payout_waits_long: () =>
      lookAt("ကော်မရှင်ထုတ်ပေးမှု စောင့်တာ ကြာနေပါပြီ", "ကော်မရှင်ထုတ်ပေးမှုတစ်ခု စောင့်တာ ကြာနေပါပြီ။ ပါဝင်သူက ငွေကို စောင့်နေပါတယ်။"),
  },
};

const reasonsEn: Record<SuspensionReason, string> = {
  abuse: "the service was abused",
  fraud: "suspected fraud",
  legal: "a legal demand",
  payment: "a payment is open",
  security: "the security of the account",
};

const reasonsMy: Record<SuspensionReason, string> = {
  abuse: "ဝန်ဆောင်မှုကို အလွဲသုံးခြင်း",
  fraud: "လိမ်လည်မှု သံသယ",
  legal: "ဥပဒေအရ တောင်းဆိုချက်",
  payment: "ငွေပေးချေရန် ကျန်ရှိခြင်း",
  security: "အကောင့် လုံခြုံရေး",
};
