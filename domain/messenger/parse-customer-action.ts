import { eventKey } from "./event-key.ts";
import type { CustomerItem, EventsOrReason } from "./messaging-item.ts";
import { eventBase, parseReferral } from "./messaging-item.ts";
import type { LooseObject } from "./read-field.ts";
import { readIdField, readObjectField, readTextField } from "./read-field.ts";

/** A tapped button. Older ones have no mid; standby copies have no payload. */
export function parsePostback(postback: LooseObject, context: CustomerItem): EventsOrReason {
  const mid = readIdField(postback, "mid");
  const payload = readTextField(postback, "payload");
  const title = readTextField(postback, "title");
  const referral = parseReferral(readObjectField(postback, "referral"));
  const { pageId, customerId, occurredAt } = context;
  const key =
    mid === undefined
      ? eventKey(pageId, customerId, "postback", payload, title, occurredAt.getTime())
      : eventKey(pageId, mid);
  return [
    {
      ...eventBase(context, key),
      kind: "postback",
      ...(mid === undefined ? {} : { mid }),
      ...(payload === undefined ? {} : { payload }),
      ...(title === undefined ? {} : { title }),
      ...(referral === undefined ? {} : { referral }),
    },
  ];
}

/** The mid is the target's, so it is no key by itself. The Page's own reactions are nobody's message. */
export function parseReaction(reaction: LooseObject, context: CustomerItem): EventsOrReason {
  const mid = readIdField(reaction, "mid");
  if (mid === undefined) return "bad_reaction";
  if (context.isFromPage) return [];
  const name = readTextField(reaction, "reaction");
  const emoji = readTextField(reaction, "emoji");
  const stated = readTextField(reaction, "action");
  const isReact = stated === "react" || (stated !== "unreact" && (name ?? emoji) !== undefined);
  const action = isReact ? "react" : "unreact";
  const { pageId, customerId, occurredAt } = context;
  const key = eventKey(pageId, customerId, "reaction", mid, action, name ?? emoji, occurredAt.getTime());
  return [
    { ...eventBase(context, key), kind: "reaction", mid, action, ...(emoji === undefined ? {} : { emoji }) },
  ];
}

export function parseReferralItem(value: LooseObject, context: CustomerItem): EventsOrReason {
  const referral = parseReferral(value) ?? {};
  const { pageId, customerId, occurredAt } = context;
  const { ref, source, productId } = referral;
  const key = eventKey(pageId, customerId, "referral", ref, source, productId, occurredAt.getTime());
  return [{ ...eventBase(context, key), kind: "referral", ...referral }];
}

export function parseOptin(optin: LooseObject, context: CustomerItem): EventsOrReason {
  const type = readTextField(optin, "type");
  const key = eventKey(context.pageId, context.customerId, "optin", type, context.occurredAt.getTime());
  return [{ ...eventBase(context, key), kind: "optin", ...(type === undefined ? {} : { type }) }];
}

export function parseAccountLinking(linking: LooseObject, context: CustomerItem): EventsOrReason {
  const status = (readTextField(linking, "status") ?? "").slice(0, 32);
  const key = eventKey(context.pageId, context.customerId, "linking", status, context.occurredAt.getTime());
  return [{ ...eventBase(context, key), kind: "account_linking", status }];
}
