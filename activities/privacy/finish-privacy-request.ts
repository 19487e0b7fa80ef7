import { appendAudit } from "../../db/audit-events.ts";
import { changePrivacyRequest, lockPrivacyRequest } from "../../db/privacy-requests.ts";
import type { PrivacyAnswer } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyRef, PrivacySnapshot } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { answered } from "./deadlines.ts";
import { privacySnapshot } from "./privacy-snapshot.ts";

/** What was to be done is done. Safe to run twice: the row is locked, and leaves `in_progress` once. */
export async function finishPrivacyRequest(
  deps: ActivityDeps,
  { answer, ...ref }: PrivacyRef & { answer: PrivacyAnswer },
): Promise<PrivacySnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withShop(ref.shopId, async (trx) => {
    const row = await lockPrivacyRequest(trx, ref);
    if (row.state !== "in_progress") return row;
    const event = { shopId: ref.shopId, actorKind: "system" as const, actorId: null, resourceId: row.id };
    await appendAudit(trx, {
      ...event,
      action: "privacy_request.done",
      data: { kind: row.kind, answer },
      now,
    });
    const by = { kind: "system", accountId: null } as const;
    return changePrivacyRequest(trx, row, { set: answered(answer, now), event: answer, by, now });
  });
  await deps.atStep("privacy.committed");
  return privacySnapshot(row, now);
}
