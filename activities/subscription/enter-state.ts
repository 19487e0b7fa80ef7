import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { changeSubscription } from "../../db/subscriptions.ts";
import type { SubscriptionChange, SubscriptionRow } from "../../db/subscriptions.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import type { SubscriptionState } from "../../domain/subscription/subscription.ts";

const dayMs = 24 * 60 * 60_000;

type Entering = {
  row: SubscriptionRow;
  state: SubscriptionState;
  kind: NoticeKind;
  /** Until the next state. */
  leftMs?: number;
  set?: SubscriptionChange;
  now: Date;
};

/** The row, the log and the owner's notice, in the transaction of the deadline; each state of an end is told once. */
export async function enterState(
  trx: ShopTransaction,
  { row, state, kind, leftMs, set = {}, now }: Entering,
): Promise<SubscriptionRow> {
  const after = await changeSubscription(trx, { from: row, set: { state, state_since: now, ...set }, now });
  const { shop_id: shopId, plan_code: planCode } = after;
  await appendAudit(trx, {
    shopId,
    actorKind: "system",
    actorId: null,
    action: `subscription.${state}`,
    data: { planCode, endsAt: row.ends_at.toISOString() },
    now,
  });
  await tellOwner(trx, { row, kind, key: state, ...(leftMs === undefined ? {} : { leftMs }), now });
  return after;
}

type Told = { row: SubscriptionRow; kind: NoticeKind; key: string; leftMs?: number; now: Date };

/** Once for each end of a period: a renewal begins anew. */
export async function tellOwner(trx: ShopTransaction, { row, kind, key, leftMs, now }: Told): Promise<void> {
  const { shop_id: shopId, ends_at: endsAt } = row;
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind,
    businessKey: `subscription:${endsAt.toISOString()}:${key}`,
    data: leftMs === undefined ? {} : { days: Math.max(1, Math.ceil(leftMs / dayMs)) },
    now,
  });
}
