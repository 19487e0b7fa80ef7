import { z } from "zod";
import { cartShape, missingFields, type Cart } from "../prompt-blocks.ts";
import type { DoneCall, ModelRequest } from "../read-request.ts";

const productOption = z.looseObject({
  variantId: z.string(),
  name: z.string().catch(""),
  priceText: z.string().catch(""),
  available: z.number().catch(0),
});
export type ProductOption = z.infer<typeof productOption>;

const product = z.looseObject({
  productId: z.string(),
  name: z.string(),
  description: z.string().catch(""),
  options: z.array(productOption).catch([]),
});
export type Product = z.infer<typeof product>;

const order = z.looseObject({
  orderNumber: z.string(),
  state: z.string().catch(""),
  totalText: z.string().catch(""),
  balanceText: z.string().catch(""),
  canCancel: z.boolean().catch(false),
});

/** Every field that some tool answers with; each is absent where it does not belong. */
const answerShape = z
  .looseObject({
    error: z.string().optional().catch(undefined),
    available: z.number().optional().catch(undefined),
    townships: z.array(z.string()).optional().catch(undefined),
    saved: z
      .union([z.array(z.string()), z.boolean()])
      .optional()
      .catch(undefined),
    ready: z.boolean().optional().catch(undefined),
    problem: z.string().optional().catch(undefined),
    text: z.string().optional().catch(undefined),
    missing: missingFields.optional(),
    cart: cartShape.optional(),
    products: z.array(product).optional().catch(undefined),
    orders: z.array(order).optional().catch(undefined),
  })
  .catch({});
type ToolAnswer = z.infer<typeof answerShape>;

export function answerOf(call: DoneCall): ToolAnswer {
  return answerShape.parse(call.output ?? {});
}

export function callsTo(req: ModelRequest, name: string): DoneCall[] {
  return req.calls.filter((call) => call.name === name);
}

export function lastAnswer(req: ModelRequest, name: string): ToolAnswer | undefined {
  const call = callsTo(req, name).at(-1);
  return call === undefined ? undefined : answerOf(call);
}

/** Products of this turn's searches, the first mention of each. */
export function foundProducts(req: ModelRequest): Product[] {
  const all = callsTo(req, "search_products").flatMap((call) => answerOf(call).products ?? []);
  return [...new Map(all.toReversed().map((found) => [found.productId, found])).values()].toReversed();
}

/** The cart as the newest tool result of this turn left it, with the newest list of what is still missing. */
export function currentCart(req: ModelRequest): Cart {
  let cart = req.conversation.cart;
  for (const call of req.calls) {
    const answer = answerOf(call);
    if (answer.cart !== undefined && answer.error === undefined) cart = answer.cart;
    else if (answer.missing !== undefined) cart = { ...cart, missing: answer.missing };
  }
  return cart;
}

/** Arguments of a call are what a model wrote, so nothing is taken for granted. */
export function readVariantId(args: unknown): unknown {
  return typeof args === "object" && args !== null && "variantId" in args ? args.variantId : undefined;
}
