import { findPrivacyRequest, privacyStanding } from "../../db/privacy-requests.ts";
import type { PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { isOpenPrivacy, nextPrivacyDeadline, taskOf } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyRef, PrivacySnapshot, PrivacyTask } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";

export async function loadPrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  const row = await deps.db.withShop(ref.shopId, (trx) => findPrivacyRequest(trx, ref));
  if (row) return privacySnapshot(row, deps.clock.now());
  throw new AppError("not_found", "privacy_request.not_found", {
    internal: `privacy request ${ref.requestId}`,
  });
}

export function privacySnapshot(row: PrivacyRequestRow, now: Date): PrivacySnapshot {
  const next = nextPrivacyDeadline(privacyStanding(row));
  const { activityTimeoutMs, activityRetryMs } = row.timings;
  return {
    version: 1,
    rowVersion: row.version,
    state: row.state,
    isOpen: isOpenPrivacy(row.state),
    next: next && { deadline: next.deadline, waitMs: Math.max(0, next.at.getTime() - now.getTime()) },
    task: taskFor(row),
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}

function taskFor({ state, kind, subject_id: subjectId }: PrivacyRequestRow): PrivacyTask | null {
  const what = taskOf(kind);
  return state === "in_progress" && what !== null && subjectId !== null ? { what, subjectId, kind } : null;
}
