import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockConversation } from "../../db/conversations.ts";
import { finishClaim } from "../../db/intake-claims.ts";
import { enqueueMessage, notifySender } from "../../db/outbox.ts";
import { insertPaymentEntry } from "../../db/payment-entries.ts";
import { moveEvidence } from "../../db/payment-evidence.ts";
import { listPaymentMethods } from "../../db/payment-methods.ts";
import type { PaymentMethodRow } from "../../db/payment-methods.ts";
import type { ShopRow } from "../../db/shops.ts";
import { newId } from "../../domain/id.ts";
import type { PaymentMethodId } from "../../domain/id.ts";
import { amountRead } from "../../domain/payment/proof-reading.ts";
import type { Money } from "../../domain/money.ts";
import type {
  DecideEvidence,
  EvidenceDecisionResult,
  ReturnPayment,
} from "../../workflows/evidence.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { openIntakeNote } from "../order/open-intake-note.ts";
import { indexReference } from "../order/seal-change.ts";
import { sealForFinance } from "../order/seal-for-finance.ts";
import type { SealedForFinance } from "../order/seal-for-finance.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import { evidenceSnapshot, readEvidenceView } from "./evidence-view.ts";
import type { EvidenceView } from "./evidence-view.ts";

/** More ways to pay than any shop has. */
const methodLimit = 200;

/** Money that came and went back: both are booked, so that the slip's reference cannot pay for anything else. */
type Return = SealedForFinance & {
  money: Money;
  paymentMethodId: PaymentMethodId;
  referenceIndex: Buffer | null;
};

type Decided = {
  view: EvidenceView;
  decision: DecideEvidence;
  to: "returned" | "refused";
  returned: Return | null;
  parts: SealedPart[];
};

/**
 * The owner's word on a slip that belongs to no order, in one transaction: state, ledger, audit, the customer's message.
 * Safe to run twice: the slip leaves `unmatched` once, and what was decided is answered as recorded.
 */
export async function decideEvidence(
  deps: ActivityDeps,
  decision: DecideEvidence,
): Promise<EvidenceDecisionResult> {
  const result = await decide(deps, decision);
  await finishNote(deps, decision); // whatever became of it, nobody reads it again
  return result;
}

async function decide(deps: ActivityDeps, decision: DecideEvidence): Promise<EvidenceDecisionResult> {
  const view = await readEvidenceView(deps, decision);
  const to = decision.name === "returnPayment" ? "returned" : "refused";
  if (view.slip.state === to) return answer(view, "already");
  if (view.slip.state !== "unmatched") return answer(view, `evidence.${view.slip.state}`);

  const prepared = await prepare(deps, view, decision);
  if (typeof prepared === "string") return answer(view, prepared);
  await deps.atStep("evidence.sealed");
  const decided: Decided = { view, decision, to, ...prepared };
  const outcome = await deps.db.withShop(decision.shopId, (trx) => write(trx, decided)).catch(asOutcome);
  await deps.atStep("evidence.committed");
  if (outcome === "lost") return decide(deps, decision); // somebody else was first: answered as they left it
  if (outcome === "reference_taken") return answer(view, "payment.reference_taken");
  return answer({ ...view, slip: { ...view.slip, state: to } }, "decided");
}

function answer(view: EvidenceView, said: string): EvidenceDecisionResult {
  const snapshot = evidenceSnapshot(view);
  return said === "decided" || said === "already"
    ? { outcome: said, reason: null, snapshot }
    : { outcome: "refused", reason: said, snapshot };
}

/** All that is sealed and looked up before the transaction; a code when the decision cannot be carried out. */
async function prepare(
  deps: ActivityDeps,
  view: EvidenceView,
  decision: DecideEvidence,
): Promise<Pick<Decided, "returned" | "parts"> | string> {
  const { slip, say } = view;
  const ref = { shopId: slip.shop_id, customerId: slip.customer_id };
  if (decision.name === "refuseEvidence") {
    const { reasonIntakeId } = decision.request;
    const reason =
      reasonIntakeId === null ? null : await openIntakeNote(deps, { ...ref, orderId: null }, reasonIntakeId);
    const text = say.unmatchedRefused({ reason });
    return { returned: null, parts: await sealParts(deps.sealer, ref, [textContent(text)]) };
  }
  const returned = await prepareReturn(deps, view, decision.request);
  if (typeof returned === "string") return returned;
  const text = say.unmatchedReturned({ amount: returned.money });
  return { returned, parts: await sealParts(deps.sealer, ref, [textContent(text)]) };
}

