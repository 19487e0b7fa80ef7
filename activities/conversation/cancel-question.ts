import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { OrderRow } from "../../db/orders.ts";
import type { TurnId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { textContent } from "../outbox/seal-message.ts";
import { orderPayload } from "./payloads.ts";

const prefix = "cancel_question:";

/** Business key of the message that asks whether to cancel; it names the order in its row, and a bare yes may answer it. */
export function cancelQuestionKey(turnId: TurnId): string {
  return `${prefix}${turnId}`;
}

export function isCancelQuestion(businessKey: string): boolean {
  return businessKey.startsWith(prefix);
}

export function cancelQuestionContent(language: Language, order: OrderRow): OutboundContent {
  const say = texts(language);
  const text = say.askToCancel({
    orderNumber: order.number ?? "",
    total: { amountMinor: order.total_minor, currency: order.currency },
  });
  return textContent(text, [
    { title: say.titles.cancelOrder, payload: orderPayload("cancel", order.id) },
    { title: say.titles.keepOrder, payload: orderPayload("keep", order.id) },
  ]);
}
