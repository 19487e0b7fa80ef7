import type { InboundEvent, InboundReferral } from "./inbound-event.ts";
import type { LooseObject } from "./read-field.ts";
import { readIdField, readObjectField, readTextField } from "./read-field.ts";

/** One element of `messaging` or `standby` with what surrounds it. */
export type MessagingItem = {
  pageId: string;
  item: LooseObject;
  occurredAt: Date;
  isStandby: boolean;
  /** The customer, whichever of the two spoke; undefined when there is none. */
  customerId: string | undefined;
  isFromPage: boolean;
};

export type CustomerItem = MessagingItem & { customerId: string };

/** Events, or the reason why there are none. */
export type EventsOrReason = InboundEvent[] | string;

/** The fields that every event has. */
export function eventBase({ customerId, occurredAt, isStandby }: CustomerItem, eventKey: Buffer) {
  return { eventKey, occurredAt, senderId: customerId, ...(isStandby ? { standby: true as const } : {}) };
}

/** Where the customer came from: a link's `ref`, an ad, or a product's page in the shop. */
export function parseReferral(referral: LooseObject | undefined): InboundReferral | undefined {
  if (referral === undefined) return undefined;
  const ref = readTextField(referral, "ref");
  const source = readTextField(referral, "source");
  const productId =
    readIdField(readObjectField(referral, "product"), "id") ??
    readIdField(readObjectField(referral, "ads_context_data"), "product_id");
  return {
    ...(ref === undefined ? {} : { ref }),
    ...(source === undefined ? {} : { source }),
    ...(productId === undefined ? {} : { productId }),
  };
}
