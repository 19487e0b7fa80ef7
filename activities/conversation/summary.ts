import type { Insertable } from "kysely";

import type { OrderLinesTable, OrdersTable } from "../../db/schema/orders.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { splitMessage } from "../../domain/text/split-message.ts";
import type { Sealed, SealedPlace } from "../../domain/sealing.ts";
import type { PreparedOrder, TurnContext, WorkingCart } from "../agent/turn-draft.ts";
import { textContent } from "../outbox/seal-message.ts";
import { confirmPayload, orderPayload } from "./payloads.ts";

/** Where name, phone and address of an order are sealed. */
export function orderContactPlace(
  ref: { shopId: SealedPlace["shopId"]; customerId: SealedPlace["subjectId"] },
  orderId: string,
): SealedPlace {
  return {
    shopId: ref.shopId,
    subjectId: ref.customerId,
    purpose: "order",
    field: "order.contact",
    rowId: orderId,
  };
}

/** The summary as code renders it; its button carries the hash of exactly this. */
export function summaryContents(
  context: TurnContext,
  cart: WorkingCart,
  prepared: PreparedOrder,
): OutboundContent[] {
  const say = texts(context.language);
  const { currency } = context.turn.shop;
  const money = (amountMinor: number) => ({ amountMinor, currency });
  const text = say.summary({
    lines: prepared.lines.map((line, index) => ({
      name: line.variantName === "" ? line.productName : `${line.productName} (${line.variantName})`,
      quantity: line.quantity,
      lineTotal: money(prepared.price.lineTotalsMinor[index] ?? 0),
    })),
    fee: money(prepared.price.feeMinor),
    discount: money(prepared.price.discountMinor),
    credit: money(prepared.price.creditMinor),
    total: money(prepared.price.totalMinor),
    name: cart.contact.name ?? "",
    phone: cart.contact.phone ?? "",
    township: cart.contact.township ?? "",
    address: cart.contact.address ?? "",
    paymentMethodName: prepared.method.name,
  });
  const replies = [
    { title: say.titles.confirm, payload: confirmPayload(prepared.orderId, prepared.hash) },
    { title: say.titles.change, payload: orderPayload("change", prepared.orderId) },
  ];
  const parts = splitMessage(text);
  return parts.map((part, index) => textContent(part, index === parts.length - 1 ? replies : []));
}

/** The row and lines of a draft; it becomes an order only by the customer's confirmation of its hash. */
export function draftOrder(
  context: TurnContext,
  {
    cart,
    prepared,
    contact,
    now,
  }: { cart: WorkingCart; prepared: PreparedOrder; contact: Sealed; now: Date },
): { order: Insertable<OrdersTable>; lines: Insertable<OrderLinesTable>[] } {
  const { shop, conversation } = context.turn;
  return {
    order: {
      shop_id: shop.id,
      id: prepared.orderId,
      customer_id: conversation.customer_id,
      order_state: "draft",
      payment_state: "none",
      fulfilment_kind: "delivery",
      fulfilment_state: "pending",
      currency: shop.currency,
      lines_minor: prepared.price.linesMinor,
      fee_minor: prepared.price.feeMinor,
      discount_minor: prepared.price.discountMinor,
      credit_minor: prepared.price.creditMinor,
      total_minor: prepared.price.totalMinor,
      payment_method_id: prepared.method.id,
      payment_kind: prepared.method.kind,
      zone_id: prepared.zone.id,
      contact,
      contact_version: cart.contactVersion,
      contact_source: cart.contactSource,
      summary_hash: prepared.hash,
      timings: JSON.stringify(shop.order_timings),
      created_at: now,
      updated_at: now,
    },
    lines: prepared.lines.map((line, position) => ({
      shop_id: shop.id,
      order_id: prepared.orderId,
      variant_id: line.variantId,
      position,
      product_name: line.productName,
      variant_name: line.variantName,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
    })),
  };
}
