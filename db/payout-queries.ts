import type { CommissionId, ParticipantId, PayoutId } from "../domain/id.ts";
import type { CommissionRow } from "./commissions.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutRow } from "./payouts.ts";

/** A participant's payouts, newest first; `before` is the last id of the page above. */
export function listOwnPayouts(
  trx: ShopTransaction,
  filter: { participantId: ParticipantId; before?: PayoutId; limit: number },
): Promise<PayoutRow[]> {
  let query = trx
    .selectFrom("payouts")
    .selectAll()
    .where("participant_id", "=", filter.participantId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

export function findOwnPayout(
  trx: ShopTransaction,
  { participantId, payoutId }: { participantId: ParticipantId; payoutId: PayoutId },
): Promise<PayoutRow | undefined> {
  return trx
    .selectFrom("payouts")
    .selectAll()
    .where("participant_id", "=", participantId)
    .where("id", "=", payoutId)
    .executeTakeFirst();
}

/** What a payout is made of, oldest first; their sum is its amount. A cancelled one has given them away. */
export function listPayoutLines(
  trx: ShopTransaction,
  filter: { payoutId: PayoutId; after?: CommissionId; limit: number },
): Promise<CommissionRow[]> {
  let query = trx
    .selectFrom("commissions")
    .selectAll()
    .where("payout_id", "=", filter.payoutId)
    .orderBy("id")
    .limit(filter.limit);
  if (filter.after !== undefined) query = query.where("id", ">", filter.after);
  return query.execute();
}

export type PayoutToRing = { payoutId: PayoutId; participantId: ParticipantId; period: string };

/** Those that something held, or may hold. */
export function listPayoutsToRing(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<PayoutToRing[]> {
  return trx
    .selectFrom("payouts")
    .where("participant_id", "=", participantId)
    .where("state", "in", ["tallied", "held"])
    .select(["id as payoutId", "participant_id as participantId", "period"])
    .execute();
}