async function prepareReturn(
  deps: ActivityDeps,
  { slip, shop }: EvidenceView,
  request: ReturnPayment,
): Promise<Return | string> {
  const amountMinor = request.amountMinor ?? amountRead(slip.opened, shop.currency);
  if (amountMinor === null) return "payment.amount_unknown";
  const method = await findTransferMethod(deps, shop, request.paymentMethodId);
  if (!method)
    return request.paymentMethodId === null ? "payment.method_unknown" : "payment.method_not_found";
  return {
    ...(await sealForFinance(deps, slip)),
    money: { amountMinor, currency: shop.currency },
    paymentMethodId: method.id,
    referenceIndex: await indexReference(deps, shop.id, slip.opened?.reference ?? null),
  };
}

/** Without a name the only one that the shop uses. */
async function findTransferMethod(
  deps: ActivityDeps,
  shop: ShopRow,
  id: PaymentMethodId | null,
): Promise<PaymentMethodRow | undefined> {
  const filter = { shopId: shop.id, limit: methodLimit };
  const all = await deps.db.withShop(shop.id, (trx) => listPaymentMethods(trx, filter));
  const transfers = all.filter(({ kind }) => kind === "transfer");
  if (id !== null) return transfers.find((method) => method.id === id);
  const used = transfers.filter((method) => method.is_enabled);
  return used.length === 1 ? used[0] : undefined;
}

/** Thrown inside the transaction, so that what was written before it is undone. */
class ReferenceTaken extends Error {}

function asOutcome(error: unknown): "reference_taken" {
  if (error instanceof ReferenceTaken) return "reference_taken";
  throw error;
}

async function write(trx: ShopTransaction, decided: Decided): Promise<"written" | "lost"> {
  const { slip, now } = decided.view;
  const ref = { shopId: slip.shop_id, customerId: slip.customer_id };
  const { accountId: by, apiKeyId } = decided.decision.request.by;
  await lockConversation(trx, ref);
  const isFirst = await moveEvidence(trx, {
    shopId: slip.shop_id,
    evidenceId: slip.id,
    from: "unmatched",
    set: {
      state: decided.to,
      decided_at: now,
      decided_by: by,
      ...(decided.returned?.financeReading
        ? { reading: decided.returned.financeReading, sealed_for: "finance" as const }
        : {}),
    },
  });
  if (!isFirst) return "lost";
  if (decided.returned) await bookReturn(trx, decided, decided.returned);
  await appendAudit(trx, {
    shopId: slip.shop_id,
    actorKind: "owner",
    actorId: by,
    action: `evidence.${decided.to}`,
    subjectId: slip.customer_id,
    resourceId: slip.id,
    data: { ...decided.returned?.money, ...(apiKeyId === null ? {} : { apiKeyId }) },
    now,
  });
  await enqueueMessage(trx, {
    ...ref,
    audience: "order",
    author: "system",
    businessKey: `${slip.id}:${decided.to}`,
    parts: decided.parts,
    now,
  });
  await notifySender(trx, ref);
  return "written";
}

async function bookReturn(
  trx: ShopTransaction,
  { view, decision }: Decided,
  returned: Return,
): Promise<void> {
  const { slip, now } = view;
  await returned.moveObject?.(trx);
  for (const kind of ["payment", "refund"] as const) {
    const booked = await insertPaymentEntry(trx, {
      shop_id: slip.shop_id,
      id: newId<string>(),
      order_id: null,
      evidence_id: slip.id,
      kind,
      payment_method_id: returned.paymentMethodId,
      amount_minor: returned.money.amountMinor,
      currency: returned.money.currency,
      reference_index: kind === "payment" ? returned.referenceIndex : null,
      effect_key: kind === "payment" ? `evidence:${slip.id}` : `evidence:${slip.id}:returned`,
      recorded_by: decision.request.by.accountId,
      recorded_at: now,
    });
    if (booked !== "booked") throw new ReferenceTaken();
  }
}

async function finishNote(deps: ActivityDeps, decision: DecideEvidence): Promise<void> {
  if (decision.name !== "refuseEvidence" || decision.request.reasonIntakeId === null) return;
  const claim = { shopId: decision.shopId, ids: [decision.request.reasonIntakeId], now: deps.clock.now() };
  await deps.db.withShop(decision.shopId, (trx) => finishClaim(trx, claim));
}
