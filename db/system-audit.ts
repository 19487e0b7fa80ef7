import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { Head } from "../domain/audit/chain.ts";
import { emptyHead, linkAll } from "../domain/audit/chain.ts";
import type { Chain, LinkedEntry } from "../domain/audit/check-chain.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import { accountSubject } from "./accounts.ts";
import { appendAudit } from "./audit-events.ts";
import type { AuditRow } from "./audit-queries.ts";
import type { ShopTransaction } from "./connection.ts";
import { asSystem, asSystemAlone } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

/** The logs with entries that no chain has yet. */
export async function listLogsToLink(system: SystemDatabase, limit: number): Promise<ShopId[]> {
  const rows = await asSystemAlone(system, (db) =>
    db
      .selectFrom("audit_events")
      .where("sequence", "is", null)
      .select("shop_id")
      .distinct()
      .limit(limit)
      .execute(),
  );
  return rows.map(({ shop_id: shopId }) => shopId);
}

/**
 * Links the log's entries that can be seen and have no place yet: one whose transaction ends late gets a later place,
 * whatever its time and id, so that none is left out. The chain's row lets one chainer in; another one finds it taken
 * and links nothing. Answers how many were linked.
 */
export async function linkLog(
  system: SystemDatabase,
  { shopId, limit }: { shopId: ShopId; limit: number },
): Promise<number> {
  await asSystemAlone(system, (db) => insertChain(db, shopId));
  return asSystem(system, async (trx) => {
    const head = await takeChain(trx, shopId);
    if (head === undefined) return 0;
    const entries = await entriesOf(trx, shopId)
      .where("sequence", "is", null)
      .orderBy("id")
      .limit(limit)
      .execute();
    const links = linkAll(head, entries);
    const last = links.at(-1);
    if (last === undefined) return 0;
    const placed = entries.map(({ id }, index) => ({ id, ...links[index] }));
    await sql`update audit_events e set sequence = l.sequence, previous_hash = l.previous_hash, hash = l.hash
      from unnest(${placed.map(({ id }) => id)}::uuid[], ${placed.map(({ sequence }) => sequence)}::bigint[],
        ${placed.map(({ previousHash }) => previousHash)}::bytea[], ${placed.map(({ hash }) => hash)}::bytea[])
        as l (id, sequence, previous_hash, hash)
      where e.shop_id = ${shopId} and e.id = l.id`.execute(trx);
    await trx
      .updateTable("audit_chains")
      .set({ last_sequence: last.sequence, last_hash: last.hash })
      .where("shop_id", "=", shopId)
      .execute();
    return links.length;
  });
}

/** By itself: another one would wait for the end of the transaction that inserts it. */
async function insertChain(db: ShopTransaction, shopId: ShopId): Promise<void> {
  await db
    .insertInto("audit_chains")
    .values({ shop_id: shopId, last_hash: emptyHead.hash, anchor_hash: emptyHead.hash })
    .onConflict((conflict) => conflict.column("shop_id").doNothing())
    .execute();
}

/** Held until commit; undefined while another chainer has it. */
function takeChain(trx: ShopTransaction, shopId: ShopId): Promise<Head | undefined> {
  return trx
    .selectFrom("audit_chains")
    .where("shop_id", "=", shopId)
    .select(["last_sequence as sequence", "last_hash as hash"])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** The words of entries; times to the microsecond, of which a `Date` knows only three digits. */
function entriesOf(trx: ShopTransaction, shopId: ShopId) {
  return trx
    .selectFrom("audit_events")
    .where("shop_id", "=", shopId)
    .select([
      "shop_id as shopId",
      "id",
      sql<string>`to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')`.as("at"),
      "actor_kind as actorKind",
      "actor_id as actorId",
      "action",
      "subject_id as subjectId",
      "resource_id as resourceId",
      "data",
    ] as const);
}

/** What a verifier walks through, in the order of the chain; `after` is the last number of the page before. */
export async function listLinkedEntries(
  system: SystemDatabase,
  { shopId, after, limit }: { shopId: ShopId; after: number; limit: number },
): Promise<LinkedEntry[]> {
  return asSystemAlone(system, async (db) => {
    const rows = await entriesOf(db, shopId)
      .where("sequence", ">", after)
      .select(["sequence", "previous_hash as previousHash", "hash"])
      .orderBy("sequence")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, ...linkOf(row) }));
  });
}

/** The table's own check says that a number comes with both hashes. */
function linkOf({
  sequence,
  previousHash,
  hash,
}: { [Part in keyof LinkedEntry]?: LinkedEntry[Part] | null }) {
  return {
    sequence: sequence ?? 0,
    previousHash: previousHash ?? Buffer.alloc(0),
    hash: hash ?? Buffer.alloc(0),
  };
}

export type StoredChain = Chain & { shopId: ShopId };

/** Of all logs, or of one, that have a chain. */
export async function listChains(system: SystemDatabase, shopId?: ShopId): Promise<StoredChain[]> {
  const rows = await asSystemAlone(system, (db) => {
    const all = db.selectFrom("audit_chains").selectAll().orderBy("shop_id");
    return (shopId === undefined ? all : all.where("shop_id", "=", shopId)).execute();
  });
  return rows.map((row) => ({
    shopId: row.shop_id,
    head: { sequence: row.last_sequence, hash: row.last_hash },
    anchor: { sequence: row.anchor_sequence, hash: row.anchor_hash },
  }));
}

