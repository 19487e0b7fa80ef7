import type { ProcessorName } from "./processors.ts";

/**
 * What may stand in a request to a processor, by the names of its fields: lists without their places, `.*` for names of our
 * own choice below. A field that is not named here does not leave the house; a new one is a decision of this file.
 */
const allowed: Record<ProcessorName, readonly string[]> = {
  meta: [
    ...under("recipient", ["id"]),
    "messaging_type",
    "tag",
    "sender_action",
    ...under("message", ["text", "metadata"]),
    ...under("message.quick_replies", ["content_type", "title", "payload"]),
    "message.attachment.type",
    ...under("message.attachment.payload", ["url", "is_reusable", "template_type"]),
    ...under("message.attachment.payload.elements", ["title", "subtitle", "image_url"]),
    ...under("message.attachment.payload.elements.buttons", ["type", "title", "payload"]),
    "filedata",
    // In the address: who asks, and for what.
    "appsecret_proof",
    "fields",
    "subscribed_fields",
    "input_token",
    "recipient",
    "platform",
    "user_id",
    "limit",
    "after",
    "access_token",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code",
    "grant_type",
    "fb_exchange_token",
  ],
  model: [
    "model",
    "store",
    "stream",
    "instructions",
    "tool_choice",
    "parallel_tool_calls",
    "max_output_tokens",
    ...under("input", ["role", "type", "call_id", "name", "arguments", "output"]),
    ...under("input.content", ["type", "text", "image_url", "detail"]),
    ...under("tools", ["type", "name", "description", "strict", "parameters.*"]),
    ...under("text.format", ["type", "name", "strict", "schema.*"]),
    // The records in its instructions.
    ...under("shop", ["name", "agentName", "languages", "currency", "openHours", "returns"]),
    ...under("shop.zones", ["name", "feeText"]),
    ...under("shop.paymentMethods", ["paymentMethodId", "name", "kind"]),
    ...under("conversation", ["language", "firstContact", "summaryPending"]),
    ...under("conversation.cart", ["subtotalText", "missing"]),
    ...under("conversation.cart.lines", ["variantId", "name", "quantity", "lineTotalText"]),
    ...under("conversation.openOrders", ["orderNumber", "state"]),
    ...under("refused", ["refusedText", "notInTheRecords"]),
  ],
  push: [
    "message.token",
    ...under("message.notification", ["title", "body"]),
    ...under("message.data", ["noticeId", "path"]),
    ...under("message.android", ["collapse_key", "notification.tag"]),
    "message.apns.headers.apns-collapse-id",
    "message.webpush.notification.tag",
    "grant_type",
    "assertion",
  ],
  mail: ["messageId", "from", "to", "subject", "text"],
  kbzpay: [
    ...under("Request", ["timestamp", "method", "notify_url", "nonce_str", "version", "sign_type", "sign"]),
    ...under("Request.biz_content", ["appid", "merch_code", "merch_order_id", "trade_type", "title"]),
    ...under("Request.biz_content", ["total_amount", "trans_currency", "timeout_express"]),
    ...under("Request.biz_content", ["refund_request_no", "refund_amount"]),
  ],
  traces: ["resourceSpans.*"],
};

export function fieldsOf(name: ProcessorName): string[] {
  return [...allowed[name]];
}

/** The fields of a request to the processor that it may not get. */
export function unlistedFields(name: ProcessorName, request: unknown): string[] {
  const open = allowed[name].flatMap((field) => (field.endsWith(".*") ? field.slice(0, -1) : []));
  return [...new Set(fieldPaths("", request))].filter(
    (path) => !allowed[name].includes(path) && !open.some((prefix) => path.startsWith(prefix)),
  );
}

/** `a.b` for each value, also where it is empty: a name tells something by itself. */
function fieldPaths(path: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldPaths(path, item));
  if (typeof value !== "object" || value === null) return [path];
  const fields = Object.entries(value);
  return fields.flatMap(([name, field]) => fieldPaths(path === "" ? name : `${path}.${name}`, field));
}

function under(prefix: string, names: readonly string[]): string[] {
  return names.map((name) => `${prefix}.${name}`);
}
