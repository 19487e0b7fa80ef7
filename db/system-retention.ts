import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, RetentionRunId } from "../domain/id.ts";
import { cutOff, keptDays, purgeRuleNames } from "../domain/privacy/purge-rules.ts";
import type { PurgeRuleName } from "../domain/privacy/purge-rules.ts";
import { phasesOf, planValidMs } from "../domain/privacy/retention-run.ts";
import { platformShopId } from "./accounts.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import { emptyHash, sweepPage } from "./retention/sweep.ts";
import type { RunRow, SweptPage } from "./retention/sweep.ts";
import type { RetentionResultsTable } from "./schema/retention.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

export type RetentionRun = RunRow & { results: RetentionResult[] };
export type RetentionResult = Omit<Selectable<RetentionResultsTable>, "run_id" | "cursor">;

/**
 * The daily run: a new one, or the one that did not end, which judges as of now from its first rule on, so that what an
 * outage left is not judged as of then.
 */
export function beginPurge(system: SystemDatabase, now: Date): Promise<RetentionRunId> {
  return asSystem(system, async (trx) => {
    const running = await trx
      .updateTable("retention_runs")
      .set({ at: now })
      .where("kind", "=", "purge")
      .where("state", "=", "running")
      .returning("id")
      .executeTakeFirst();
    if (running === undefined) return insertRun(trx, { id: newId(), kind: "purge", at: now, now });
    await sql`update retention_results set is_done = false, cursor = null,
        cut_off = cut_off + (${now}::timestamptz - (select at from retention_runs where id = ${running.id}))
      where run_id = ${running.id}`.execute(trx);
    return running.id;
  });
}

type AskedRun = { id: RetentionRunId; startedBy: AccountId; now: Date };

/** Throws `conflict` `retention.running` while another is at work. */
export function openDryRun(system: SystemDatabase, { now, ...asked }: AskedRun): Promise<RetentionRunId> {
  return asSystem(system, async (trx) => {
    await demandNoneRunning(trx, { kind: "dry_run", id: asked.id });
    await tell(trx, "retention.dry_run_started", { ...asked, now });
    return insertRun(trx, { ...asked, kind: "dry_run", at: now, now });
  });
}

/**
 * Executes a dry run by the hash of its ids. Throws `conflict`: `retention.plan_unfinished`, `retention.plan_changed` when
 * the hash is not its own, `retention.plan_expired`, `retention.plan_executed`.
 */
export function openPlan(
  system: SystemDatabase,
  { planId, hash, now, ...asked }: AskedRun & { planId: RetentionRunId; hash: string },
): Promise<RetentionRunId | undefined> {
  return asSystem(system, async (trx) => {
    const plan = await findRow(trx, planId);
    if (plan === undefined || plan.kind !== "dry_run") return undefined;
    const before = await trx
      .selectFrom("retention_runs")
      .select("id")
      .where("plan_id", "=", planId)
      .where("state", "<>", "stale")
      .executeTakeFirst();
    if (before !== undefined && before.id === asked.id) return before.id;
    if (before !== undefined) throw refused("plan_executed", "This plan was executed already.");
    if (plan.state !== "done") throw refused("plan_unfinished", "The dry run has not ended yet.");
    if (plan.hash !== hash) throw refused("plan_changed", "The hash is not that of this plan.");
    if (now.getTime() - plan.at.getTime() > planValidMs)
      throw refused("plan_expired", "A plan is good for 24 hours. Make a new dry run.");
    await demandNoneRunning(trx, { kind: "plan", id: asked.id });
    await tell(trx, "retention.plan_executed", { ...asked, now });
    return insertRun(trx, { ...asked, kind: "plan", planId, at: plan.at, now });
  });
}

/** In the platform's log; a repeated request tells it once more only when its row was lost. */
async function tell(trx: ShopTransaction, action: string, { id, startedBy, now }: AskedRun): Promise<void> {
  if ((await findRow(trx, id)) !== undefined) return;
  const actor = { shopId: platformShopId, actorKind: "admin", actorId: startedBy } as const;
  await appendAudit(trx, { ...actor, action, resourceId: id, now });
}

/** Of runs that people asked for: those that no workflow may stand behind. */
export function listAskedRuns(system: SystemDatabase): Promise<RetentionRunId[]> {
  return asSystem(system, async (trx) => {
    const rows = await trx
      .selectFrom("retention_runs")
      .select("id")
      .where("state", "=", "running")
      .where("kind", "<>", "purge")
      .execute();
    return rows.map(({ id }) => id);
  });
}

