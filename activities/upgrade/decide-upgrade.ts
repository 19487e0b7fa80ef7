import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { whyNotDecide } from "../../db/may-decide.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { findUpload, listUpgradeNotes, upgradeNotePlace } from "../../db/upgrade-evidence.ts";
import {
  boughtOf,
  changeUpgradeRequest,
  isReferenceTaken,
  lockUpgradeRequest,
} from "../../db/upgrade-requests.ts";
import type { UpgradeChange, UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId, UploadId } from "../../domain/id.ts";
import type { Invoicing } from "../../domain/invoice/invoice.ts";
import { normaliseReference } from "../../domain/payment/normalise-reference.ts";
import { canMoveUpgrade, isOpenUpgrade, purgeDueAt } from "../../domain/subscription/upgrade.ts";
import type { UpgradeState } from "../../domain/subscription/upgrade.ts";
import type { DecideUpgrade, UpgradeDecisionResult, UpgradeRef } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { openText } from "../open-text.ts";
import { ringSubscription } from "../subscription/ring-subscription.ts";
import { applyPayment } from "./apply-payment.ts";
import { closeCodes } from "./deadlines.ts";
import { refundUpgradeMoney } from "./refund-upgrade-money.ts";
import { upgradeSnapshot } from "./upgrade-snapshot.ts";

/** What a person decides about the request itself. */
type RequestDecision = Exclude<DecideUpgrade, { name: "refundUpgradeMoney" }>;

/** Where each decision leads. */
const stateAfter: Record<RequestDecision["name"], UpgradeState> = {
  submitUpgrade: "submitted",
  cancelUpgrade: "cancelled",
  approveUpgrade: "approved",
  rejectUpgrade: "rejected",
  requestUpgradeEvidenceAgain: "asked_again",
};

type Said = "decided" | "already" | { refused: string };
type Deciding = {
  row: UpgradeRequestRow;
  decision: RequestDecision;
  referenceIndex: Buffer | null;
  invoicing: Invoicing;
  now: Date;
};

/**
 * A person's word on a request, in one transaction: its state, and when it is approved the payment, the subscription,
 * audit and the owner's notice. Safe to run twice: the row is locked, each state is left once, and what was decided
 * before is answered as recorded.
 */
export async function decideUpgrade(
  deps: ActivityDeps,
  decision: DecideUpgrade,
): Promise<UpgradeDecisionResult> {
  if (decision.name === "refundUpgradeMoney") return refundUpgradeMoney(deps, decision);
  const referenceIndex = await indexReferenceOf(deps, decision);
  await deps.atStep("upgrade.prepared");
  const { invoicing } = deps;
  const now = deps.clock.now();
  const decided = await deps.db
    .withShop(decision.shopId, async (trx) => {
      const row = await lockUpgradeRequest(trx, decision);
      const said = await decide(trx, { row, decision, referenceIndex, invoicing, now });
      return { said, row: said === "decided" ? await lockUpgradeRequest(trx, decision) : row };
    })
    .catch(async (error: unknown) => {
      if (!isReferenceTaken(error)) throw error;
      const said: Said = { refused: "upgrade.reference_taken" };
      return {
        said,
        row: await deps.db.withShop(decision.shopId, (trx) => lockUpgradeRequest(trx, decision)),
      };
    });
  await deps.atStep("upgrade.committed");
  if (decided.row.state === "approved") await ringSubscription(deps, decision);
  return answer(decided.said, decided.row, now);
}

type AdminsDecision = Exclude<RequestDecision, { name: "submitUpgrade" | "cancelUpgrade" }>;

function isByAdmin(decision: RequestDecision): decision is AdminsDecision {
  return decision.name !== "submitUpgrade" && decision.name !== "cancelUpgrade";
}

function answer(said: Said, row: UpgradeRequestRow, now: Date): UpgradeDecisionResult {
  const snapshot = upgradeSnapshot(row, now);
  return typeof said === "string"
    ? { outcome: said, reason: null, snapshot }
    : { outcome: "refused", reason: said.refused, snapshot };
}

