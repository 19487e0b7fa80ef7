import type { ShopTransaction } from "../../db/connection.ts";
import { findObject, objectKeyPlace, resealObject } from "../../db/objects.ts";
import type { EvidenceRow } from "../../db/payment-evidence.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { ActivityDeps } from "../deps.ts";
import { readingPlace } from "../../db/payment-evidence.ts";
import { encodeReading } from "../../domain/payment/proof-reading.ts";

export type SealedForFinance = {
  /** The slip's fields under the finance key. */
  financeReading: Sealed | null;
  /** Puts the key of the slip's picture under the finance key. */
  moveObject?: (trx: ShopTransaction) => Promise<void>;
};

/** A slip that money was booked for is kept for the books: its fields and its picture's key move to the finance key. */
export async function sealForFinance(
  deps: ActivityDeps,
  slip: EvidenceRow & { opened: ProofReading | null },
): Promise<SealedForFinance> {
  if (!slip.opened) return { financeReading: null };
  const { shop_id: shopId, object_id: objectId } = slip;
  const object = await deps.db.withShop(shopId, (trx) => findObject(trx, { shopId, objectId }));
  const [key] = object
    ? await deps.sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }])
    : [];
  const [financeReading, sealedKey] = await deps.sealer.seal([
    { place: readingPlace({ ...slip, sealed_for: "finance" }), plaintext: encodeReading(slip.opened) },
    ...(object && key
      ? [{ place: objectKeyPlace({ ...object, purpose: "finance" as const }), plaintext: key }]
      : []),
  ]);
  return {
    financeReading: financeReading ?? null,
    ...(sealedKey
      ? {
          moveObject: (trx: ShopTransaction) =>
            resealObject(trx, { shopId, objectId, purpose: "finance", sealedKey }),
        }
      : {}),
  };
}
