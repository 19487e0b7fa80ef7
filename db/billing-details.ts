import type { BillingDetailsId, ShopId, SubjectId } from "../domain/id.ts";
import type { NewKey, Sealed, SealedPlace } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import { insertSubjects } from "./subjects.ts";

export type BillingDetailsRef = { shopId: ShopId; id: BillingDetailsId };

/** Each version is a subject under its own id. */
export function billingSubject(id: BillingDetailsId): SubjectId {
  // Safe: the `subjects` row is made with the id of the details.
  return id as string as SubjectId;
}

export function billingDetailsPlace({ shopId, id }: BillingDetailsRef): SealedPlace {
  return {
    shopId,
    subjectId: billingSubject(id),
    purpose: "finance",
    field: "billing_details.details",
    rowId: id,
  };
}

/** For invoices from now on. Null: they are made out to the shop by its name alone. */
export async function insertBillingDetails(
  trx: ShopTransaction,
  {
    shopId,
    id,
    details,
    keys,
    now,
  }: BillingDetailsRef & { details: Sealed | null; keys: NewKey[]; now: Date },
): Promise<void> {
  const subjects = details === null ? [] : [{ id: billingSubject(id), kind: "billing" as const }];
  await insertSubjects(trx, { shopId, subjects, keys, now });
  await trx.insertInto("billing_details").values({ shop_id: shopId, id, details, created_at: now }).execute();
}

/** What holds now. */
export async function findBillingDetails(
  trx: ShopTransaction,
  shopId: ShopId,
): Promise<{ id: BillingDetailsId; details: Sealed } | undefined> {
  const row = await trx
    .selectFrom("billing_details")
    .select(["id", "details"])
    .where("shop_id", "=", shopId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined || row.details === null ? undefined : { id: row.id, details: row.details };
}
