import { sql } from "kysely";
import type { RawBuilder, Selectable, SelectQueryBuilder } from "kysely";

import type { CustomerId, MessageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import { takenBack } from "./deletions.ts";
import { insertLooseObjects } from "./loose-objects.ts";
import { deleteMessages, markAnsweredByPeople } from "./messages.ts";
import { deleteMessageObjects } from "./objects.ts";
import type { IntakeKind, IntakeTable } from "./schema/conversations.ts";
import type { Schema } from "./schema/index.ts";

export type IntakeRow = Selectable<IntakeTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };

/** What a turn looks at; the rest is stored only, or belongs to another process. */
const turnKinds: IntakeKind[] = ["message", "postback", "page_inbox", "edit", "deleted"];
const claimLimit = 200;

export type Waiting = {
  /** Times of receipt. */
  burst: { firstAt: Date; lastAt: Date } | undefined;
  hasStandby: boolean;
};

/** The burst that waits for a turn, and whether copies of another app's thread wait, without claiming either. */
export async function peekWaiting(trx: ShopTransaction, ref: Ref): Promise<Waiting> {
  const row = await waiting(trx, ref, turnKinds)
    .select((eb) => [
      eb.fn
        .min<Date | null>("received_at")
        .filterWhere("standby", "is distinct from", "words")
        .as("first_at"),
      eb.fn.max<Date | null>("received_at").filterWhere("standby", "is distinct from", "words").as("last_at"),
      eb.fn.max<Date | null>("received_at").filterWhere("standby", "=", "words").as("standby_at"),
    ])
    .executeTakeFirstOrThrow();
  const { first_at: firstAt, last_at: lastAt, standby_at: standbyAt } = row;
  const burst = firstAt === null || lastAt === null ? undefined : { firstAt, lastAt };
  return { burst, hasStandby: standbyAt !== null };
}

/**
 * Moves what waits from the intake to the messages, oldest first, and applies deletions and people's answers.
 * Call under the conversation's lock. The intake keeps event key and times against late repetition.
 */
export async function claimTurnIntake(trx: ShopTransaction, ref: Ref & { now: Date }): Promise<number> {
  const burst = waiting(trx, ref, turnKinds)
    .selectAll()
    .where("standby", "is distinct from", "words")
    .orderBy("occurred_at")
    .orderBy("id")
    .limit(claimLimit)
    .forUpdate();
  return claim(trx, { ...ref, rows: await take(trx, burst, ref.now) });
}

/** What another app's thread brought and nobody has copied yet, oldest first. It waits for no turn. */
export async function listStandbyIntake(trx: ShopTransaction, ref: Ref): Promise<IntakeRow[]> {
  return waiting(trx, ref, turnKinds)
    .selectAll()
    .where("standby", "=", "words")
    .orderBy("occurred_at")
    .orderBy("id")
    .limit(claimLimit)
    .execute();
}

/** Moves these of them, as `claimTurnIntake` does; where `bodies` has one, it takes the place of what was read. */
export async function claimStandbyIntake(
  trx: ShopTransaction,
  { ids, bodies, ...ref }: Ref & { ids: MessageId[]; bodies: ReadonlyMap<MessageId, Sealed>; now: Date },
): Promise<number> {
  if (ids.length === 0) return 0;
  const copies = waiting(trx, ref, turnKinds).selectAll().where("id", "in", ids).forUpdate();
  const rows = await take(trx, copies, ref.now);
  // What was taken back since it was read is empty, and stays so.
  const masked = rows.map((row) => ({ ...row, body: row.body && (bodies.get(row.id) ?? row.body) }));
  return claim(trx, { ...ref, rows: masked });
}

/** A row as it was before it was taken, and what is known of it already. */
type TakenRow = IntakeRow & {
  /** The event of its deletion is here, whenever it came; also true of that event itself. */
  isTakenBack: boolean;
  /** A person wrote later than it was said. */
  isAnsweredByPerson: boolean;
};

async function take(
  trx: ShopTransaction,
  rows: SelectQueryBuilder<Schema, "intake", IntakeRow>,
  now: Date,
): Promise<TakenRow[]> {
  const taken = await sql<TakenRow>`
    with waiting as (${rows})
    update intake set body = null, claimed_at = ${now}
    from waiting where intake.shop_id = waiting.shop_id and intake.id = waiting.id
    returning waiting.*,
      exists (select from intake as deletion where deletion.shop_id = waiting.shop_id
        and deletion.customer_id = waiting.customer_id and deletion.kind = 'deleted'
        and deletion.mid_hash = waiting.mid_hash) as "isTakenBack",
      exists (select from messages where messages.shop_id = waiting.shop_id
        and messages.customer_id = waiting.customer_id and messages.author in ('owner', 'page_inbox')
        and messages.occurred_at >= waiting.occurred_at) as "isAnsweredByPerson"`.execute(trx);
  return taken.rows;
}