/** One page of a run that goes on; safe to run twice. */
export function sweepRun(
  system: SystemDatabase,
  { runId, limit }: { runId: RetentionRunId; limit: number },
): Promise<SweptPage> {
  return asSystem(system, async (trx) => {
    const run = await findRow(trx, runId);
    if (run === undefined || run.state === "done") return { state: "done", records: 0 };
    if (run.state === "stale") return { state: "stale", records: 0 };
    return sweepPage(trx, { run, limit });
  });
}

/** Writes the proof. Safe to run twice: only a run that goes on ends. */
export function endRun(
  system: SystemDatabase,
  { runId, state, now }: { runId: RetentionRunId; state: "done" | "stale"; now: Date },
): Promise<RetentionRun | undefined> {
  return asSystem(system, async (trx) => {
    const run = await findRow(trx, runId);
    if (run === undefined) return undefined;
    const results = await listResults(trx, [runId]);
    if (run.state !== "running") return { ...run, results };
    const hash = state === "stale" ? null : hashOf(results);
    await trx
      .updateTable("retention_runs")
      .set({ state, hash, ended_at: now })
      .where("id", "=", runId)
      .where("state", "=", "running")
      .execute();
    return { ...run, state, hash, ended_at: now, results };
  });
}

export function findRun(system: SystemDatabase, runId: RetentionRunId): Promise<RetentionRun | undefined> {
  return asSystem(system, async (trx) => {
    const run = await findRow(trx, runId);
    return run && { ...run, results: await listResults(trx, [runId]) };
  });
}

/** The newest first. */
export function listRuns(
  system: SystemDatabase,
  { before, limit }: { before?: RetentionRunId; limit: number },
): Promise<RetentionRun[]> {
  return asSystem(system, async (trx) => {
    let query = trx.selectFrom("retention_runs").selectAll().orderBy("id", "desc").limit(limit);
    if (before !== undefined) query = query.where("id", "<", before);
    const runs = await query.execute();
    const results = await listResults(
      trx,
      runs.map(({ id }) => id),
    );
    return runs.map((run) => ({ ...run, results: results.filter((result) => result.run_id === run.id) }));
  });
}

function findRow(trx: ShopTransaction, runId: RetentionRunId): Promise<RunRow | undefined> {
  return trx.selectFrom("retention_runs").selectAll().where("id", "=", runId).executeTakeFirst();
}

async function listResults(trx: ShopTransaction, runIds: RetentionRunId[]) {
  if (runIds.length === 0) return [];
  return trx.selectFrom("retention_results").selectAll().where("run_id", "in", runIds).execute();
}

type NewRun = {
  id: RetentionRunId;
  kind: RunRow["kind"];
  at: Date;
  planId?: RetentionRunId;
  startedBy?: AccountId;
  now: Date;
};

/** With a row for each of its rules; a repeated insert meets its own. */
async function insertRun(trx: ShopTransaction, run: NewRun): Promise<RetentionRunId> {
  const inserted = await trx
    .insertInto("retention_runs")
    .values({
      id: run.id,
      kind: run.kind,
      state: "running",
      at: run.at,
      plan_id: run.planId ?? null,
      started_by: run.startedBy ?? null,
      started_at: run.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) {
    if ((await findRow(trx, run.id)) !== undefined) return run.id;
    throw refused("running", "Another one of this kind has not ended yet.");
  }
  const rows = phasesOf(run.kind).flatMap((phase) =>
    purgeRuleNames.map((rule) => ({
      run_id: run.id,
      phase,
      rule,
      cut_off: cutOff(run.at, keptDays(rule)),
      hash: emptyHash,
    })),
  );
  await trx.insertInto("retention_results").values(rows).execute();
  return run.id;
}

async function demandNoneRunning(
  trx: ShopTransaction,
  { kind, id }: { kind: RunRow["kind"]; id: RetentionRunId },
): Promise<void> {
  const running = await trx
    .selectFrom("retention_runs")
    .select("id")
    .where("kind", "=", kind)
    .where("state", "=", "running")
    .where("id", "<>", id)
    .executeTakeFirst();
  if (running !== undefined) throw refused("running", "Another one of this kind has not ended yet.");
}

/** Over what was removed, or in a dry run would be. */
function hashOf(results: readonly { phase: string; rule: PurgeRuleName; hash: Buffer }[]): string {
  const hash = createHash("sha256");
  for (const rule of purgeRuleNames) {
    const result = results.find((known) => known.rule === rule && known.phase === "remove");
    hash.update(`${rule}:${result?.hash.toString("hex") ?? ""}\n`);
  }
  return hash.digest("hex");
}

function refused(code: string, said: string): AppError {
  return new AppError("conflict", `retention.${code}`, { internal: code, public: said });
}
