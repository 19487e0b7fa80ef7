import type { OrderEventType } from "../../db/schema/orders.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { normaliseReference } from "../../domain/payment/normalise-reference.ts";
import type { Sealed, SealedPlace, ToSeal } from "../../domain/sealing.ts";
import type { ActivityDeps } from "../deps.ts";
import { sealParts } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import type { OrderChange } from "./order-change.ts";
import type { OrderView } from "./order-view.ts";
import { sealForFinance } from "./seal-for-finance.ts";
import type { SealedForFinance } from "./seal-for-finance.ts";

/** A change with everything personal in it sealed, before the transaction. */
export type SealedChange = {
  parts: SealedPart[];
  events: {
    id: string;
    type: OrderEventType;
    data: Record<string, string | number | boolean>;
    note: Sealed | null;
  }[];
  tracking: Sealed | null;
  referenceIndex: Buffer | null;
} & SealedForFinance;

export async function sealChange(
  deps: ActivityDeps,
  view: OrderView,
  change: OrderChange,
): Promise<SealedChange> {
  const conversation = { shopId: view.order.shop_id, customerId: view.order.customer_id };
  const accepted = change.evidence?.to === "accepted" ? change.evidence.id : null;
  const slip = view.evidence.find(({ id }) => id === accepted);
  return {
    parts: view.isFenced ? [] : await sealParts(deps.sealer, conversation, change.message?.contents ?? []),
    events: await sealEvents(deps, view, change),
    tracking: await sealTracking(deps, view, change.tracking),
    referenceIndex:
      change.entry?.referenceIndex ??
      (await indexReference(deps, view.order.shop_id, change.entry?.reference ?? null)),
    ...(slip ? await sealForFinance(deps, slip) : { financeReading: null }),
  };
}

async function sealEvents(deps: ActivityDeps, view: OrderView, change: OrderChange) {
  const events = change.events.map((event) => ({ ...event, id: newId<string>() }));
  const noted = events.flatMap(({ id, note }) =>
    note ? [{ place: placeOf(view, "order_event.note", id), plaintext: note }] : [],
  );
  const sealed = await sealAll(deps, noted);
  return events.map(({ id, type, data, note }) => ({
    id,
    type,
    data: data ?? {},
    note: note ? (sealed.shift() ?? null) : null,
  }));
}

async function sealTracking(deps: ActivityDeps, view: OrderView, tracking: string | undefined) {
  if (tracking === undefined) return null;
  const place = placeOf(view, "order.tracking", view.order.id);
  const [sealed] = await sealAll(deps, [{ place, plaintext: tracking }]);
  return sealed ?? null;
}

/** The blind index under which a payment's reference is unique; null where none can be read. */
export async function indexReference(
  deps: ActivityDeps,
  shopId: ShopId,
  reference: string | null,
): Promise<Buffer | null> {
  const normalised = reference === null ? null : normaliseReference(reference);
  if (normalised === null) return null;
  return deps.blindIndexer.index(shopId, "payment.reference", normalised);
}

function placeOf(view: OrderView, field: string, rowId: string): SealedPlace {
  const { shop_id: shopId, customer_id: subjectId } = view.order;
  return { shopId, subjectId, purpose: "order", field, rowId };
}

/** No call at all where there is nothing to seal. */
function sealAll(deps: ActivityDeps, items: ToSeal[]): Promise<Sealed[]> {
  return items.length === 0 ? Promise.resolve([]) : deps.sealer.seal(items);
}
