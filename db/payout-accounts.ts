import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { ParticipantId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { PayoutAccountKind } from "../domain/referral/payout-account.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { platformShopId } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutAccountsTable } from "./schema/referral.ts";

export type PayoutAccountRow = Selectable<PayoutAccountsTable>;

/**
 * Where a participant is paid to. Another account begins the cool-down anew, and the first one has it too: whoever takes
 * over an owner's sign-in may be the first to name one. The same account, written otherwise, goes on.
 */
export function putPayoutAccount(
  trx: ShopTransaction,
  account: {
    participantId: ParticipantId;
    kind: PayoutAccountKind;
    currency: Currency;
    details: Sealed;
    accountIndex: Buffer;
    now: Date;
    usableFrom: Date;
  },
): Promise<PayoutAccountRow> {
  const values = {
    kind: account.kind,
    currency: account.currency,
    details: account.details,
    account_index: account.accountIndex,
    changed_at: account.now,
    usable_from: account.usableFrom,
  };
  return trx
    .insertInto("payout_accounts")
    .values({ participant_id: account.participantId, ...values })
    .onConflict((conflict) =>
      conflict.column("participant_id").doUpdateSet({
        ...values,
        changed_at: unlessSame("changed_at"),
        usable_from: unlessSame("usable_from"),
        version: sql<number>`payout_accounts.version + case when ${isSame} then 0 else 1 end`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

const isSame = sql`payout_accounts.account_index = excluded.account_index
  and payout_accounts.currency = excluded.currency`;

function unlessSame(column: "changed_at" | "usable_from") {
  const [before, after] = [sql.ref(`payout_accounts.${column}`), sql.ref(`excluded.${column}`)];
  return sql<Date>`case when ${isSame} then ${before} else ${after} end`;
}

export function findPayoutAccount(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<PayoutAccountRow | undefined> {
  return trx
    .selectFrom("payout_accounts")
    .selectAll()
    .where("participant_id", "=", participantId)
    .executeTakeFirst();
}

/** A purpose that serves nothing but commissions: its owner reads it, and whoever pays. */
export function payoutDetailsPlace(participantId: ParticipantId): SealedPlace {
  return {
    shopId: platformShopId,
    subjectId: participantId,
    purpose: "referral",
    field: "payout_account.details",
    rowId: participantId,
  };
}
