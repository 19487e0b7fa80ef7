import type { Context } from "hono";

import { findPayoutOfAny } from "../../../db/admin-payouts.ts";
import type { PayoutRow } from "../../../db/payouts.ts";
import { AppError } from "../../../domain/app-error.ts";
import { toTypeId } from "../../../domain/id.ts";
import { payoutWorkflow, payoutWorkflowId } from "../../../workflows/payout.contract.ts";
import type {
  PayoutDecisionResult,
  PayoutInput,
  PayoutUpdateName,
  PayoutUpdates,
} from "../../../workflows/payout.contract.ts";
import type { ApiEnv } from "../../env.ts";
import { requestUpdate } from "../../request-update.ts";
import { found } from "../fields.schema.ts";

type Outcome = Pick<PayoutDecisionResult, "outcome" | "reason">;

export type AskedPayout = {
  [Name in PayoutUpdateName]: { name: Name; request: PayoutUpdates[Name] };
}[PayoutUpdateName];

/**
 * Carries an admin's word to the payout's workflow, and answers with the row as it stands afterwards. What the payout
 * does not allow is a 409 with the reason's code; an admin to whom it is not theirs to decide gets a 403.
 */
export async function decidePayout(
  c: Context<ApiEnv>,
  { id: payoutId, participant_id: participantId, period }: PayoutRow,
  asked: AskedPayout,
): Promise<PayoutRow> {
  const { deps, actor, effect } = c.var;
  const input: PayoutInput = { version: 1, shopId: actor.shopId, payoutId };
  const readRow = async () => found(await findPayoutOfAny(deps.admin, payoutId), "pout");
  const result = await requestUpdate<Outcome>(deps.temporal, {
    workflowId: payoutWorkflowId(toTypeId("ptc", participantId), period),
    workflowType: payoutWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    updateId: effect.updateId,
    findRecorded: async () => recorded(await readRow(), asked),
  });
  if (result.outcome === "refused") throw refusal(result.reason);
  return readRow();
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function recorded(row: PayoutRow, asked: AskedPayout): Outcome | undefined {
  const isSame =
    asked.name === "recordPayoutPaid"
      ? row.state === "paid" && row.upload_id === asked.request.uploadId
      : asked.name === "cancelPayout" && row.state === "cancelled";
  return isSame ? { outcome: "already", reason: null } : undefined;
}

/** Not a matter of the payout's state, but of who asks. */
const notTheirs = new Set(["payout.same_person", "payout.related", "payout.no_person"]);

function refusal(reason: string | null): AppError {
  const code = reason ?? "payout.refused";
  return notTheirs.has(code)
    ? new AppError("forbidden", code, {
        internal: "the admin has a share in it",
        public: "Somebody else must decide about this payout.",
      })
    : new AppError("conflict", code, {
        internal: "the row does not allow the decision",
        public: "The payout does not allow this now. Read it again.",
      });
}
