import type { Context } from "hono";

import { insertOwnerIntake } from "../../db/conversation-queries.ts";
import { isHeldOrder } from "../../db/holds.ts";
import { lockSubjectStates } from "../../db/subjects.ts";
import { AppError } from "../../domain/app-error.ts";
import type { CustomerId, MessageId, OrderId } from "../../domain/id.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import type { ApiEnv } from "../env.ts";
import { ownerEventKey } from "./messages.ts";

/**
 * What the owner wrote with a decision, sealed into the intake; its id travels. A repeated request finds the note that
 * the first one stored. Throws `customer.erasing` (409) when nothing more may be written about the customer.
 */
export async function storeNote(
  c: Context<ApiEnv>,
  { customerId, orderId }: { customerId: CustomerId; orderId: OrderId | null },
  note: string,
): Promise<MessageId> {
  const { deps, actor, effect } = c.var;
  const { shopId, accountId: actorId } = actor;
  const id = effect.id as MessageId;
  const place = { shopId, subjectId: customerId, purpose: "order", field: "intake.note", rowId: id } as const;
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(note) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const eventKey = ownerEventKey("reason", id);
  const now = deps.clock.now();
  return deps.db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: [customerId] });
    const state = states.get(customerId);
    const isAllowed = state === "active" || state === "frozen";
    const isOfOpenOrder = !isAllowed && orderId !== null && (await isHeldOrder(trx, { shopId, orderId }));
    if (!isAllowed && !isOfOpenOrder) throw isErasing();
    const intake = { shopId, id, kind: "reason" as const, customerId, eventKey, body, actorId, now };
    return insertOwnerIntake(trx, orderId === null ? intake : { ...intake, orderId });
  });
}

function isErasing(): AppError {
  return new AppError("conflict", "customer.erasing", {
    internal: "the subject is being erased",
    public:
      "Nothing more can be written about this customer: their data is being deleted. Decide without a text.",
  });
}