async function claim(
  trx: ShopTransaction,
  { rows, ...ref }: Ref & { rows: TakenRow[]; now: Date },
): Promise<number> {
  if (rows.length === 0) return 0;
  await moveToMessages(
    trx,
    rows.filter((row) => row.kind !== "deleted"),
    ref.now,
  );
  await applyDeletions(trx, { ...ref, midHashes: hashesOf(rows.filter((row) => row.isTakenBack)) });
  await markEdited(trx, { ...ref, hashes: hashesOf(rows.filter(({ kind }) => kind === "edit")) });
  const isPersonHeard = rows.some((row) => row.isAnsweredByPerson || row.kind === "page_inbox");
  if (isPersonHeard) await markAnsweredByPeople(trx, ref);
  return rows.length;
}

/** What an owner wrote and no worker has taken yet, oldest first; under the conversation's lock. */
export async function listOwnerIntake(trx: ShopTransaction, ref: Ref): Promise<IntakeRow[]> {
  return waiting(trx, ref, ["owner_message"])
    .selectAll()
    .orderBy("received_at")
    .orderBy("id")
    .limit(claimLimit)
    .forUpdate()
    .execute();
}

/** A reason, a tracking number, a corrected reference, by the id that travelled. */
export async function findIntake(
  trx: ShopTransaction,
  { shopId, id }: { shopId: ShopId; id: MessageId },
): Promise<IntakeRow | undefined> {
  return trx
    .selectFrom("intake")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function finishClaim(
  trx: ShopTransaction,
  { shopId, ids, now }: { shopId: ShopId; ids: MessageId[]; now: Date },
): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable("intake")
    .set({ body: null, claimed_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "in", ids)
    .execute();
}

/**
 * True when the customer has written something to us, or sent a picture wherever, and not taken it back, that no turn has
 * claimed.
 */
export async function hasWaitingWords(trx: ShopTransaction, ref: Ref): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select ${waitingWords(ref)} as has`.execute(trx);
  return rows[0]?.has === true;
}

export type SinceRead = { hasWaitingWords: boolean; isTakenBack: boolean };

/** What came since these messages were read; under the conversation's lock it stays so until commit. */
export async function lookSinceRead(
  trx: ShopTransaction,
  { midHashes, ...ref }: Ref & { midHashes: readonly (Buffer | null)[] },
): Promise<SinceRead> {
  const { rows } = await sql<SinceRead>`select ${waitingWords(ref)} as "hasWaitingWords",
    ${takenBack({ ...ref, midHashes })} as "isTakenBack"`.execute(trx);
  const [since] = rows;
  if (!since) throw new TypeError("a select without a table has one row");
  return since;
}

function waitingWords({ shopId, customerId }: Ref): RawBuilder<boolean> {
  return sql<boolean>`exists (select from intake where shop_id = ${shopId} and customer_id = ${customerId}
    and claimed_at is null and dead_at is null and kind in ('message', 'postback') and body is not null
    and standby is distinct from 'words')`;
}

function waiting(trx: ShopTransaction, { shopId, customerId }: Ref, kinds: IntakeKind[]) {
  return trx
    .selectFrom("intake")
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("claimed_at", "is", null)
    .where("dead_at", "is", null)
    .where("kind", "in", kinds);
}

async function moveToMessages(trx: ShopTransaction, rows: IntakeRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await trx
    .insertInto("messages")
    .values(
      rows.map((row) => ({
        shop_id: row.shop_id,
        id: row.id,
        customer_id: row.customer_id,
        direction: row.kind === "page_inbox" ? ("out" as const) : ("in" as const),
        author: row.kind === "page_inbox" ? ("page_inbox" as const) : ("customer" as const),
        kind: row.kind,
        body: row.body,
        mid_hash: row.mid_hash,
        occurred_at: row.occurred_at,
        received_at: row.received_at,
        // Whoever controls the thread answers it.
        is_standby: row.standby !== null,
        answered_at: row.standby === null ? null : row.occurred_at,
        looked_at: row.standby === "words" ? now : null,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing())
    .execute();
}

function hashesOf(rows: IntakeRow[]): Buffer[] {
  return rows.flatMap((row) => row.mid_hash ?? []);
}

/**
 * Meta expects stored copies of a deleted message to go: what was stored before, and what is claimed now and was taken
 * back before it came. The bytes of its pictures follow when they are found loose.
 */
async function applyDeletions(
  trx: ShopTransaction,
  { shopId, customerId, midHashes, now }: Ref & { midHashes: Buffer[]; now: Date },
): Promise<void> {
  const messageIds = await deleteMessages(trx, { shopId, customerId, midHashes, now });
  const objectIds = await deleteMessageObjects(trx, { shopId, messageIds });
  await insertLooseObjects(trx, { shopId, objectIds, dueAt: now });
}

/** An edit is a message of its own that the next turn reads; the original is marked, a placed order never changes. */
async function markEdited(
  trx: ShopTransaction,
  { shopId, customerId, hashes, now }: Ref & { hashes: Buffer[]; now: Date },
): Promise<void> {
  if (hashes.length === 0) return;
  await trx
    .updateTable("messages")
    .set({ edited_at: now })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("mid_hash", "in", hashes)
    .where("kind", "=", "message")
    .execute();
}
