import type { PrivacyRef } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/** The row is the truth: with Temporal away, `reconcile` rings later. */
export async function ringPrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<void> {
  await deps.processes.ringPrivacyRequest(ref).catch((err: unknown) => {
    deps.log.warn({ ...ref, err }, "privacy_request.ring_failed");
  });
}
