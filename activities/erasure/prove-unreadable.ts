import { getErasure, moveErasure } from "../../db/erasures.ts";
import { lockOpenHolds } from "../../db/holds.ts";
import { listSealedValues } from "../../db/sealed-values.ts";
import type { SealedPlaceMark, SealedValue } from "../../db/sealed-values.ts";
import { AppError } from "../../domain/app-error.ts";
import type { Purpose } from "../../domain/sealing.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

const pageSize = 500;

/**
 * Tries to open every sealed value of the person, before the rows go: none may open but what a hold keeps. Fails while one
 * does, and is tried again. Safe to run twice: it reads.
 */
export async function proveUnreadable(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { stage, holds, probed } = await deps.db.withShop(ref.shopId, async (trx) => {
    const erasure = await getErasure(trx, ref);
    return {
      stage: erasure.stage,
      probed: erasure.probed_values,
      holds: await lockOpenHolds(trx, ref),
    };
  });
  if (stage !== "unreadable") return;
  const tried = await probe(deps, ref, new Set(holds.map(({ purpose }) => purpose)));
  await deps.db.withShop(ref.shopId, (trx) =>
    moveErasure(trx, { ...ref, from: "unreadable", to: "proven", set: { probed_values: probed + tried } }),
  );
}

async function probe(
  deps: ErasureDeps,
  { shopId, subjectId }: ErasureRef,
  held: ReadonlySet<Purpose>,
): Promise<number> {
  let tried = 0;
  let after: SealedPlaceMark | null = null;
  for (;;) {
    const page: Parameters<typeof listSealedValues>[1] = { shopId, subjectId, after, limit: pageSize };
    const values: SealedValue[] = await deps.db.withShop(shopId, (trx) => listSealedValues(trx, page));
    const lost = values.filter(({ purpose }) => !held.has(purpose));
    const opened = await deps.sealer.open(
      lost.map(({ field, rowId, purpose, sealed }) => ({
        place: { shopId, subjectId, purpose, field, rowId },
        sealed,
      })),
    );
    const readable = opened.filter((plaintext) => plaintext !== undefined).length;
    if (readable > 0) {
      throw new AppError("conflict", "erasure.still_readable", {
        internal: `${readable} values of subject ${subjectId} open after their keys were destroyed`,
      });
    }
    tried += lost.length;
    after = values.at(-1) ?? null;
    if (values.length < pageSize) return tried;
  }
}
