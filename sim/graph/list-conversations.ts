import { createHash } from "node:crypto";
import { cdnUrl } from "../cdn/cdn-url.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimCustomer, SimMessage, SimPage } from "../world/world-types.ts";
import { badParameter } from "./graph-error.ts";
import { asText } from "./parse-graph-request.ts";

/** Meta gives the details of the 20 newest messages of a conversation only. */
const maxMessages = 20;
const defaultFields = "id,updated_time,link";

/**
 * Conversations API. Both conversations and messages come newest first, with the same ids as on webhooks and in the Send API's answers but
 * without metadata, as at Meta.
 */
export function listConversations(ctx: SimContext, page: SimPage, params: Record<string, unknown>) {
  const userId = asText(params["user_id"]);
  const fields = asText(params["fields"]) ?? defaultFields;
  const one = userId === undefined ? undefined : ctx.world.findCustomer(page.id, userId);
  if (userId !== undefined) return { data: one ? [conversationOf(ctx, page, one, fields)] : [] };
  const movedAt = (customer: SimCustomer) => ctx.world.listMessages(page.id, customer.psid).at(-1)?.at ?? 0;
  const customers = ctx.world.listCustomers(page.id).toSorted((a, b) => movedAt(b) - movedAt(a));
  const limit = Number(params["limit"] ?? 25);
  // As at Meta, a cursor is a place in the list of that time: it is stale once the conversation behind it has moved.
  const after = asText(params["after"]);
  const start = after === undefined ? 0 : Number(Buffer.from(after, "base64url").toString("utf8"));
  if (!Number.isSafeInteger(start) || start < 0) throw badParameter("Invalid cursor");
  const shown = customers.slice(start, start + limit);
  const cursor = Buffer.from(String(start + shown.length)).toString("base64url");
  return {
    data: shown.map((customer) => conversationOf(ctx, page, customer, fields)),
    paging: {
      cursors: { before: after ?? "", after: cursor },
      ...(start + limit < customers.length ? { next: `${ctx.baseUrl()}/conversations?after=${cursor}` } : {}),
    },
  };
}

export function findConversation(
  ctx: SimContext,
  page: SimPage,
  id: string,
  params: Record<string, unknown>,
) {
  const customer = ctx.world.listCustomers(page.id).find((one) => conversationId(one) === id);
  if (!customer) return undefined;
  return conversationOf(ctx, page, customer, asText(params["fields"]) ?? defaultFields);
}

function conversationOf(ctx: SimContext, page: SimPage, customer: SimCustomer, fields: string) {
  const messages = ctx.world.listMessages(page.id, customer.psid);
  const newest = messages.at(-1)?.at ?? ctx.now();
  const asked = /messages(?:\.limit\((\d+)\))?\s*(?:\.limit\((\d+)\))?(?:\{([^}]*)\})?/.exec(fields);
  const limit = Math.min(Number(asked?.[1] ?? asked?.[2] ?? maxMessages), maxMessages);
  const wanted = (asked?.[3] ?? "id,created_time").split(",").map((name) => name.trim());
  const shown = messages.toReversed().slice(0, limit);
  return {
    id: conversationId(customer),
    updated_time: graphTime(newest),
    ...(fields.includes("participants")
      ? { participants: { data: [person(customer), pageUser(page)] } }
      : {}),
    ...(asked
      ? { messages: { data: shown.map((one) => messageOf(ctx, page, customer, { one, wanted })) } }
      : {}),
  };
}

function messageOf(
  ctx: SimContext,
  page: SimPage,
  customer: SimCustomer,
  { one, wanted }: { one: SimMessage; wanted: string[] },
): Record<string, unknown> {
  const isFromPage = one.from === "page";
  const all: Record<string, unknown> = {
    created_time: graphTime(one.at),
    from: isFromPage ? pageUser(page) : person(customer),
    to: { data: [isFromPage ? person(customer) : pageUser(page)] },
    message: one.text ?? "",
    ...(one.objectId === null
      ? {}
      : { attachments: { data: [{ id: one.objectId, image_data: { url: cdnUrl(ctx, one.objectId) } }] } }),
  };
  const picked = Object.entries(all).filter(([name]) => wanted.includes(name));
  return { id: one.mid, ...Object.fromEntries(picked) };
}

function conversationId(customer: SimCustomer): string {
  const digest = createHash("sha256").update(`${customer.pageId}/${customer.psid}`).digest("hex");
  return `t_${BigInt(`0x${digest.slice(0, 14)}`).toString()}`;
}

function person(customer: SimCustomer) {
  return { id: customer.psid, name: customer.name ?? "Customer" };
}

function pageUser(page: SimPage) {
  return { id: page.id, name: page.name };
}

/** Graph times look like 2026-11-25T10:00:00+0000, in whole seconds. */
function graphTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}
