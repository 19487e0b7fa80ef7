import type { ShopTransaction } from "../../db/connection.ts";
import { endPrivacyRequest } from "../../db/open-privacy-request.ts";
import { changePrivacyRequest, lockPrivacyRequest } from "../../db/privacy-requests.ts";
import type { PrivacyActor, PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { canMovePrivacy } from "../../domain/privacy/privacy-request.ts";
import type {
  DecidePrivacy,
  PrivacyDecision,
  PrivacyDecisionResult,
  PrivacyUpdates,
} from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { answered, carriedOut } from "./deadlines.ts";
import { privacySnapshot } from "./privacy-snapshot.ts";

type Said =
  | { outcome: "decided" | "already"; row: PrivacyRequestRow }
  | { outcome: "refused"; reason: string };
type Deciding = { row: PrivacyRequestRow; by: PrivacyActor; now: Date };

/**
 * A person's word on a request, in one transaction with the log and what the asker is told. Safe to run twice: the row is
 * locked, each state is left once, and what was decided before is answered as recorded.
 */
export async function decidePrivacyRequest(
  deps: ActivityDeps,
  decision: DecidePrivacy,
): Promise<PrivacyDecisionResult> {
  const now = deps.clock.now();
  const { said, row } = await deps.db.withShop(decision.shopId, async (trx) => {
    const row = await lockPrivacyRequest(trx, decision);
    const said = await decide(trx, decision, { row, by: actorOf(decision.request), now });
    return { said, row: said.outcome === "refused" ? row : said.row };
  });
  await deps.atStep("privacy.committed");
  const reason = said.outcome === "refused" ? said.reason : null;
  return { outcome: said.outcome, reason, snapshot: privacySnapshot(row, now) };
}

function actorOf({ by, as }: PrivacyDecision): PrivacyActor {
  return { kind: as === "account" ? "person" : as, accountId: by.accountId };
}

async function decide(trx: ShopTransaction, decision: DecidePrivacy, deciding: Deciding): Promise<Said> {
  const { row } = deciding;
  const { as, by } = decision.request;
  if (as === "admin" && row.subject_id !== null && by.accountId === (row.subject_id as string)) {
    return { outcome: "refused", reason: "privacy_request.own_request" };
  }
  switch (decision.name) {
    case "cancelPrivacyRequest":
      return cancel(trx, decision.request, deciding);
    case "answerPrivacyRequest":
      return answer(trx, decision.request, deciding);
    case "denyPrivacyRequest":
      return deny(trx, decision.request, deciding);
  }
}

/** A shop takes back what it asked for itself; what a customer asked for it can only deny, with a reason. */
async function cancel(trx: ShopTransaction, { as }: PrivacyDecision, deciding: Deciding): Promise<Said> {
  const { row, by, now } = deciding;
  if (row.state === "cancelled") return { outcome: "already", row };
  const isTheirs = as === "account" || (as === "owner" && row.door === "owner");
  if (!isTheirs) return { outcome: "refused", reason: "privacy_request.not_theirs" };
  if (!canMovePrivacy(row.state, "cancelled")) return refusedIn(row);
  return { outcome: "decided", row: await endPrivacyRequest(trx, row, { to: "cancelled", by, now }) };
}

async function answer(
  trx: ShopTransaction,
  { answer }: PrivacyUpdates["answerPrivacyRequest"],
  { row, by, now }: Deciding,
): Promise<Said> {
  const isCorrection = row.kind === "correction";
  if (isCorrection !== (answer === "corrected")) {
    return { outcome: "refused", reason: "privacy_request.other_answer" };
  }
  const isAnswered = ["waiting", "in_progress", "finalising", "completed"].includes(row.state);
  if (isAnswered) return { outcome: "already", row };
  if (row.state !== "with_owner") return refusedIn(row);
  const set = {
    ...(isCorrection ? answered("corrected", now) : carriedOut(row, now)),
    decided_by: by.accountId,
  };
  return {
    outcome: "decided",
    row: await changePrivacyRequest(trx, row, { set, event: "answered", by, now }),
  };
}

async function deny(
  trx: ShopTransaction,
  { denial, reasonNoteId }: PrivacyUpdates["denyPrivacyRequest"],
  { row, by, now }: Deciding,
): Promise<Said> {
  if (row.state === "denied") return { outcome: "already", row };
  if (!canMovePrivacy(row.state, "denied")) return refusedIn(row);
  const set = { denial, reason_note_id: reasonNoteId, decided_by: by.accountId };
  return { outcome: "decided", row: await endPrivacyRequest(trx, row, { to: "denied", by, now, set }) };
}

function refusedIn({ state }: PrivacyRequestRow): Said {
  return { outcome: "refused", reason: `privacy_request.${state}` };
}
