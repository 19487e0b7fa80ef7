import type { ShopTransaction } from "../../db/connection.ts";
import { findObject, objectKeyPlace, resealObject } from "../../db/objects.ts";
import type { OrderEventType } from "../../db/schema/orders.ts";
import { newId } from "../../domain/id.ts";
import { normaliseReference } from "../../domain/payment/normalise-reference.ts";
import type { Sealed, SealedPlace, ToSeal } from "../../domain/sealing.ts";
import type { ActivityDeps } from "../deps.ts";
import { sealParts } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import type { OrderChange } from "./order-change.ts";
import { readingPlace } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";
import { encodeReading } from "./slip-reading.ts";

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
  /** The accepted slip's fields under the finance key. */
  financeReading: Sealed | null;
  /** Puts the slip's object key under the finance key. */
  moveObject?: (trx: ShopTransaction) => Promise<void>;
  referenceIndex: Buffer | null;
};

export async function sealChange(
  deps: ActivityDeps,
  view: OrderView,
  change: OrderChange,
): Promise<SealedChange> {
  const conversation = { shopId: view.order.shop_id, customerId: view.order.customer_id };
  const finance = await sealForFinance(deps, view, change);
  return {
    parts: await sealParts(deps.sealer, conversation, change.message?.contents ?? []),
    events: await sealEvents(deps, view, change),
    tracking: await sealTracking(deps, view, change.tracking),
    referenceIndex: await indexReference(deps, view, change.entry?.reference ?? null),
    ...finance,
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

/** An accepted slip is kept for the books: its fields and its picture's key move to the finance key. */
async function sealForFinance(deps: ActivityDeps, view: OrderView, { evidence }: OrderChange) {
  const row = view.evidence.find(({ id }) => id === evidence?.id);
  if (evidence?.to !== "accepted" || !row?.opened) return { financeReading: null };
  const shopId = view.order.shop_id;
  const object = await deps.db.withShop(shopId, (trx) =>
    findObject(trx, { shopId, objectId: row.object_id }),
  );
  const [key] = object
    ? await deps.sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }])
    : [];
  const [financeReading, sealedKey] = await sealAll(deps, [
    { place: readingPlace({ ...row, sealed_for: "finance" }), plaintext: encodeReading(row.opened) },
    ...(object && key
      ? [{ place: objectKeyPlace({ ...object, purpose: "finance" as const }), plaintext: key }]
      : []),
  ]);
  return {
    financeReading: financeReading ?? null,
    ...(sealedKey
      ? {
          moveObject: (trx: ShopTransaction) =>
            resealObject(trx, { shopId, objectId: row.object_id, purpose: "finance", sealedKey }),
        }
      : {}),
  };
}

async function indexReference(deps: ActivityDeps, view: OrderView, reference: string | null) {
  const normalised = reference === null ? null : normaliseReference(reference);
  return normalised === null ? null : referenceIndex(deps, view, normalised);
}

/** The blind index under which a payment's reference is unique. */
export function referenceIndex(deps: ActivityDeps, view: OrderView, normalised: string): Promise<Buffer> {
  return deps.blindIndexer.index(view.order.shop_id, "payment.reference", normalised);
}

function placeOf(view: OrderView, field: string, rowId: string): SealedPlace {
  const { shop_id: shopId, customer_id: subjectId } = view.order;
  return { shopId, subjectId, purpose: "order", field, rowId };
}

/** No call at all where there is nothing to seal. */
function sealAll(deps: ActivityDeps, items: ToSeal[]): Promise<Sealed[]> {
  return items.length === 0 ? Promise.resolve([]) : deps.sealer.seal(items);
}
