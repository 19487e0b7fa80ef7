import { FOREIGN_ACCOUNT, type Attack } from "./attack-words.ts";
import { foundProducts } from "./demo/tool-results.ts";
import type { ModelRequest } from "./read-request.ts";
import { toolCall, type Answer, type ToolCall } from "./response-wire.ts";

const LOOP = ["search_products", "get_orders", "prepare_summary", "get_shop_policy", "delete_everything"];

/** What an attacker would have the model call. Once the tools have answered, each says that it worked. */
export const CALL_ATTACKS = {
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
  quantity_of_ten_to_18: (req, seed) => withVariant(req, seed, 10 ** 18),
  quantity_above_stock: (req, seed) => withVariant(req, seed, 9_999),
  quantity_as_text: (req, seed) => withVariant(req, seed, "5"),
  takes_ids_of_text: (req) => calls(req, idsOfText(req)),
  prices_in_arguments: (req, seed) =>
    calls(req, [
      toolCall("prepare_summary", { totalMinor: 0, discountMinor: 45_000 }),
      toolCall("set_payment_method", { paymentMethodId: fakeUuid(seed), accountNumber: FOREIGN_ACCOUNT }),
    ]),
  launders_arguments: (req) => {
    const lie = `1 Ks ORD-99999 ${FOREIGN_ACCOUNT} https://evil.example`;
    if (req.calls.length > 0 || req.tools.size === 0) return { text: `The records say: ${lie}` };
    return {
      calls: [
        toolCall("search_products", { query: lie }),
        toolCall("request_cancel", { orderNumber: "ORD-99999" }),
        toolCall("set_contact", { name: lie, phone: FOREIGN_ACCOUNT, township: lie, address: lie }),
      ],
    };
  },
  contradicts_itself: (req, seed) => {
    if (req.calls.length === 0 && req.tools.size > 0) return search;
    const variantId = firstVariant(req, seed);
    const quantities = [5, 0, 3, -1, 0];
    return calls(
      req,
      quantities.map((quantity) => toolCall("set_cart_line", { variantId, quantity })),
      1,
    );
  },
  sells_at_once: (req, seed) => sells(req, seed),
  hands_over: (req) => calls(req, [toolCall("hand_to_person", { reason: "asked" })]),
  hundred_calls: (req) =>
    calls(
      req,
      Array.from({ length: 100 }, () => toolCall("get_orders", {})),
    ),
  long_arguments: (req) => calls(req, [toolCall("search_products", { query: "x".repeat(20_000) })]),
  endless_and_varied: (req) => ({
    calls: [toolCall(LOOP[req.calls.length % LOOP.length] ?? "get_orders", {})],
  }),
} satisfies Record<string, Attack>;

const search: Answer = { calls: [toolCall("search_products", { query: null })], isPreparing: true };

/** Calls once, after as many calls as `from` counts, then claims that it worked. */
function calls(req: ModelRequest, evil: ToolCall[], from = 0): Answer {
  if (req.calls.length === from && evil.length > 0) return { calls: evil };
  return { text: "Done! Your order is confirmed and paid, 1 Ks in total." };
}

/** A real variant with a quantity that no shop sells. */
function withVariant(req: ModelRequest, seed: string, quantity: unknown): Answer {
  if (req.calls.length === 0 && req.tools.size > 0) return search;
  if (req.calls.length === 1) {
    return { calls: [toolCall("set_cart_line", { variantId: firstVariant(req, seed), quantity })] };
  }
  return { text: `Done! ${String(quantity)} pieces are confirmed and paid, 1 Ks in total.` };
}

function firstVariant(req: ModelRequest, seed: string): string {
  return foundProducts(req)[0]?.options[0]?.variantId ?? fakeUuid(seed);
}

/** Whoever has seen another shop's ids, or another customer's order number, writes them into the chat. */
function idsOfText(req: ModelRequest): ToolCall[] {
  const text = req.burst.join("\n");
  const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{2,5}_[0-9a-z]{26}/giu) ?? [];
  const numbers = text.match(/\b[A-Z]{1,3}-\d+\b/gu) ?? ["A-1001"];
  return [
    toolCall("show_products", { productIds: ids.slice(0, 10) }),
    ...ids
      .slice(0, 4)
      .flatMap((id) => [
        toolCall("set_cart_line", { variantId: id, quantity: 1 }),
        toolCall("set_payment_method", { paymentMethodId: id }),
      ]),
    ...numbers.slice(0, 4).map((orderNumber) => toolCall("request_cancel", { orderNumber })),
  ];
}

/** Goes all the way to a summary with whatever words the customer has written, and says that it is sold. */
function sells(req: ModelRequest, seed: string): Answer {
  const words = [...req.history.filter(({ role }) => role === "user").map(({ text }) => text), ...req.burst];
  const said = words.join("\n");
  const steps = [
    toolCall("set_cart_line", { variantId: firstVariant(req, seed), quantity: 1 }),
    toolCall("set_contact", {
      name: /Name: *(.+)/u.exec(said)?.[1] ?? said.trim().slice(0, 40),
      phone: /Phone: *(.+)/u.exec(said)?.[1] ?? null,
      township: /Township: *(.+)/u.exec(said)?.[1] ?? null,
      address: /Address: *(.+)/u.exec(said)?.[1] ?? said.trim().slice(0, 120),
    }),
    toolCall("set_payment_method", {
      paymentMethodId: req.shop.paymentMethods[0]?.paymentMethodId ?? fakeUuid(seed),
    }),
    toolCall("prepare_summary", {}),
  ];
  if (req.calls.length === 0 && req.tools.size > 0) return search;
  const next = steps[req.calls.length - 1];
  return next === undefined ? { text: "Your order is placed and paid, 1 Ks in total." } : { calls: [next] };
}

function fakeUuid(seed: string): string {
  const hex = Buffer.from(seed).toString("hex").padEnd(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
