import { z } from "zod";

export type Language = "my" | "en";
export type ContactField = "name" | "phone" | "township" | "address";

const missingField = z.enum(["name", "phone", "township", "address", "paymentMethod"]);

/** Unknown field names are dropped: a newer product may ask for more than the demonstration knows. */
export const missingFields = z
  .array(z.string())
  .transform((names) => names.flatMap((name) => missingField.safeParse(name).data ?? []))
  .catch([]);

export const cartShape = z
  .looseObject({
    lines: z
      .array(
        z.looseObject({
          variantId: z.string(),
          name: z.string(),
          quantity: z.number(),
          lineTotalText: z.string(),
        }),
      )
      .catch([]),
    subtotalText: z.string().catch(""),
    missing: missingFields,
  })
  .catch({ lines: [], subtotalText: "", missing: [] });
export type Cart = z.infer<typeof cartShape>;

const shopShape = z
  .looseObject({
    name: z.string().catch(""),
    agentName: z.string().catch(""),
    zones: z.array(z.looseObject({ name: z.string(), feeText: z.string() })).catch([]),
    paymentMethods: z
      .array(z.looseObject({ paymentMethodId: z.string(), name: z.string(), kind: z.string() }))
      .catch([]),
  })
  .catch({ name: "", agentName: "", zones: [], paymentMethods: [] });
export type ShopBlock = z.infer<typeof shopShape>;

const conversationShape = z
  .looseObject({
    language: z.enum(["my", "en"]).optional().catch(undefined),
    firstContact: z.boolean().catch(false),
    cart: cartShape,
    openOrders: z.array(z.looseObject({ orderNumber: z.string(), state: z.string() })).catch([]),
    summaryPending: z.boolean().catch(false),
  })
  .catch({
    language: undefined,
    firstContact: false,
    cart: { lines: [], subtotalText: "", missing: [] },
    openOrders: [],
    summaryPending: false,
  });
export type ConversationBlock = z.infer<typeof conversationShape>;

/** Reads the `<block name="…">JSON</block>` lines of the instructions; a missing or broken block reads as empty. */
export function readBlocks(instructions: string): { shop: ShopBlock; conversation: ConversationBlock } {
  return {
    shop: shopShape.parse(readBlock(instructions, "shop")),
    conversation: conversationShape.parse(readBlock(instructions, "conversation")),
  };
}

function readBlock(instructions: string, name: string): unknown {
  const open = `<block name="${name}">`;
  const start = instructions.lastIndexOf(open);
  if (start === -1) return {};
  const end = instructions.indexOf("</block>", start);
  try {
    return JSON.parse(instructions.slice(start + open.length, end === -1 ? undefined : end));
  } catch {
    return {};
  }
}
