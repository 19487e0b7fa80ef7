import { sql } from "kysely";
import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, ParticipantId } from "../domain/id.ts";
import type { AttributionSource } from "../domain/referral/states.ts";
import type { NewKey } from "../domain/sealing.ts";
import { platformShopId } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import { isAdmitted } from "./referral-applications.ts";
import type { ReferralParticipantsTable } from "./schema/referral.ts";
import { insertSubjects } from "./subjects.ts";

export type ParticipantRow = Selectable<ReferralParticipantsTable>;

export type AttributionRefusal =
  | "unknown_code" // or of somebody who takes part no more, or not yet
  | "self_referral"
  | "own_network" // the referrer was brought by this account, over however many levels
  | "own_shop" // the referrer is in a shop of this account: they would earn from what they pay themselves
  | "already_attributed"
  | "already_paid";

export type Attribution =
  | { outcome: "attributed"; referrerId: ParticipantId }
  | { outcome: "refused"; reason: AttributionRefusal };

/**
 * Whoever signs up is in no shop yet. Of anybody else it is said with whom they are in one (`listShopMates`): what comes
 * about later is seen when a commission is made.
 */
export type AskedAttribution = { accountId: AccountId; code: string; now: Date } & (
  | { source: "sign_up" }
  | { source: Exclude<AttributionSource, "sign_up">; shopMates: readonly AccountId[] }
);

/**
 * Gives the account its one referrer, for life. Runs in `withShopSerialisable` and nowhere else: that no ring closes rests
 * on the walk and the write being one step. Safe to run twice.
 */
export async function attributeReferral(trx: ShopTransaction, asked: AskedAttribution): Promise<Attribution> {
  await demandSerialisable(trx);
  const { accountId, now } = asked;
  const referrer = await trx
    .selectFrom("referral_participants")
    .select(["id", "account_id"])
    .where("code", "=", asked.code)
    .where("state", "=", "active")
    .where(isAdmitted("referral_participants.id"))
    .executeTakeFirst();
  if (referrer === undefined) return refused("unknown_code");
  if (referrer.account_id === accountId) return refused("self_referral");
  const own = await findParticipant(trx, accountId);
  if (own?.referrer_id === referrer.id) return { outcome: "attributed", referrerId: referrer.id };
  if (own !== undefined && own.referrer_id !== null) return refused("already_attributed");
  if (own !== undefined && own.first_paid_at !== null) return refused("already_paid");
  if (own !== undefined && (await isAbove(trx, own.id, referrer.id))) return refused("own_network");
  if (isShopMate(asked, referrer.account_id)) return refused("own_shop");
  const link = { referrer_id: referrer.id, source: asked.source, attributed_at: now };
  if (own === undefined) {
    const place = { id: newId<ParticipantId>(), account_id: accountId, created_at: now };
    await trx
      .insertInto("referral_participants")
      .values({ ...place, ...link })
      .onConflict((conflict) => conflict.doNothing()) // one that the walk did not see is a lost race, and starts over
      .execute();
  } else {
    await trx
      .updateTable("referral_participants")
      .set(link)
      .where("id", "=", own.id)
      .where("referrer_id", "is", null)
      .execute();
  }
  return { outcome: "attributed", referrerId: referrer.id };
}

function isShopMate(asked: AskedAttribution, referrer: AccountId | null): boolean {
  return asked.source !== "sign_up" && referrer !== null && asked.shopMates.includes(referrer);
}

function refused(reason: AttributionRefusal): Attribution {
  return { outcome: "refused", reason };
}

async function demandSerialisable(trx: ShopTransaction): Promise<void> {
  const { rows } = await sql<{ level: string }>`
    select current_setting('transaction_isolation') as level`.execute(trx);
  if (rows[0]?.level !== "serializable") throw new TypeError("a referral is attributed serialisably");
}