/** The logs that have linked entries and no chain: somebody removed its row. */
export async function listLogsWithoutChain(system: SystemDatabase): Promise<ShopId[]> {
  const rows = await asSystemAlone(system, (db) =>
    db
      .selectFrom("audit_events as e")
      .where("e.sequence", "is not", null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(selectFrom("audit_chains as c").select("c.shop_id").whereRef("c.shop_id", "=", "e.shop_id")),
        ),
      )
      .select("e.shop_id as shopId")
      .distinct()
      .execute(),
  );
  return rows.map(({ shopId }) => shopId);
}

export type CurrentHead = Head & { shopId: ShopId; lastAt: Date };

/** The heads that moved since they were written down outside, in the order of their logs. */
export function listHeadsToExport(
  system: SystemDatabase,
  { before, limit }: { before: Date; limit: number },
): Promise<CurrentHead[]> {
  return asSystemAlone(system, (db) =>
    headsOf(db)
      .whereRef("c.last_sequence", ">", "c.exported_sequence")
      .where(({ eb, or }) => or([eb("c.exported_at", "is", null), eb("c.exported_at", "<=", before)]))
      .limit(limit)
      .execute(),
  );
}

/** `after` is the last log of the page before. */
export function listHeads(
  system: SystemDatabase,
  { after, limit }: { after?: ShopId; limit: number },
): Promise<CurrentHead[]> {
  return asSystemAlone(system, (db) => {
    const all = headsOf(db).limit(limit);
    return (after === undefined ? all : all.where("c.shop_id", ">", after)).execute();
  });
}

function headsOf(db: ShopTransaction) {
  return db
    .selectFrom("audit_chains as c")
    .innerJoin("audit_events as e", (join) =>
      join.onRef("e.shop_id", "=", "c.shop_id").onRef("e.sequence", "=", "c.last_sequence"),
    )
    .select(["c.shop_id as shopId", "c.last_sequence as sequence", "c.last_hash as hash", "e.at as lastAt"])
    .orderBy("c.shop_id");
}

export async function markHeadsExported(
  system: SystemDatabase,
  { heads, now }: { heads: readonly CurrentHead[]; now: Date },
): Promise<void> {
  await asSystemAlone(system, (db) =>
    sql`update audit_chains c set exported_sequence = h.sequence, exported_at = ${now}
      from unnest(${heads.map(({ shopId }) => shopId)}::uuid[], ${heads.map(({ sequence }) => sequence)}::bigint[])
        as h (shop_id, sequence)
      where c.shop_id = h.shop_id and c.exported_sequence < h.sequence`.execute(db),
  );
}

type Cut = { shop: RawBuilder<unknown>; keys: RawBuilder<unknown>; now: Date };

/**
 * Cuts off the log's oldest links, as far as the keys name each of them; the last of them stays as the anchor, from which
 * a verifier begins. In the caller's transaction. Safe to run again: answers how many went.
 */
export async function cutLog(trx: ShopTransaction, { shop, keys, now }: Cut): Promise<number> {
  const { rows: chains } = await sql<{ shopId: ShopId; anchor: number }>`
    select shop_id as "shopId", anchor_sequence as anchor from audit_chains
    where shop_id = ${shop} for update`.execute(trx);
  const [chain] = chains;
  if (chain === undefined) return 0;
  const { shopId, anchor } = chain;
  const { rows: links } = await sql<{ sequence: number; hash: Buffer }>`
    select sequence, hash from (
      select sequence, hash, sequence - row_number() over (order by sequence) as before from audit_events
      where shop_id = ${shopId} and sequence > ${anchor} and (shop_id, id) in ${keys}) l
    where before = ${anchor} order by sequence desc limit 1`.execute(trx);
  const [last] = links;
  if (last === undefined) return 0;
  await trx
    .updateTable("audit_chains")
    .set({ anchor_sequence: last.sequence, anchor_hash: last.hash })
    .where("shop_id", "=", shopId)
    .execute();
  const { numDeletedRows } = await trx
    .deleteFrom("audit_events")
    .where("shop_id", "=", shopId)
    .where("sequence", "<=", last.sequence)
    .executeTakeFirst();
  const removed = Number(numDeletedRows);
  const data = { upTo: last.sequence, removed };
  await appendAudit(trx, { shopId, actorKind: "system", actorId: null, action: "audit.cut", data, now });
  return removed;
}

/** What stands in the platform's and in any shop's log about the account, newest first. */
export function listAuditOfAccount(
  system: SystemDatabase,
  { accountId, before, limit }: { accountId: AccountId; before?: string; limit: number },
): Promise<AuditRow[]> {
  return asSystemAlone(system, (db) => {
    const all = db
      .selectFrom("audit_events")
      .where("subject_id", "=", accountSubject(accountId))
      .selectAll()
      .orderBy("id", "desc")
      .limit(limit);
    return (before === undefined ? all : all.where("id", "<", before)).execute();
  });
}
