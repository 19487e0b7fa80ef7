import { createHash } from "node:crypto";
import type { Context } from "hono";

import { insertOwnerIntake } from "../../db/conversation-queries.ts";
import { findOrderDetail } from "../../db/order-queries.ts";
import { findOrder } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { lockSubjectStates } from "../../db/subjects.ts";
import { AppError } from "../../domain/app-error.ts";
import type { MessageId, OrderId } from "../../domain/id.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import type {
  DecisionBy,
  DecisionResult,
  OrderUpdateName,
  OrderUpdates,
} from "../../workflows/order.contract.ts";
import type { ApiEnv } from "../env.ts";
import { requestOrderUpdate } from "../order-update.ts";
import { found } from "./fields.schema.ts";
import { toOrderSummary } from "./orders.schema.ts";
import { recordedDecision } from "./recorded-decision.ts";
import type { AskedDecision } from "./recorded-decision.ts";

export type Decision<Name extends OrderUpdateName> = {
  name: Name;
  /** What a person wrote with it: sealed into the intake, its id travels. */
  note?: string | undefined;
  /** `effectKey` is the same for every repetition of the request. */
  request: (part: { by: DecisionBy; noteId: MessageId | null; effectKey: string }) => OrderUpdates[Name];
};

/**
 * Carries a person's decision to the order's workflow, which writes the audit log with the change, and answers with
 * the order as it stands afterwards.
 * What the order does not allow is a 409 with the reason's code; one that was taken before answers like the first time.
 */
export async function decideOrder<Name extends OrderUpdateName>(
  c: Context<ApiEnv>,
  orderId: OrderId,
  decision: Decision<Name>,
) {
  const { deps, actor, effect } = c.var;
  const { shopId } = actor;
  const ref = { shopId, orderId };
  const order = found(await deps.db.withShop(shopId, (trx) => findOrder(trx, ref)), "ord");
  const noteId = decision.note === undefined ? null : await storeNote(c, order, decision.note);
  const by = { accountId: actor.accountId, auditReason: null };
  const request = decision.request({ by, noteId, effectKey: effect.updateId });
  const result = await requestOrderUpdate(deps.temporal, {
    ...ref,
    name: decision.name,
    request,
    updateId: effect.updateId,
    findRecorded: async () => {
      const detail = await deps.db.withShop(shopId, (trx) => findOrderDetail(trx, ref));
      // Safe: name and request come from one `Decision<Name>`, which pairs them.
      const asked = { name: decision.name, request } as AskedDecision;
      return detail && recordedDecision(detail, asked);
    },
  });
  if (result.outcome === "refused") throw refused(result);
  return toOrderSummary(found(await deps.db.withShop(shopId, (trx) => findOrder(trx, ref)), "ord"));
}

/** A repeated request finds the note that the first one stored. */
async function storeNote(c: Context<ApiEnv>, order: OrderRow, note: string): Promise<MessageId> {
  const { deps, actor, effect } = c.var;
  const { shopId, accountId: actorId } = actor;
  const { id: orderId, customer_id: customerId } = order;
  const id = effect.id as MessageId;
  const place = { shopId, subjectId: customerId, purpose: "order", field: "intake.note", rowId: id } as const;
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(note) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const eventKey = createHash("sha256").update(`owner|reason|${id}`).digest();
  const now = deps.clock.now();
  return deps.db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: [customerId] });
    const state = states.get(customerId);
    if (state !== "active" && state !== "frozen") throw isErasing();
    const intake = { shopId, id, kind: "reason" as const, customerId, orderId, eventKey, body, actorId, now };
    return insertOwnerIntake(trx, intake);
  });
}

function refused({ reason }: DecisionResult): AppError {
  return new AppError("conflict", reason ?? "order.refused", {
    internal: "the row does not allow the decision",
    public: "The order does not allow this now. Read it again.",
  });
}

function isErasing(): AppError {
  return new AppError("conflict", "customer.erasing", {
    internal: "the subject is being erased",
    public:
      "Nothing more can be written about this customer: their data is being deleted. Decide without a text.",
  });
}
