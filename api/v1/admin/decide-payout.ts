import type { Context } from "hono";

import { findPayoutOfAny } from "../../../db/admin-payouts.ts";
import type { PayoutRow } from "../../../db/payouts.ts";
import { toTypeId } from "../../../domain/id.ts";
import { payoutWorkflow, payoutWorkflowId } from "../../../workflows/payout.contract.ts";
import type { PayoutInput, PayoutUpdateName, PayoutUpdates } from "../../../workflows/payout.contract.ts";
import type { ApiEnv } from "../../env.ts";
import { found } from "../fields.schema.ts";
import { requestDecision } from "../request-decision.ts";

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
  const { deps, actor } = c.var;
  const input: PayoutInput = { version: 1, shopId: actor.shopId, payoutId };
  const readRow = async () => found(await findPayoutOfAny(deps.admin, payoutId), "pout");
  await requestDecision(c, {
    of: "payout",
    workflowId: payoutWorkflowId(toTypeId("ptc", participantId), period),
    workflowType: payoutWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    isRecorded: async () => isRecorded(await readRow(), asked),
  });
  return readRow();
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function isRecorded(row: PayoutRow, asked: AskedPayout): boolean {
  return asked.name === "recordPayoutPaid"
    ? row.state === "paid" && row.upload_id === asked.request.uploadId
    : asked.name === "cancelPayout" && row.state === "cancelled";
}
