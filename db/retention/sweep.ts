import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { ShopId } from "../../domain/id.ts";
import { purgeRuleNames } from "../../domain/privacy/purge-rules.ts";
import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import { phasesOf } from "../../domain/privacy/retention-run.ts";
import type { ShopTransaction } from "../connection.ts";
import type { RetentionResultsTable, RetentionRunsTable } from "../schema/retention.ts";
import { getShopToPurge, goByIndexes, isByShop, listShopsToPurge, momentOf, shopOfKey } from "./moments.ts";
import type { ShopToPurge } from "./moments.ts";
import { dueRecords, keysOf } from "./purge-sql.ts";
import type { PurgeMoment } from "./purge-sql.ts";
import { purgeSql } from "./rules.ts";

export type RunRow = Selectable<RetentionRunsTable>;
type ResultRow = Selectable<RetentionResultsTable>;

/** `more`: another page is to come. `stale`: a plan is not what is due any more. */
export type SweptPage = { state: "more" | "done" | "stale"; records: number };

/** What a page did to one rule; `cursor` undefined: it goes on where it was. */
type Progress = {
  counted: Found[];
  removed: number;
  total?: number;
  cursor?: string;
  isDone: boolean;
  isStale?: boolean;
};
type Found = { key: string; began: Date };

/** So many shops are asked in one transaction when nothing is due in them. */
const shopsAPage = 50;

/**
 * The next page of a run, with its progress, in the caller's transaction: whoever comes after a crash goes on behind the
 * last page that was committed, and no page is counted twice. Two at the same run wait for one another.
 */
export async function sweepPage(
  trx: ShopTransaction,
  { run, limit }: { run: RunRow; limit: number },
): Promise<SweptPage> {
  await goByIndexes(trx);
  const result = await lockNextResult(trx, run);
  if (result === undefined) return { state: "done", records: 0 };
  const page = { trx, run, result, limit };
  const progress = await workOf(page);
  await store(page, progress);
  if (progress.isStale === true) return { state: "stale", records: 0 };
  return { state: "more", records: progress.total ?? progress.counted.length };
}

type Page = { trx: ShopTransaction; run: RunRow; result: ResultRow; limit: number };

function workOf(page: Page): Promise<Progress> {
  const { run, result } = page;
  if (run.kind === "plan" && result.phase === "remove") return removePlanned(page);
  if (!isByShop(result.rule)) return everywhere(page);
  return shopByShop(page);
}

async function lockNextResult(trx: ShopTransaction, run: RunRow): Promise<ResultRow | undefined> {
  const open = await trx
    .selectFrom("retention_results")
    .selectAll()
    .where("run_id", "=", run.id)
    .where("is_done", "=", false)
    .forUpdate()
    .execute();
  for (const phase of phasesOf(run.kind)) {
    for (const rule of purgeRuleNames) {
      const next = open.find((row) => row.phase === phase && row.rule === rule);
      if (next !== undefined) return next;
    }
  }
  return undefined;
}

async function everywhere(page: Page): Promise<Progress> {
  return inOne(page, momentOf(page.result.rule, page.run.at));
}

/** Goes through the shops as long as the page has room; a shop of which something is left keeps its place. */
async function shopByShop(page: Page): Promise<Progress> {
  const { trx, run, result, limit } = page;
  const shops = await listShopsToPurge(trx, { after: result.cursor, limit: shopsAPage });
  const all: Progress = { counted: [], removed: 0, total: 0, isDone: shops.length < shopsAPage };
  for (const shop of shops) {
    const room = limit - all.counted.length;
    const one = await inOne({ ...page, limit: room }, momentOf(result.rule, run.at, shop), shop);
    all.counted.push(...one.counted);
    all.removed += one.removed;
    all.total = (all.total ?? 0) + (one.total ?? one.counted.length);
    if (one.isStale === true) return { ...all, isStale: true };
    if (!one.isDone) return { ...all, isDone: false };
    all.cursor = shop.shopId;
    if (all.counted.length >= limit) return { ...all, isDone: false };
  }
  return all;
}

/** Of one shop, or of all together where a rule makes no difference. */
async function inOne(page: Page, moment: PurgeMoment, shop?: ShopToPurge): Promise<Progress> {
  switch (page.run.kind) {
    case "purge":
      return removeDue(page, moment);
    case "dry_run":
      return writePlan(page, moment);
    case "plan":
      return compare(page, moment, shop);
  }
}

async function removeDue({ trx, result, limit }: Page, moment: PurgeMoment): Promise<Progress> {
  const found = await listDue(trx, result.rule, { moment, limit });
  const removed = await remove(trx, result.rule, { found, moment });
  // What cannot go yet is met again tomorrow, not for ever today.
  return { counted: found, removed, isDone: found.length < limit || removed === 0 };
}

async function listDue(
  trx: ShopTransaction,
  rule: PurgeRuleName,
  { moment, limit, among }: { moment: PurgeMoment; limit?: number; among?: string[] },
): Promise<Found[]> {
  const { order } = purgeSql[rule];
  const { rows } = await sql<Found>`${dueRecords(purgeSql[rule], moment, among)}
    ${order === undefined ? sql`` : sql`order by ${order}`}
    ${limit === undefined ? sql`` : sql`limit ${limit}`}`.execute(trx);
  return rows;
}

