import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { deleteLooseObject, staysLoose } from "../../db/loose-objects.ts";
import { findPayoutUpload, payoutObjectOf } from "../../db/payout-uploads.ts";
import { approvePayout, cancelPayout, endPayout, proposePayout } from "../../db/payouts.ts";
import type { PayoutResult, PayoutRow } from "../../db/payouts.ts";
import type { AccountId } from "../../domain/id.ts";
import type { PayoutState } from "../../domain/payout/states.ts";
import type {
  DecidePayout,
  PayoutDecisionResult,
  PayoutUpdateName,
} from "../../workflows/payout.contract.ts";
import type { PayoutDeps } from "./payout-deps.ts";
import { getLocked, payoutSnapshot } from "./payout-snapshot.ts";

/** Of a picture that goes so soon nobody makes evidence any more: whoever removes it looks at another clock. */
const clockMarginMs = 10 * 60_000;

/** Where each decision leads. */
const stateAfter: Record<PayoutUpdateName, PayoutState> = {
  proposePayout: "proposed",
  approvePayout: "approved",
  recordPayoutPaid: "paid",
  recordPayoutFailed: "failed",
  cancelPayout: "cancelled",
};

type Said = "decided" | "already" | { refused: string };
type Decided = { said: Said; row: PayoutRow };

/**
 * A person's word on a payout, in one transaction: its state, its lines, the story and the platform's log. Safe to run
 * twice: the row is locked, each state is left once, and what was decided before is answered as recorded.
 */
export async function decidePayout(
  { db, clock, atStep }: Pick<PayoutDeps, "db" | "clock" | "atStep">,
  decision: DecidePayout,
): Promise<PayoutDecisionResult> {
  const now = clock.now();
  const { said, row } = await db.withShop(decision.shopId, (trx) => decide(trx, decision, now));
  await atStep("payout.committed");
  const snapshot = payoutSnapshot(row, now);
  return typeof said === "string"
    ? { outcome: said, reason: null, snapshot }
    : { outcome: "refused", reason: said.refused, snapshot };
}

async function decide(trx: ShopTransaction, decision: DecidePayout, now: Date): Promise<Decided> {
  const row = await getLocked(trx, decision.payoutId);
  const by = decision.request.by.accountId;
  if (by === null) return { said: { refused: "payout.no_person" }, row };
  if (isRecorded(row, decision)) return { said: "already", row };
  if (!(await hasEvidence(trx, row, decision, now))) {
    return { said: { refused: "payout.evidence_missing" }, row };
  }
  const result = await carryOut(trx, decision, { by, now });
  if (result.outcome === "refused") {
    return { said: { refused: `payout.${result.reason === "state" ? row.state : result.reason}` }, row };
  }
  const { payout } = result;
  // Something stands in the way: it is held by this, and whoever decided is told.
  if (payout.state !== stateAfter[decision.name]) {
    return { said: { refused: `payout.${payout.obstacle ?? payout.state}` }, row: payout };
  }
  if (payout.upload_id !== null) {
    await deleteLooseObject(trx, { shopId: decision.shopId, objectId: payoutObjectOf(payout.upload_id) });
  }
  await appendAudit(trx, {
    shopId: decision.shopId,
    actorKind: "admin",
    actorId: by,
    action: `payout.${payout.state}`,
    resourceId: payout.id,
    subjectId: payout.participant_id,
    data: { amountMinor: payout.amount_minor, currency: payout.currency, attempt: payout.attempt },
    now,
  });
  return { said: "decided", row: payout };
}

/** Of this very attempt: one that came back was proven by a picture as well. Its bytes are not about to go. */
async function hasEvidence(
  trx: ShopTransaction,
  row: PayoutRow,
  { shopId, name, request }: DecidePayout,
  now: Date,
): Promise<boolean> {
  if (name !== "recordPayoutPaid") return true;
  const upload = await findPayoutUpload(trx, request.uploadId);
  if (upload?.payout_id !== row.id || upload.received_at === null) return false;
  if (row.executing_since === null || upload.created_at < row.executing_since) return false;
  const before = new Date(now.getTime() + clockMarginMs);
  return staysLoose(trx, { shopId, objectId: payoutObjectOf(upload.id), before });
}

function carryOut(
  trx: ShopTransaction,
  decision: DecidePayout,
  { by, now }: { by: AccountId; now: Date },
): Promise<PayoutResult> {
  const { payoutId } = decision;
  const said = { payoutId, by, now };
  switch (decision.name) {
    case "proposePayout":
      return proposePayout(trx, said);
    case "approvePayout": {
      const { accountVersion, proposedAt } = decision.request;
      return approvePayout(trx, { ...said, accountVersion, proposedAt: new Date(proposedAt) });
    }
    case "recordPayoutPaid": {
      const { attempt, uploadId } = decision.request;
      return endPayout(trx, { ...said, attempt, end: { state: "paid", uploadId } });
    }
    case "recordPayoutFailed": {
      const { attempt, failure } = decision.request;
      return endPayout(trx, { ...said, attempt, end: { state: "failed", failure } });
    }
    case "cancelPayout":
      return cancelPayout(trx, said);
  }
}

/** What the row holds of just this decision. */
function isRecorded(row: PayoutRow, decision: DecidePayout): boolean {
  const by = decision.request.by.accountId;
  switch (decision.name) {
    case "proposePayout":
      return row.proposed_by === by && isAt(row, ["proposed", "approved", "executing", "paid"]);
    case "approvePayout":
      return row.approved_by === by && isAt(row, ["approved", "executing", "paid"]);
    case "recordPayoutPaid":
      return isAt(row, ["paid"]) && row.upload_id === decision.request.uploadId;
    case "recordPayoutFailed":
      return (
        isAt(row, ["failed"]) &&
        row.attempt === decision.request.attempt &&
        row.failure_code === decision.request.failure
      );
    case "cancelPayout":
      return isAt(row, ["cancelled"]);
  }
}

function isAt({ state }: PayoutRow, states: readonly PayoutState[]): boolean {
  return states.includes(state);
}