/** Null when the decision brings no reference, or too little of one to tell two payments apart. */
async function indexReferenceOf(deps: ActivityDeps, decision: RequestDecision): Promise<Buffer | null> {
  if (decision.name !== "submitUpgrade" && decision.name !== "approveUpgrade") return null;
  const { shopId, requestId } = decision;
  const noteId = decision.request.referenceNoteId;
  const notes = await deps.db.withShop(shopId, (trx) =>
    listUpgradeNotes(trx, { shopId, requestId, noteIds: [noteId] }),
  );
  const sealed = notes.map(({ id, body }) => ({
    place: upgradeNotePlace({ shopId, requestId, noteId: id }),
    sealed: body,
  }));
  const [text] = await openText(deps.sealer, sealed);
  const reference = normaliseReference(text ?? "");
  return reference === null ? null : deps.blindIndexer.index("platform", "upgrade.reference", reference);
}

async function decide(trx: ShopTransaction, deciding: Deciding): Promise<Said> {
  const { row, decision } = deciding;
  const to = stateAfter[decision.name];
  if (isRecorded(row, decision)) return "already";
  if (!canMoveUpgrade(row.state, to)) return { refused: `upgrade.${row.state}` };
  if (isByAdmin(decision)) {
    const reason = await whyNotDecide(trx, row, decision.request.by.accountId);
    if (reason !== null) return { refused: reason };
    if (row.upload_id !== decision.request.uploadId) return { refused: "upgrade.evidence_changed" };
  }
  switch (decision.name) {
    case "submitUpgrade":
      return submit(trx, deciding, decision.request);
    case "approveUpgrade":
      return approve(trx, deciding);
    case "rejectUpgrade":
      return refuse(trx, deciding, { to: "rejected", reasonNoteId: decision.request.reasonNoteId });
    case "requestUpgradeEvidenceAgain":
      return refuse(trx, deciding, { to: "asked_again", reasonNoteId: decision.request.reasonNoteId });
    case "cancelUpgrade":
      return move(trx, deciding, "cancelled", {});
  }
}

/** What the row holds of just this decision. A second look of the first of two approvers is one of these. */
function isRecorded(row: UpgradeRequestRow, decision: RequestDecision): boolean {
  const isThere = row.state === stateAfter[decision.name];
  switch (decision.name) {
    case "submitUpgrade":
      return isThere && row.upload_id === decision.request.uploadId;
    case "approveUpgrade":
      return isThere || (row.state === "submitted" && isFirstApprover(row, decision.request.by.accountId));
    case "rejectUpgrade":
    case "requestUpgradeEvidenceAgain":
    case "cancelUpgrade":
      return isThere;
  }
}

function isFirstApprover({ first_approved_by: first }: UpgradeRequestRow, accountId: string | null): boolean {
  return first !== null && first === accountId;
}

async function submit(
  trx: ShopTransaction,
  deciding: Deciding,
  { uploadId, referenceNoteId }: { uploadId: UploadId; referenceNoteId: MessageId },
): Promise<Said> {
  const { row, referenceIndex, now } = deciding;
  if (referenceIndex === null) return { refused: "upgrade.reference_unusable" };
  const upload = await findUpload(trx, { shopId: row.shop_id, uploadId });
  if (upload?.request_id !== row.id || upload.received_at === null) {
    return { refused: "upgrade.evidence_missing" };
  }
  return move(trx, deciding, "submitted", {
    upload_id: uploadId,
    reference_note_id: referenceNoteId,
    reference_index: referenceIndex,
    reference_differs: false,
    submitted_at: now,
    evidence_due_at: null,
    reminded_at: null,
    escalated_at: null,
    first_approved_by: null,
    first_approved_at: null,
  });
}

/**
 * What the approver reads on the proof is what makes the payment unique, not what the requester wrote; of two approvers
 * the second must have read the same.
 */