/** Locks what a rule must lock, and asks once more: what came meanwhile is not removed. */
async function remove(
  trx: ShopTransaction,
  rule: PurgeRuleName,
  { found, moment }: { found: Found[]; moment: PurgeMoment },
): Promise<number> {
  const sqlOf = purgeSql[rule];
  let keys = found.map(({ key }) => key);
  if (keys.length > 0 && sqlOf.lock !== undefined) {
    await sqlOf.lock(trx, keysOf(sqlOf, keys));
    keys = (await listDue(trx, rule, { moment, among: keys })).map(({ key }) => key);
  }
  return keys.length === 0 ? 0 : sqlOf.remove(trx, keysOf(sqlOf, keys), moment);
}

/** All at once, in the database: the ids never come here. */
async function writePlan({ trx, run, result }: Page, moment: PurgeMoment): Promise<Progress> {
  const { rows } = await sql<{ total: number }>`with due as (${dueRecords(purgeSql[result.rule], moment)}),
    items as (insert into retention_plan_items (run_id, rule, key)
      select ${run.id}::uuid, ${result.rule}, key from due returning 1)
    select count(*) as total from items`.execute(trx);
  return { counted: [], removed: 0, total: rows[0]?.total ?? 0, isDone: true };
}

/** Whether what is due now, by the plan's own instant, is what the plan names: no more and no less. */
async function compare(
  { trx, run, result }: Page,
  moment: PurgeMoment,
  shop: ShopToPurge | undefined,
): Promise<Progress> {
  // Their keys begin with the shop, and after it comes a quotation mark.
  const ofShop =
    shop === undefined ? sql`` : sql`and key >= ${`["${shop.shopId}`} and key < ${`["${shop.shopId}#`}`;
  const { rows } = await sql<{ due: number; same: number; planned: number }>`
    with due as (${dueRecords(purgeSql[result.rule], moment)}),
    planned as (select key from retention_plan_items where run_id = ${run.plan_id}::uuid and rule = ${result.rule}
      ${ofShop})
    select (select count(*) from due) as due, (select count(*) from planned) as planned,
      (select count(*) from due join planned using (key)) as same`.execute(trx);
  const { due = 0, same = 0, planned = 0 } = rows[0] ?? {};
  return { counted: [], removed: 0, total: due, isDone: true, isStale: due !== same || planned !== same };
}

async function removePlanned({ trx, run, result, limit }: Page): Promise<Progress> {
  const items = await trx
    .selectFrom("retention_plan_items")
    .select("key")
    .where("run_id", "=", run.plan_id)
    .where("rule", "=", result.rule)
    .$if(result.cursor !== null, (query) => query.where("key", ">", result.cursor ?? ""))
    .orderBy("key")
    .limit(limit)
    .execute();
  const keys = items.map(({ key }) => key);
  const counted: Found[] = [];
  let removed = 0;
  for (const [shopId, ofShop] of byShop(result.rule, keys)) {
    const shop = shopId === null ? undefined : await getShopToPurge(trx, shopId);
    const moment = momentOf(result.rule, run.at, shop);
    const found = await listDue(trx, result.rule, { moment, among: ofShop });
    counted.push(...found);
    removed += await remove(trx, result.rule, { found, moment });
  }
  const order = new Map(keys.map((key, index) => [key, index]));
  counted.sort((left, right) => (order.get(left.key) ?? 0) - (order.get(right.key) ?? 0));
  const last = keys.at(-1);
  return { counted, removed, ...(last === undefined ? {} : { cursor: last }), isDone: keys.length < limit };
}

function byShop(rule: PurgeRuleName, keys: string[]): Map<ShopId | null, string[]> {
  const groups = new Map<ShopId | null, string[]>();
  for (const key of keys) {
    const shopId = isByShop(rule) ? shopOfKey(key) : null;
    groups.set(shopId, [...(groups.get(shopId) ?? []), key]);
  }
  return groups;
}

async function store({ trx, run, result }: Page, progress: Progress): Promise<void> {
  const { counted, removed, cursor, isDone } = progress;
  const times = counted.map(({ began }) => began.getTime()).filter((ms) => Number.isFinite(ms));
  const isPlanOver = run.kind === "dry_run" && isDone;
  const hash = isPlanOver ? await hashOfPlan(trx, run, result.rule) : chain(result.hash, counted);
  await sql`update retention_results set counted = counted + ${progress.total ?? counted.length},
      removed = removed + ${removed}, cursor = ${cursor ?? result.cursor}, hash = ${hash}, is_done = ${isDone},
      oldest_at = least(oldest_at, ${earliest(times)}), newest_at = greatest(newest_at, ${latest(times)})
    where run_id = ${run.id}::uuid and phase = ${result.phase} and rule = ${result.rule}`.execute(trx);
}

const planPage = 5_000;

async function hashOfPlan(trx: ShopTransaction, run: RunRow, rule: PurgeRuleName): Promise<Buffer> {
  let hash: Buffer = emptyHash;
  for (let after = ""; ;) {
    const items = await trx
      .selectFrom("retention_plan_items")
      .select("key")
      .where("run_id", "=", run.id)
      .where("rule", "=", rule)
      .where("key", ">", after)
      .orderBy("key")
      .limit(planPage)
      .execute();
    hash = chain(hash, items);
    const last = items.at(-1);
    if (last === undefined || items.length < planPage) return hash;
    after = last.key;
  }
}

export const emptyHash = createHash("sha256").digest();

/** The same for the same ids in the same order, however they came in pages. */
function chain(before: Buffer, records: readonly { key: string }[]): Buffer {
  let hash: Buffer = before;
  for (const { key } of records) hash = createHash("sha256").update(hash).update(key).digest();
  return hash;
}

function earliest(times: number[]): Date | null {
  return times.length === 0 ? null : new Date(times.reduce((left, right) => Math.min(left, right)));
}

function latest(times: number[]): Date | null {
  return times.length === 0 ? null : new Date(times.reduce((left, right) => Math.max(left, right)));
}
