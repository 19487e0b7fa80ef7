import { eventKey } from "./event-key.ts";
import type { InboundEvent, PageEvent } from "./inbound-event.ts";
import type { CustomerItem, EventsOrReason, MessagingItem } from "./messaging-item.ts";
import { eventBase } from "./messaging-item.ts";
import { pageDetail } from "./page-detail.ts";
import {
  parseAccountLinking,
  parseOptin,
  parsePostback,
  parseReaction,
  parseReferralItem,
} from "./parse-customer-action.ts";
import { parseDeletions, parseEdit, parseMessage } from "./parse-message.ts";
import type { LooseObject } from "./read-field.ts";
import { readIdField, readMids, readObjectField, readTextField, readTimeField } from "./read-field.ts";

export type ParsedItem = { events: InboundEvent[]; pageEvents: PageEvent[] } | { reason: string };

/** What the item says, by the first field that we know. What concerns the whole Page has no customer. */
export function parseItem(context: MessagingItem): ParsedItem {
  const pageEvent = parsePageItem(context);
  if (pageEvent !== undefined) return { events: [], pageEvents: [pageEvent] };
  if (context.customerId === undefined) return { reason: "no_customer" };

  const customer: CustomerItem = { ...context, customerId: context.customerId };
  for (const [field, parse] of parsers) {
    const value = readObjectField(context.item, field);
    if (value === undefined) continue;
    const parsed = parse(value, customer);
    return typeof parsed === "string" ? { reason: parsed } : { events: parsed, pageEvents: [] };
  }
  return { reason: "unknown_kind" };
}

const parsers: [string, (value: LooseObject, context: CustomerItem) => EventsOrReason][] = [
  ["message", parseMessage],
  ["message_edit", parseEdit],
  ["delete", parseDeletions],
  ["postback", parsePostback],
  ["delivery", parseDelivery],
  ["read", parseRead],
  ["reaction", parseReaction],
  ["referral", parseReferralItem],
  ["optin", parseOptin],
  ["pass_thread_control", (value, context) => parseHandover("pass", value, context)],
  ["take_thread_control", (value, context) => parseHandover("take", value, context)],
  ["request_thread_control", (value, context) => parseHandover("request", value, context)],
  ["account_linking", parseAccountLinking],
];

function parsePageItem({ pageId, item, occurredAt }: MessagingItem): PageEvent | undefined {
  const at = occurredAt.getTime();
  const policy = readObjectField(item, "policy_enforcement") ?? readObjectField(item, "policy-enforcement");
  if (policy !== undefined) {
    const action = pageDetail(readTextField(policy, "action"), 32);
    const detail = { action, reason: pageDetail(readTextField(policy, "reason"), 500) };
    return {
      kind: "policy_enforcement",
      occurredAt,
      eventKey: eventKey(pageId, "policy", action, at),
      detail,
    };
  }
  const roles = readObjectField(item, "app_roles");
  if (roles !== undefined) {
    const appIds = pageDetail(Object.keys(roles).sort().join(","), 500);
    return {
      kind: "app_roles",
      occurredAt,
      eventKey: eventKey(pageId, "app_roles", appIds, at),
      detail: { appIds },
    };
  }
  const status = readObjectField(item, "messaging_feature_status") ?? readObjectField(item, "feature_status");
  if (status === undefined) return undefined;
  const key = eventKey(pageId, "feature_status", JSON.stringify(status), at);
  return { kind: "feature_status", occurredAt, eventKey: key, detail: {} };
}

/** Deliveries often come without `timestamp`; the watermark then says when. */
function parseDelivery(delivery: LooseObject, context: CustomerItem): EventsOrReason {
  const watermark = readTimeField(delivery, "watermark");
  if (watermark === undefined) return "bad_delivery";
  const mids = readMids(delivery);
  const key = eventKey(context.pageId, context.customerId, "delivery", watermark.getTime(), ...mids);
  return [{ ...eventBase(context, key), kind: "delivery", mids, watermark }];
}

function parseRead(read: LooseObject, context: CustomerItem): EventsOrReason {
  const watermark = readTimeField(read, "watermark");
  if (watermark === undefined) return "bad_read";
  const key = eventKey(context.pageId, context.customerId, "read", watermark.getTime());
  return [{ ...eventBase(context, key), kind: "read", watermark }];
}

/** `previous_owner_app_id` is null when the thread was idle. */
function parseHandover(
  action: "pass" | "take" | "request",
  control: LooseObject,
  context: CustomerItem,
): EventsOrReason {
  const previousOwnerAppId = readIdField(control, "previous_owner_app_id");
  const newOwnerAppId =
    readIdField(control, "new_owner_app_id") ?? readIdField(control, "requested_owner_app_id");
  const { pageId, customerId, occurredAt } = context;
  const key = eventKey(pageId, customerId, action, previousOwnerAppId, newOwnerAppId, occurredAt.getTime());
  return [
    {
      ...eventBase(context, key),
      kind: "handover",
      action,
      ...(previousOwnerAppId === undefined ? {} : { previousOwnerAppId }),
      ...(newOwnerAppId === undefined ? {} : { newOwnerAppId }),
    },
  ];
}
