import type { Selectable } from "kysely";

import type { ParticipantId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { PayoutSchedule } from "../domain/payout/period.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutPreferencesTable } from "./schema/referral.ts";

export type PayoutPreferencesRow = Selectable<PayoutPreferencesTable>;

/** How a participant wants to be paid, from the next tally on. Safe to run twice. */
export function putPayoutPreferences(
  trx: ShopTransaction,
  wanted: {
    participantId: ParticipantId;
    schedule: PayoutSchedule;
    /** Null: the platform's minimum. */
    threshold: Money | null;
    now: Date;
  },
): Promise<PayoutPreferencesRow> {
  const values = {
    schedule: wanted.schedule,
    threshold_minor: wanted.threshold?.amountMinor ?? null,
    currency: wanted.threshold?.currency ?? null,
    changed_at: wanted.now,
  };
  return trx
    .insertInto("payout_preferences")
    .values({ participant_id: wanted.participantId, ...values })
    .onConflict((conflict) => conflict.column("participant_id").doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findPayoutPreferences(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<PayoutPreferencesRow | undefined> {
  return trx
    .selectFrom("payout_preferences")
    .selectAll()
    .where("participant_id", "=", participantId)
    .executeTakeFirst();
}
