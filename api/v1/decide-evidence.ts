import type { Context } from "hono";

import { findEvidenceDetail } from "../../db/evidence-queries.ts";
import type { EvidenceDetail } from "../../db/evidence-queries.ts";
import type { EvidenceId, MessageId } from "../../domain/id.ts";
import { toTypeId } from "../../domain/id.ts";
import { evidenceWorkflow, evidenceWorkflowId } from "../../workflows/evidence.contract.ts";
import type {
  EvidenceInput,
  EvidenceUpdateName,
  EvidenceUpdates,
} from "../../workflows/evidence.contract.ts";
import type { DecisionBy } from "../../workflows/order.contract.ts";
import type { ApiEnv } from "../env.ts";
import { toEvidenceSummary } from "./evidence.schema.ts";
import { decisionBy } from "./decision-by.ts";
import { found } from "./fields.schema.ts";
import { requestDecision } from "./request-decision.ts";
import { storeNote } from "./store-note.ts";

type Decision<Name extends EvidenceUpdateName> = {
  name: Name;
  note?: string | undefined;
  request: (part: { by: DecisionBy; noteId: MessageId | null }) => EvidenceUpdates[Name];
};

/**
 * Carries the owner's word on a slip that belongs to no order to the slip's workflow, and answers with the slip as it
 * stands afterwards. What the slip does not allow is a 409 with the reason's code.
 */
export async function decideEvidence<Name extends EvidenceUpdateName>(
  c: Context<ApiEnv>,
  evidenceId: EvidenceId,
  decision: Decision<Name>,
) {
  const { actor } = c.var;
  const { shopId } = actor;
  const { customer_id: customerId } = await readRow(c, evidenceId);
  const noteId =
    decision.note === undefined ? null : await storeNote(c, { customerId, orderId: null }, decision.note);
  const input: EvidenceInput = { version: 1, shopId, evidenceId };
  await requestDecision(c, {
    of: "evidence",
    workflowId: evidenceWorkflowId(toTypeId("evd", evidenceId)),
    workflowType: evidenceWorkflow,
    input,
    update: decision.name,
    request: decision.request({ by: decisionBy(actor), noteId }),
    isRecorded: async () => isRecorded(await readRow(c, evidenceId), decision.name),
  });
  return readEvidence(c, evidenceId);
}

/** How a decision answers, at first and again: with the slip as it is now. */
export async function readEvidence(c: Context<ApiEnv>, evidenceId: EvidenceId) {
  return toEvidenceSummary(await readRow(c, evidenceId));
}

async function readRow(c: Context<ApiEnv>, evidenceId: EvidenceId): Promise<EvidenceDetail> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  return found(
    await deps.db.withShop(shopId, (trx) => findEvidenceDetail(trx, { shopId, evidenceId })),
    "evd",
  );
}

/** What the row says of a decision whose workflow has ended meanwhile; nobody waits by this answer. */
function isRecorded({ state }: EvidenceDetail, asked: EvidenceUpdateName): boolean {
  return state === (asked === "returnPayment" ? "returned" : "refused");
}
