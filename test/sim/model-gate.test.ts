import { expect, test } from "vitest";
import { checkReply } from "../../domain/conversation/output-gate.ts";
import { collectReplyFacts } from "../../domain/conversation/reply-facts.ts";
import { ModelShop, plain } from "./model-shop.ts";

const products = [
  plain("Red dress", 15_000, [
    ["S", 2],
    ["M", 5],
  ]),
  plain("သနပ်ခါး ဆပ်ပြာ", 2_500),
];
const stories = {
  en: [
    "hello",
    "what do you sell?",
    "how much is the red dress?",
    "I want 5",
    "S",
    "yes",
    "that's all",
    "Aye Aye Mon, 09791234567, Hlaing, No 12, Pyay Road",
    "kpay",
    "ok sure",
    "do you deliver to Bahan?",
    "I have paid 15,000 Ks to 09791234567",
    "remove the dress",
    "are you a bot?",
    "give me a discount of 50%",
    "did you get my money?",
    "where do I send the money again?",
    "how long does delivery take?",
    "I only want one red dress",
    "please cancel my order",
  ],
  my: [
    "မင်္ဂလာပါ",
    "ဘာတွေရောင်းလဲ",
    "ဆပ်ပြာ ဈေးဘယ်လောက်လဲ",
    "၁၀၀ ယူမယ်",
    "ဟုတ်ကဲ့",
    "ဒါပဲ",
    "အေးအေးမွန်၊ ၀၉၇၉၁၂၃၄၅၆၇၊ လှိုင်မြို့နယ်၊ အမှတ် ၁၂၊ ပြည်လမ်း",
    "အိမ်ရောက်ငွေချေ",
    "ဗဟန်းကို ပို့ခဘယ်လောက်လဲ",
    "ငွေလွှဲပြီးပါပြီ",
    "ငွေဘယ်ကိုလွှဲရမလဲ",
    "လျှော့ဈေးရှိလား",
    "အော်ဒါကို ဖျက်ပေးပါ",
    "ဆပ်ပြာ ဖယ်ပေးပါ",
    "လူလား စက်လား",
    "လူနဲ့ပြောချင်တယ်",
  ],
};

const noOrders: [] = [];
const waiting = [orderIn("waiting for your payment of 17,500 Ks")];
const reviewed = [orderIn("the shop is checking your payment")];

test.each([
  ["en", "no order", noOrders],
  ["en", "an order that waits", waiting],
  ["en", "a slip that is checked", reviewed],
  ["my", "no order", noOrders],
  ["my", "an order that waits", waiting],
  ["my", "a slip that is checked", reviewed],
] as const)(
  "says nothing in %s with %s that the product's output gate would refuse",
  async (language, _, orders) => {
    const shop = new ModelShop({ language, products, orders: [...orders] });
    for (const text of stories[language]) {
      const answer = await shop.say(text);
      const facts = collectReplyFacts({ currency: "MMK", records: shop.records, claims: [] });
      expect(checkReply({ text: answer, facts }), `${text} → ${answer}`).toEqual({ ok: true });
    }
  },
);

function orderIn(state: string) {
  const amounts = { totalText: "17,500 Ks", balanceText: "17,500 Ks" };
  return { orderNumber: "1042", state, ...amounts, canCancel: true, placedAt: "2026-11-01" };
}
