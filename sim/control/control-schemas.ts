import { z } from "@hono/zod-openapi";

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const instant = z.union([z.iso.datetime({ offset: true }), z.number().int().min(0)]);

export const PsidParam = z.object({ psid: id.openapi({ description: "Page-scoped id of the customer" }) });
export const PageIdParam = z.object({ pageId: id });
export const PageIdQuery = z.object({
  pageId: id.optional().openapi({ description: "Default: the demo Page" }),
});

const Choice = z.object({
  payload: z.string().min(1).max(1_000),
  title: z.string().min(1).max(200).optional(),
});

export const CustomerWordsBody = z
  .object({
    text: z.string().min(1).max(20_000).optional(),
    imageBase64: z
      .string()
      .min(1)
      .optional()
      .openapi({ description: "Bytes of a picture, also as a data: URL" }),
    quickReply: Choice.optional(),
    postback: Choice.optional(),
    sticker: z
      .union([z.literal(true), z.number().int()])
      .optional()
      .openapi({ description: "true: the like" }),
    raw: z.record(z.string(), z.unknown()).optional().openapi({
      description: "A webhook item as it is; sender, recipient, timestamp and mid are added where missing",
    }),
    at: instant.optional().openapi({ description: "When it was said: ISO time or Unix milliseconds" }),
    replyTo: z.string().optional().openapi({ description: "mid of the message that is answered" }),
    pageId: id.optional(),
  })
  .openapi("CustomerWords");

export const SaidBody = z
  .object({
    mid: z.string(),
    mids: z.array(z.string()),
    psid: z.string(),
    pageId: z.string(),
    at: z.string(),
  })
  .openapi("Said");

const Button = z.object({
  type: z.string(),
  title: z.string(),
  payload: z.string().nullable(),
  url: z.string().nullable(),
});

export const MessageBody = z
  .object({
    mid: z.string(),
    from: z.enum(["customer", "page"]),
    at: z.string(),
    kind: z.string(),
    text: z.string().nullable(),
    quickReplies: z.array(z.object({ title: z.string(), payload: z.string() })),
    payload: z.string().nullable(),
    metadata: z.string().nullable(),
    appId: z.string().nullable(),
    cards: z
      .array(
        z.object({
          title: z.string(),
          subtitle: z.string().nullable(),
          imageUrl: z.string().nullable(),
          buttons: z.array(Button),
        }),
      )
      .optional(),
    imageUrl: z.string().optional(),
    deliveredAt: z.string().optional(),
    readAt: z.string().optional(),
  })
  .openapi("Message");

export const PageBody = z
  .object({
    id: id.optional().openapi({ description: "Default: a new one" }),
    name: z.string().min(1).max(200).optional(),
    accessToken: z.string().min(8).max(500).optional(),
    appId: id.optional().openapi({ description: "Default: the demo app" }),
    appSecret: z.string().min(8).max(200).optional().openapi({ description: "Makes or changes the app" }),
    verifyToken: z.string().min(1).max(200).optional(),
    webhookUrl: z.url().optional(),
    isSubscribed: z.boolean().default(true).openapi({ description: "false: wait for subscribed_apps" }),
  })
  .openapi("NewPage");

export const PageView = z
  .object({
    id: z.string(),
    name: z.string(),
    accessToken: z.string(),
    appId: z.string(),
    appSecret: z.string(),
    verifyToken: z.string(),
    webhookUrl: z.string(),
    subscriptions: z.record(z.string(), z.array(z.string())),
  })
  .openapi("Page");

export const EchoBody = z
  .object({
    psid: id,
    text: z.string().min(1).max(2_000).optional(),
    imageBase64: z.string().optional(),
    appId: z.string().regex(/^\d+$/).nullable().default(null).openapi({
      description: "null: a person in Business Suite; else another app",
    }),
    metadata: z.string().max(1_000).optional(),
    at: instant.optional(),
  })
  .openapi("HumanWords");

export const SlipBody = z
  .object({
    amountMinor: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    currency: z.string().regex(/^[A-Z]{3}$/),
    reference: z.string().min(1).max(60).optional().openapi({ description: "Default: a new one" }),
    paidAt: z.iso.datetime({ offset: true }).optional().openapi({ description: "Default: now" }),
    payee: z.string().max(100).default(""),
    blurred: z.boolean().default(false),
  })
  .openapi("Slip");

export const WebhookBody = z
  .object({
    body: z.unknown().optional().openapi({ description: "JSON, written and signed as Meta does" }),
    rawBody: z.string().optional().openapi({ description: "Exactly these bytes" }),
    signature: z
      .string()
      .nullable()
      .optional()
      .openapi({ description: "Instead of the right one; null: none" }),
    appId: id.optional(),
  })
  .openapi("RawWebhook");

export function toMs(at: string | number | undefined): number | undefined {
  return typeof at === "string" ? Date.parse(at) : at;
}

/** Bytes of base64 text, which may come as a data: URL. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/^data:[^,]*,/, ""), "base64"));
}
