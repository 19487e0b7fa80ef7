import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import { platformShopId } from "../accounts.ts";
import { cutLog } from "../system-audit.ts";
import { plainRows, shopKey } from "./purge-sql.ts";
import type { PurgeMoment, PurgeSql } from "./purge-sql.ts";

const uuid = { id: "uuid" } as const;
const hash = { token_hash: "bytea" } as const;

/** Rows that are over so long after the time in a column, or in an expression that an index has. */
function after(
  time: RawBuilder<unknown>,
  and: RawBuilder<unknown> = sql``,
): Pick<PurgeSql, "where" | "began"> {
  return { where: ({ cutOff }: PurgeMoment) => sql`${time} <= ${cutOff} ${and}`, began: time };
}

/** What was, or waits to be, on phones goes with the notice or the phone. */
function removePushes(column: "notice_id" | "device_id"): PurgeSql["remove"] {
  return async (trx, keys) => {
    const { numAffectedRows } = await sql`
      delete from push_parts where (shop_id, ${sql.ref(column)}) in ${keys}`.execute(trx);
    return Number(numAffectedRows ?? 0n);
  };
}

export const logRules = {
  /** A log goes from its beginning on: what stands behind an entry that is kept, or has no place yet, waits for it. */
  audit_events: {
    from: () => sql`audit_events t`,
    where: ({ shop, cutOff }) => sql`t.shop_id = ${shop} and t.at <= ${cutOff} and t.sequence is not null
      and (t.sequence > (select min(k.sequence) from audit_events k
        where k.shop_id = ${shop} and k.sequence is not null and k.at > ${cutOff})) is not true`,
    began: sql`t.at`,
    key: shopKey,
    order: sql`t.sequence`,
    remove: (trx, keys, { shop, at }) => cutLog(trx, { shop, keys, now: at }),
  },
  devices: plainRows("devices", { ...after(sql`t.gone_at`), before: removePushes("device_id") }),
  owner_notices: plainRows("owner_notices", {
    ...after(sql`t.created_at`),
    before: removePushes("notice_id"),
  }),
  page_events: plainRows("page_events", after(sql`t.received_at`)),
  mails: plainRows("mails", {
    ...after(sql`t.created_at`, sql`and t.state in ('sent', 'failed', 'gone')`),
    key: uuid,
  }),
  invitations: plainRows("invitations", after(sql`t.expires_at`)),
  account_appeals: plainRows("account_appeals", { ...after(sql`t.decided_at`), key: uuid }),
  account_events: plainRows("account_events", { ...after(sql`t.at`), key: uuid }),
  known_devices: plainRows("known_devices", {
    ...after(sql`t.last_seen_at`),
    key: { account_id: "uuid", device_index: "bytea" },
  }),
  device_signals: plainRows("referral_signals", {
    ...after(sql`t.seen_at`, sql`and t.kind = 'device'`),
    key: { account_id: "uuid", kind: "text", index: "bytea" },
  }),
  api_keys: plainRows("api_keys", after(sql`least(t.revoked_at, t.expires_at)`)),
  sessions: plainRows("sessions", { ...after(sql`least(t.ended_at, t.expires_at)`), key: hash }),
  account_tokens: plainRows("account_tokens", { ...after(sql`least(t.used_at, t.expires_at)`), key: hash }),
  sign_in_steps: plainRows("sign_in_steps", { ...after(sql`t.expires_at`), key: hash }),
  claimed_events: plainRows("intake", after(sql`t.claimed_at`)),
  receipts: plainRows("receipts", after(sql`t.received_at`)),
  gateway_events: plainRows("gateway_events", {
    ...after(sql`t.received_at`),
    key: { shop_id: "uuid", event_key: "bytea" },
  }),
  idempotency_keys: plainRows("idempotency_keys", {
    ...after(sql`t.created_at`),
    key: { shop_id: "uuid", actor_id: "uuid", key: "text" },
  }),
  /** The ids that a plan names, when nobody may execute it any more; its proof stays. */
  plans: {
    from: () => sql`retention_runs t`,
    where: ({ cutOff }) => sql`t.kind = 'dry_run' and t.started_at <= ${cutOff}
      and exists (select from retention_plan_items i where i.run_id = t.id)`,
    began: sql`t.started_at`,
    key: uuid,
    remove: async (trx, keys) => {
      await sql`delete from retention_plan_items where run_id in ${keys}`.execute(trx);
      const { rows } = await sql`select from retention_runs where id in ${keys}`.execute(trx);
      return rows.length;
    },
  },
  /**
   * Accounts whose address nobody proved, with all that is theirs, in one statement: whoever proves it at the same moment is
   * waited for, and keeps everything. The rows that refer to the account are checked when all of it is done.
   */
  unproven_accounts: {
    from: () => sql`accounts t`,
    where: ({ cutOff }) => sql`t.verified_at is null and t.suspended_at is null and t.created_at <= ${cutOff}
      and not exists (select from account_tokens k where k.account_id = t.id and k.created_at > ${cutOff})
      and not exists (select from memberships m where m.account_id = t.id)
      and not exists (select from platform_roles p where p.account_id = t.id)
      and not exists (select from second_factors f where f.account_id = t.id)
      and not exists (select from account_appeals l where l.account_id = t.id)`,
    began: sql`t.created_at`,
    key: uuid,
    remove: async (trx, keys) => {
      const own = ["mails", "account_tokens", "policy_acceptances", "known_devices", "sign_in_steps"];
      const parts = [...own, "account_events", "sessions"].map(
        (table) => sql`${sql.ref(`of_${table}`)} as (
          delete from ${sql.table(table)} x using gone where x.account_id = gone.id)`,
      );
      const { rows } = await sql<{ count: number }>`with gone as (
          delete from accounts where verified_at is null and suspended_at is null and id in ${keys} returning id),
        keys as (delete from subject_keys k using gone where k.shop_id = ${platformShopId} and k.subject_id = gone.id),
        subject as (delete from subjects s using gone where s.shop_id = ${platformShopId} and s.id = gone.id),
        ${sql.join(parts)}
        select count(*) from gone`.execute(trx);
      return rows[0]?.count ?? 0;
    },
  },
} satisfies Partial<Record<PurgeRuleName, PurgeSql>>;
