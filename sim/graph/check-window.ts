import type { SimContext } from "../sim-context.ts";
import type { SimCustomer } from "../world/world-types.ts";
import { badParameter, GraphError } from "./graph-error.ts";

const hourMs = 3_600_000;
const deadTags = new Set(["CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"]);

/** 24 hours after the customer's last action, 7 days with the human-agent tag, nothing else. */
export function checkWindow(ctx: SimContext, customer: SimCustomer, params: Record<string, unknown>): void {
  const type = params["messaging_type"] ?? "RESPONSE";
  if (type !== "RESPONSE" && type !== "UPDATE" && type !== "MESSAGE_TAG") {
    throw badParameter(
      type === "UTILITY" ? "No approved utility template" : "Param messaging_type is not valid",
    );
  }
  if (type === "MESSAGE_TAG") checkTag(params["tag"]);
  const hours = type === "MESSAGE_TAG" ? 7 * 24 : 24;
  if (customer.lastActionAt !== null && ctx.now() - customer.lastActionAt <= hours * hourMs) return;
  throw new GraphError(
    10,
    "(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview",
    { subcode: 2018278 },
  );
}

function checkTag(tag: unknown): void {
  if (typeof tag === "string" && deadTags.has(tag)) throw badParameter(`Message tag ${tag} has been removed`);
  if (tag !== "HUMAN_AGENT") throw badParameter("Param tag must be one of {HUMAN_AGENT}");
}
