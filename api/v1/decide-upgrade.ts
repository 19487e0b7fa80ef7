import type { Context } from "hono";

import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { toTypeId } from "../../domain/id.ts";
import { upgradeWorkflow, upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";
import type {
  UpgradeInput,
  UpgradeRef,
  UpgradeUpdateName,
  UpgradeUpdates,
} from "../../workflows/upgrade.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestDecision } from "./request-decision.ts";

export type AskedUpgrade = {
  [Name in UpgradeUpdateName]: { name: Name; request: UpgradeUpdates[Name] };
}[UpgradeUpdateName];

/**
 * Carries a person's word to the request's workflow, and answers with the row as it stands afterwards. What the request
 * does not allow is a 409 with the reason's code; an admin to whom it is not theirs to decide gets a 403.
 */
export async function decideUpgrade(
  c: Context<ApiEnv>,
  { shopId, requestId }: UpgradeRef,
  asked: AskedUpgrade,
  readRow: () => Promise<UpgradeRequestRow>,
): Promise<UpgradeRequestRow> {
  const input: UpgradeInput = { version: 1, shopId, requestId };
  await requestDecision(c, {
    of: "upgrade",
    workflowId: upgradeWorkflowId(toTypeId("upg", requestId)),
    workflowType: upgradeWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    isRecorded: async () => isRecorded(await readRow(), asked),
  });
  return readRow();
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function isRecorded(row: UpgradeRequestRow, asked: AskedUpgrade): boolean {
  if (asked.name === "refundUpgradeMoney") return false;
  const isThere = row.state === stateOf[asked.name];
  return isThere && (asked.name !== "submitUpgrade" || row.upload_id === asked.request.uploadId);
}

const stateOf = {
  submitUpgrade: "submitted",
  cancelUpgrade: "cancelled",
  approveUpgrade: "approved",
  rejectUpgrade: "rejected",
  requestUpgradeEvidenceAgain: "asked_again",
} as const;