async function approve(trx: ShopTransaction, deciding: Deciding): Promise<Said> {
  const { row, decision, referenceIndex, invoicing, now } = deciding;
  if (referenceIndex === null) return { refused: "upgrade.reference_unusable" };
  const differs = row.reference_index === null || !referenceIndex.equals(row.reference_index);
  if (row.first_approved_by !== null && differs) return { refused: "upgrade.approvals_differ" };
  const said = { reference_index: referenceIndex, reference_differs: row.reference_differs || differs };
  if (row.needs_second_approval && row.first_approved_by === null) {
    const first = { first_approved_by: decision.request.by.accountId, first_approved_at: now };
    await change(trx, deciding, { action: "upgrade.approved_first", set: { ...said, ...first } });
    return "decided";
  }
  await move(trx, deciding, "approved", said);
  await tellApproved(trx, deciding, await applyPayment(trx, { request: row, invoicing, now }));
  return "decided";
}

function refuse(
  trx: ShopTransaction,
  deciding: Deciding,
  { to, reasonNoteId }: { to: "rejected" | "asked_again"; reasonNoteId: MessageId },
): Promise<Said> {
  const { row, now } = deciding;
  const evidenceDueAt = new Date(now.getTime() + row.timings.evidenceDueMs);
  return move(trx, deciding, to, {
    reason_note_id: reasonNoteId,
    first_approved_by: null,
    first_approved_at: null,
    ...(to === "asked_again" ? { evidence_due_at: evidenceDueAt } : {}),
  });
}

async function move(
  trx: ShopTransaction,
  deciding: Deciding,
  to: UpgradeState,
  set: UpgradeChange,
): Promise<Said> {
  const { row, decision, now } = deciding;
  const submittedAt = row.submitted_at;
  const ending = isOpenUpgrade(to)
    ? {}
    : { ended_at: now, purge_due_at: purgeDueAt({ submittedAt, timings: row.timings }, now) };
  const decidedBy = isByAdmin(decision) ? { decided_by: decision.request.by.accountId } : {};
  await change(trx, deciding, {
    action: `upgrade.${to}`,
    set: { state: to, ...ending, ...decidedBy, ...set },
  });
  if (!isOpenUpgrade(to)) await closeCodes(trx, decision, now);
  return "decided";
}

/** The row, the log, and what the owner did not do is told to them. */
async function change(
  trx: ShopTransaction,
  { row, decision, now }: Deciding,
  { action, set }: { action: string; set: UpgradeChange },
): Promise<void> {
  const { shopId, requestId }: UpgradeRef = decision;
  const isAdmin = isByAdmin(decision);
  const after = await changeUpgradeRequest(trx, { shopId, requestId, from: row.state, set });
  await appendAudit(trx, {
    shopId,
    actorKind: isAdmin ? "admin" : "owner",
    actorId: decision.request.by.accountId,
    action,
    resourceId: requestId,
    data: {
      amountMinor: row.amount_minor,
      currency: row.currency,
      ...codeOf(row),
      ...(after.reference_differs ? { referenceDiffers: true } : {}),
    },
    now,
  });
  const kind = noticeOf[after.state];
  if (!isAdmin || kind === undefined) return;
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind,
    businessKey: `${requestId}:${after.state}:${after.version}`,
    data: { amountMinor: row.amount_minor, currency: row.currency },
    now,
  });
}

/** With the number of the invoice, which there is only now. */
async function tellApproved(
  trx: ShopTransaction,
  { row, now }: Deciding,
  invoiceNumber: string,
): Promise<void> {
  const { shop_id: shopId, id: requestId, amount_minor: amountMinor, currency } = row;
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind: boughtOf(row).kind === "plan" ? "upgrade_approved" : "top_up_approved",
    businessKey: `${requestId}:approved:${row.version}`,
    data: { amountMinor, currency, invoiceNumber },
    now,
  });
}

function codeOf(row: UpgradeRequestRow): { planCode: string } | { topUpCode: string } {
  const bought = boughtOf(row);
  return bought.kind === "plan" ? { planCode: bought.planCode } : { topUpCode: bought.topUpCode };
}

const noticeOf = {
  draft: undefined,
  submitted: undefined,
  cancelled: undefined,
  lapsed: undefined, // told where it lapses
  asked_again: "upgrade_asked_again",
  approved: undefined, // told with the invoice
  rejected: "upgrade_rejected",
} as const;
