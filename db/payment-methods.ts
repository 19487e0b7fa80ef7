import type { Selectable } from "kysely";

import type { ObjectId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { GatewayProvider } from "../domain/ports/payment-gateway.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PaymentMethodsTable } from "./schema/catalogue.ts";

export type PaymentMethodRow = Selectable<PaymentMethodsTable>;

/** What the sealed `details` of a transfer hold, as JSON. */
export type PaymentDetails = { accountName: string; accountNumber: string; bank: string };

/** Hidden from customers until the owner shows it, unless the owner says otherwise at once. */
export async function insertPaymentMethod(
  trx: ShopTransaction,
  method: {
    shopId: ShopId;
    paymentMethodId: PaymentMethodId;
    kind: PaymentMethodsTable["kind"];
    name: string;
    details: Sealed | null;
    gateway?: { provider: GatewayProvider; merchant: Sealed } | undefined;
    isVisibleToCustomer: boolean;
    isEnabled: boolean;
    now: Date;
  },
): Promise<PaymentMethodRow> {
  return trx
    .insertInto("payment_methods")
    .values({
      shop_id: method.shopId,
      id: method.paymentMethodId,
      kind: method.kind,
      name: method.name,
      details: method.details,
      provider: method.gateway?.provider ?? null,
      merchant: method.gateway?.merchant ?? null,
      is_visible_to_customer: method.isVisibleToCustomer,
      is_enabled: method.isEnabled,
      created_at: method.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findPaymentMethod(
  trx: ShopTransaction,
  { shopId, paymentMethodId }: { shopId: ShopId; paymentMethodId: PaymentMethodId },
): Promise<PaymentMethodRow | undefined> {
  return trx
    .selectFrom("payment_methods")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentMethodId)
    .executeTakeFirst();
}

/** Oldest first, as a shop lists them; `after` is the last id of the page above. */
export function listPaymentMethods(
  trx: ShopTransaction,
  filter: { shopId: ShopId; after?: PaymentMethodId; limit: number },
): Promise<PaymentMethodRow[]> {
  let query = trx
    .selectFrom("payment_methods")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .orderBy("id")
    .limit(filter.limit);
  if (filter.after !== undefined) query = query.where("id", ">", filter.after);
  return query.execute();
}

export type PaymentMethodChanges = {
  name?: string;
  details?: Sealed;
  merchant?: Sealed;
  isVisibleToCustomer?: boolean;
  isEnabled?: boolean;
  qrObjectId?: ObjectId;
};

/** Undefined: the method is not there, or no longer at `ifVersion`. */
export function updatePaymentMethod(
  trx: ShopTransaction,
  change: {
    shopId: ShopId;
    paymentMethodId: PaymentMethodId;
    ifVersion: number | null;
    changes: PaymentMethodChanges;
  },
): Promise<PaymentMethodRow | undefined> {
  const { name, details, merchant, isVisibleToCustomer, isEnabled, qrObjectId } = change.changes;
  let query = trx
    .updateTable("payment_methods")
    .set((eb) => ({
      ...(name === undefined ? {} : { name }),
      ...(details === undefined ? {} : { details }),
      ...(merchant === undefined ? {} : { merchant }),
      ...(isVisibleToCustomer === undefined ? {} : { is_visible_to_customer: isVisibleToCustomer }),
      ...(isEnabled === undefined ? {} : { is_enabled: isEnabled }),
      ...(qrObjectId === undefined ? {} : { qr_object_id: qrObjectId }),
      version: eb("version", "+", 1),
    }))
    .where("shop_id", "=", change.shopId)
    .where("id", "=", change.paymentMethodId);
  if (change.ifVersion !== null) query = query.where("version", "=", change.ifVersion);
  return query.returningAll().executeTakeFirst();
}

/** Where the details of a method are sealed: under the shop's own key. */
export function paymentDetailsPlace(shopId: ShopId, paymentMethodId: PaymentMethodId): SealedPlace {
  return {
    shopId,
    subjectId: shopSubject(shopId),
    purpose: "secret",
    field: "payment_method.details",
    rowId: paymentMethodId,
  };
}
