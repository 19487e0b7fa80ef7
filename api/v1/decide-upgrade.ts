import type { Context } from "hono";

import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import { upgradeWorkflow, upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";
import type {
  UpgradeDecisionResult,
  UpgradeInput,
  UpgradeRef,
  UpgradeUpdateName,
  UpgradeUpdates,
} from "../../workflows/upgrade.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestUpdate } from "../request-update.ts";
import { notTheirs, ofTheirs } from "./not-theirs.ts";

type Outcome = Pick<UpgradeDecisionResult, "outcome" | "reason">;

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
  const { deps, effect } = c.var;
  const input: UpgradeInput = { version: 1, shopId, requestId };
  const result = await requestUpdate<Outcome>(deps.temporal, {
    workflowId: upgradeWorkflowId(toTypeId("upg", requestId)),
    workflowType: upgradeWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    updateId: effect.updateId,
    findRecorded: async () => recorded(await readRow(), asked),
  });
  if (result.outcome === "refused") throw upgradeRefusal(result.reason);
  return readRow();
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function recorded(row: UpgradeRequestRow, asked: AskedUpgrade): Outcome | undefined {
  if (asked.name === "refundUpgradeMoney") return undefined;
  const isThere = row.state === stateOf[asked.name];
  const isSame = asked.name !== "submitUpgrade" || row.upload_id === asked.request.uploadId;
  return isThere && isSame ? { outcome: "already", reason: null } : undefined;
}

const stateOf = {
  submitUpgrade: "submitted",
  cancelUpgrade: "cancelled",
  approveUpgrade: "approved",
  rejectUpgrade: "rejected",
  requestUpgradeEvidenceAgain: "asked_again",
} as const;

function upgradeRefusal(reason: string | null): AppError {
  const code = reason ?? "upgrade.refused";
  return notTheirs.has(code)
    ? ofTheirs(code)
    : new AppError("conflict", code, {
        internal: "the row does not allow the decision",
        public: "The request does not allow this now. Read it again.",
      });
}
