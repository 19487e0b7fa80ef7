import { sql } from "kysely";

import { openPrivacyStates } from "../domain/privacy/privacy-request.ts";
import { waitingThings } from "../domain/ports/house-state.ts";
import type { HouseState, Waiting, WaitingThing } from "../domain/ports/house-state.ts";
import { statesWith } from "../domain/subscription/service-of.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

const unanswered = statesWith("fallback", "silent");

type Row = {
  what: WaitingThing | "broken_pages" | "key_epochs";
  oldestAt: Date | null;
  count: number;
  databaseNow: Date;
};

/**
 * Counts and ages only, in one query; no shop and no person is named. Indexes of what is open lead to the rows, but for
 * `receipts`, where every row is open, and `pages`, which are few; each open row is read, so a long queue takes longer.
 */
export function readHouseState(system: SystemDatabase, now: Date): Promise<HouseState> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<Row>`
      with state as (
        select 'messages' as what, min(received_at) as oldest, count(*) as count from intake
          where claimed_at is null and dead_at is null and kind <> 'reason'
        union all
        select 'turns', min(claimed_at), count(*) from turns where state = 'claimed'
        union all
        select 'sends', min(next_attempt_at), count(*) from outbox
          where state = 'queued' and next_attempt_at <= ${now}
        union all
        select 'unknown', min(coalesce(sending_at, created_at)), count(*) from outbox where state = 'unknown'
        union all
        select 'window', min(created_at), count(*) from outbox where state = 'waiting_for_window'
        union all
        select 'receipts', min(received_at), count(*) from receipts
        union all
        select 'pushes', min(next_attempt_at), count(*) from push_parts
          where state in ('queued', 'sending') and next_attempt_at <= ${now}
        union all
        select 'decisions', min(coalesce(review_since, placed_at)), count(*) from orders
          where review_since is not null or (order_state = 'placed' and payment_kind = 'cod'
            and cod_accepted_at is null and cod_accept_due_at is not null)
        union all
        select 'slips', min(received_at), count(*) from payment_evidence where state = 'unmatched'
        union all
        select 'upgrades', min(submitted_at), count(*) from upgrade_requests where state = 'submitted'
        union all
        select 'payouts', min(waiting_since), count(*) from payouts
          where state in ('tallied', 'proposed', 'executing', 'failed')
        union all
        select 'flags', min(since), count(*) from (
          select coalesce(appealed_at, raised_at) as since from fraud_flags
            where state = 'open' or (appealed_at is not null and appeal_decided_at is null)
          union all select submitted_at from referral_applications where state = 'submitted') flags
        union all
        select 'appeals', min(created_at), count(*) from account_appeals where state = 'open'
        union all
        select 'breaches', min(discovered_at), count(*) from incidents
          where state in ('open', 'notifying') and not is_drill
        union all
        select 'tickets', min(last_message_at), count(*) from tickets where state = 'open'
        union all
        select 'reviews', min(due_at), count(*) from access_reviews where signed_at is null and due_at <= ${now}
        union all
        select 'retention', coalesce(max(r.ended_at), (select min(created_at) from shops)), 1 from retention_runs r
          where r.kind = 'purge' and r.state = 'done'
        union all
        select 'privacy', min(due_at), count(*) from privacy_requests
          where state in (${sql.join(openPrivacyStates)}) and due_at <= ${now}
        union all
        select 'reservations', min(reserved_at), count(*) from credit_reservations where state = 'reserved'
        union all
        select 'credits', min(credits_short_at), count(*) from conversations c where credits_short_at is not null
          and not exists (select from subscriptions s where s.shop_id = c.shop_id and s.state = any (${unanswered}))
        union all
        select 'broken_pages', null, count(*) from pages where state = 'broken'
        union all
        select 'key_epochs', coalesce(max(destroyed_at), min(opened_at)), count(*) from key_epochs
      )
      select what, oldest as "oldestAt", count, clock_timestamp() as "databaseNow" from state`.execute(trx);
    const byWhat = new Map(rows.map((row) => [row.what, row]));
    const waiting = waitingThings.map((what) => [what, waitingOf(byWhat.get(what))] as const);
    return {
      waiting: Object.fromEntries(waiting) as HouseState["waiting"], // every thing is in the list
      brokenPages: byWhat.get("broken_pages")?.count ?? 0,
      keysRotatedAt: byWhat.get("key_epochs")?.oldestAt ?? null,
      databaseNow: rows[0]?.databaseNow ?? now,
    };
  });
}

function waitingOf(row: Row | undefined): Waiting {
  return { oldestAt: row?.oldestAt ?? null, count: row?.count ?? 0 };
}