/** Whether one is met on the way up from the other. A ring, were there one, would end the walk. */
async function isAbove(trx: ShopTransaction, above: ParticipantId, from: ParticipantId): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    with recursive up as (
      select id, referrer_id from referral_participants where id = ${from}
      union
      select p.id, p.referrer_id from referral_participants p join up on p.id = up.referrer_id
    ) select id from up where id = ${above}`.execute(trx);
  return rows.length > 0;
}

export function findParticipant(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<ParticipantRow | undefined> {
  return trx
    .selectFrom("referral_participants")
    .selectAll()
    .where("account_id", "=", accountId)
    .executeTakeFirst();
}

/** The place in the tree, which stays for good. */
export function getParticipant(trx: ShopTransaction, id: ParticipantId): Promise<ParticipantRow> {
  return trx.selectFrom("referral_participants").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
}

/**
 * The owner accepts the terms: the place in the tree gets its code, and becomes a subject with the keys made for it. The
 * code brings nobody before the application is approved (`submitApplication`). In `withShop(platformShopId, …)`. Undefined: the place is another one, or joined meanwhile; look again. Throws `conflict`
 * `referral.code_taken`: draw another code.
 */
export async function joinReferral(
  trx: ShopTransaction,
  joining: {
    accountId: AccountId;
    participantId: ParticipantId;
    code: string;
    termsVersion: number;
    keys: NewKey[];
    now: Date;
  },
): Promise<ParticipantRow | undefined> {
  const { accountId, participantId: id, code, now } = joining;
  const taken = await trx
    .selectFrom("referral_participants")
    .select("id")
    .where("code", "=", code)
    .executeTakeFirst();
  if (taken !== undefined) throw new AppError("conflict", "referral.code_taken", { internal: "drawn twice" });
  await trx
    .insertInto("referral_participants")
    .values({ id, account_id: accountId, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await trx
    .updateTable("referral_participants")
    .set({ code, terms_version: joining.termsVersion, joined_at: now })
    .where("id", "=", id)
    .where("account_id", "=", accountId)
    .where("joined_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const subjects = [{ id, kind: "participant" as const }];
  await insertSubjects(trx, { shopId: platformShopId, subjects, keys: joining.keys, now });
  return row;
}

export type Ancestor = Pick<ParticipantRow, "id" | "state"> & {
  level: number;
  /** Null when the account is gone. */
  accountId: AccountId | null;
};

/** Those above a participant, nearest first, as many levels as are asked for. */
export async function listAncestors(
  trx: ShopTransaction,
  { participantId, levels }: { participantId: ParticipantId; levels: number },
): Promise<Ancestor[]> {
  const { rows } = await sql<Ancestor>`
    with recursive up as (
      select referrer_id as id, 1 as level from referral_participants where id = ${participantId}
      union all
      select p.referrer_id, up.level + 1 from up join referral_participants p on p.id = up.id
        where up.level < ${levels}
    ) select up.id, up.level, p.state, p.account_id as "accountId" from up join referral_participants p on p.id = up.id
      where up.level <= ${levels} order by up.level`.execute(trx);
  return rows;
}

/** How many a participant brought, for each level of the policy; nobody is named. */
export async function countNetwork(
  trx: ShopTransaction,
  { participantId, levels }: { participantId: ParticipantId; levels: number },
): Promise<number[]> {
  const { rows } = await sql<{ level: number; people: number }>`
    with recursive down as (
      select id, 1 as level from referral_participants where referrer_id = ${participantId}
      union all
      select p.id, down.level + 1 from down join referral_participants p on p.referrer_id = down.id
        where down.level < ${levels}
    ) select level, count(*)::int as people from down where level <= ${levels} group by level`.execute(trx);
  return Array.from(
    { length: levels },
    (_, index) => rows.find(({ level }) => level === index + 1)?.people ?? 0,
  );
}

/** One account, or one above the other, over however many levels: neither may decide about the other's money. */
export async function isRelated(
  trx: ShopTransaction,
  accountA: AccountId,
  accountB: AccountId,
): Promise<boolean> {
  if (accountA === accountB) return true;
  const participant = await findParticipant(trx, accountA);
  return participant !== undefined && isOnLineOf(trx, participant.id, accountB);
}

/** Of a place in the tree, whose account may be gone: whether the account has it, or one above or below it. */
export async function isOnLineOf(
  trx: ShopTransaction,
  participantId: ParticipantId,
  accountId: AccountId,
): Promise<boolean> {
  const own = await findParticipant(trx, accountId);
  if (own === undefined) return false;
  return (await isAbove(trx, own.id, participantId)) || isAbove(trx, participantId, own.id);
}

/**
 * The owner takes part no more: the code brings nobody, and nothing further is earned. What was earned stays owed, and the
 * place in the tree stays, so that those above and below it can be reckoned. Safe to run twice.
 */
export async function closeParticipation(trx: ShopTransaction, accountId: AccountId): Promise<void> {
  await trx
    .updateTable("referral_participants")
    .set({ state: "closed" })
    .where("account_id", "=", accountId)
    .where("state", "<>", "closed")
    .execute();
}
