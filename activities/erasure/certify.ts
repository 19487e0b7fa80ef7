import { randomBytes } from "node:crypto";

import { appendAudit } from "../../db/audit-events.ts";
import { findCertificate, insertCertificate, publishCertificateKey } from "../../db/certificates.ts";
import type { CertificateRow } from "../../db/certificates.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import {
  getErasure,
  listDestroyedEpochs,
  markFinal,
  moveErasure,
  setErasureState,
} from "../../db/erasures.ts";
import type { ErasureRow } from "../../db/erasures.ts";
import { listHeldOrders, lockOpenHolds } from "../../db/holds.ts";
import type { HoldRow } from "../../db/holds.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import { certificateText } from "../../domain/privacy/certificate.ts";
import { goneForGoodAt } from "../../domain/privacy/erasure.ts";
import type { ErasureRef, ErasureResult } from "../../workflows/erasure.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

const saltLength = 16;

/**
 * The first of a leg says when it became unreadable, and that the second date is pending. With no order left the subject
 * is `erased`. Safe to run twice: the stage is left once, and a revision is written once.
 */
export async function issueCertificate(deps: ErasureDeps, ref: ErasureRef): Promise<ErasureResult> {
  const issued = await deps.db.withShop(ref.shopId, async (trx) => {
    const now = deps.clock.now();
    const openOrders = (await listHeldOrders(trx, ref)).length;
    if (openOrders === 0) await setErasureState(trx, { ...ref, to: "erased" });
    if (await moveErasure(trx, { ...ref, from: "removed", to: "certified" })) {
      await certify(deps, trx, { ref, now });
    }
    return result(trx, ref);
  });
  await deps.atStep("erasure.certified");
  await deps.processes.ringErasure(ref); // what is left waits for orders, epochs and dates
  return issued;
}

/** Safe to run twice: the date is set once, in the transaction of the revision that tells it. */
export async function completeCertificate(deps: ErasureDeps, ref: ErasureRef): Promise<ErasureResult> {
  return deps.db.withShop(ref.shopId, async (trx) => {
    const erasure = await getErasure(trx, ref);
    const epochs = [...new Set(erasure.destroyed_keys.map(({ epoch }) => epoch))];
    const now = deps.clock.now();
    const at = goneForGoodAt(erasure.destroyed_keys, await listDestroyedEpochs(trx, epochs));
    if (at !== null && (await markFinal(trx, { ...ref, at }))) await certify(deps, trx, { ref, now });
    return result(trx, ref);
  });
}

async function result(trx: ShopTransaction, ref: ErasureRef): Promise<ErasureResult> {
  const certificate = await findCertificate(trx, ref);
  if (!certificate) {
    throw new AppError("conflict", "erasure.not_certified", { internal: `request ${ref.requestId}` });
  }
  const { id, revision, is_final: isFinal } = certificate;
  const openOrders = (await listHeldOrders(trx, ref)).length;
  return { version: 1, certificateId: id, revision, openOrders, isFinal };
}

async function certify(
  { certificateSigner: signer }: ErasureDeps,
  trx: ShopTransaction,
  { ref, now }: { ref: ErasureRef; now: Date },
): Promise<void> {
  const { shopId, requestId, subjectId } = ref;
  const erasure = await getErasure(trx, ref);
  const before = await findCertificate(trx, ref);
  const salt = before?.salt ?? randomBytes(saltLength);
  const [id, revision] = [newId<string>(), (before?.revision ?? 0) + 1];
  const body = bodyOf(erasure, { holds: await lockOpenHolds(trx, ref), id, revision, salt, now });
  const certificate: CertificateRow = {
    shop_id: shopId,
    request_id: requestId,
    revision,
    id,
    body,
    signature: signer.sign(Buffer.from(body, "utf8")),
    key_id: signer.keyId,
    salt,
    is_final: erasure.final_at !== null,
    issued_at: now,
  };
  await publishCertificateKey(trx, { ...signer, now });
  await insertCertificate(trx, certificate);
  const event = { shopId, actorKind: "system" as const, actorId: null, subjectId, resourceId: requestId };
  await appendAudit(trx, { ...event, action: "erasure.certified", data: { revision }, now });
}

function bodyOf(
  erasure: ErasureRow,
  issue: { holds: HoldRow[]; id: string; revision: number; salt: Buffer; now: Date },
): string {
  const { holds, id, revision, salt, now } = issue;
  return certificateText({
    id,
    requestId: erasure.request_id,
    revision,
    shop: toTypeId("shop", erasure.shop_id),
    subjectId: erasure.subject_id,
    kind: "customer",
    salt,
    startedAt: erasure.started_at.toISOString(),
    fencedAt: (erasure.fenced_at ?? erasure.started_at).toISOString(),
    finalSince: erasure.final_at?.toISOString() ?? null,
    plan: erasure.plan,
    removed: erasure.removed,
    keys: erasure.destroyed_keys,
    runs: erasure.runs,
    keyCacheMs: erasure.timings.keyCacheMs,
    probedValues: erasure.probed_values,
    holds: holds.map((hold) => ({
      class: hold.class,
      basis: hold.basis,
      until: hold.until?.toISOString() ?? null,
    })),
    issuedAt: now.toISOString(),
  });
}
