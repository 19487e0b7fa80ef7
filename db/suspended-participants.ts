import { sql } from "kysely";
import type { RawBuilder } from "kysely";

/**
 * Whom nothing is paid to: suspended, or closed with a flag that stays upheld, or with an account that is suspended.
 * `participant` names the row of `referral_participants` in the query around it.
 */
export function isSuspended(participant: "p" | "referral_participants"): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${participant}.${name}`);
  return sql<boolean>`(${column("state")} = 'suspended'
    or exists (select from fraud_flags upheld
      where upheld.participant_id = ${column("id")} and upheld.state = 'upheld')
    or exists (select from accounts suspended
      where suspended.id = ${column("account_id")} and suspended.suspended_at is not null))`;
}
