import { z } from "@hono/zod-openapi";

import type { RetentionRun } from "../../db/system-retention.ts";
import type { ForecastRule } from "../../db/system-retention-forecast.ts";
import { toTypeId } from "../../domain/id.ts";
import { dayMs, purgeRuleNames } from "../../domain/privacy/purge-rules.ts";
import { retentionRules } from "../../domain/privacy/retention-class.ts";
import { TimeSchema, idText, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

const { conversation, "order.dispute": dispute } = retentionRules;

function daysWithin({ bounds, defaultDays }: (typeof retentionRules)["conversation"]) {
  const { minDays = 0, maxDays = 0 } = bounds ?? {};
  return z
    .int()
    .min(minDays)
    .max(maxDays)
    .nullable()
    .openapi({ description: `Days of 24 hours; null: ${defaultDays}.` });
}

/** In the shop's policies. */
export const ShopRetentionFields = {
  conversationDays: daysWithin(conversation),
  disputeDays: daysWithin(dispute),
};

/** From now on: what is due already, and by when what else will be. */
const horizons = [0, 7, 30, 90] as const;

export function horizonsFrom(now: Date): Date[] {
  return horizons.map((days) => new Date(now.getTime() + days * dayMs));
}

const DueSchema = z.object({
  byDay: z.int().openapi({ description: "Days from now." }),
  by: TimeSchema,
  count: z.int(),
});

export const ForecastSchema = z
  .object({
    asOf: TimeSchema,
    classes: z.array(
      z.object({
        class: z.string(),
        due: z.array(DueSchema),
        rules: z.array(
          z.object({
            rule: z.enum(purgeRuleNames),
            keptDays: z.int(),
            due: z.array(DueSchema),
          }),
        ),
      }),
    ),
  })
  .openapi("RetentionForecast");

export function toForecast(rules: readonly ForecastRule[], now: Date): z.infer<typeof ForecastSchema> {
  const instants = horizonsFrom(now);
  const toDue = (counts: readonly number[]) =>
    instants.map((by, index) => ({
      byDay: horizons[index] ?? 0,
      by: by.toISOString(),
      count: counts[index] ?? 0,
    }));
  const names = [...new Set(rules.map((rule) => rule.class))];
  const classes = names.map((name) => {
    const own = rules.filter((rule) => rule.class === name);
    const sums = instants.map((_, index) => own.reduce((sum, { due }) => sum + (due[index] ?? 0), 0));
    return {
      class: name,
      due: toDue(sums),
      rules: own.map(({ rule, keptDays, due }) => ({ rule, keptDays, due: toDue(due) })),
    };
  });
  return { asOf: now.toISOString(), classes };
}

export const RetentionRunSchema = z
  .object({
    id: idText("rtr"),
    kind: z.enum(["purge", "dry_run", "plan"]),
    state: z.enum(["running", "done", "stale"]),
    at: TimeSchema.openapi({ description: "The instant that is judged." }),
    planId: idText("rtr").nullable().openapi({ description: "The dry run that it executes." }),
    hash: z.string().nullable().openapi({ description: "Of the ids of all records, rule by rule." }),
    startedBy: idText("acc").nullable().openapi({ description: "Null: by the schedule." }),
    startedAt: TimeSchema,
    endedAt: TimeSchema.nullable(),
    results: z.array(
      z.object({
        rule: z.enum(purgeRuleNames),
        cutOff: TimeSchema.openapi({ description: "Where a shop has set no other." }),
        counted: z.int(),
        removed: z.int(),
        oldestAt: TimeSchema.nullable(),
        newestAt: TimeSchema.nullable(),
        hash: z.string(),
      }),
    ),
  })
  .openapi("RetentionRun");

export const RetentionRunPage = pageOf(RetentionRunSchema).openapi("RetentionRunPage");

/** Of each rule what it removed, or in a dry run would. */
export function toRetentionRun(run: RetentionRun): z.infer<typeof RetentionRunSchema> {
  const results = purgeRuleNames.flatMap(
    (rule) => run.results.find((result) => result.rule === rule && result.phase === "remove") ?? [],
  );
  return {
    id: toTypeId("rtr", run.id),
    kind: run.kind,
    state: run.state,
    at: run.at.toISOString(),
    planId: run.plan_id && toTypeId("rtr", run.plan_id),
    hash: run.hash,
    startedBy: run.started_by && toTypeId("acc", run.started_by),
    startedAt: run.started_at.toISOString(),
    endedAt: timeOrNull(run.ended_at),
    results: results.map((result) => ({
      rule: result.rule,
      cutOff: result.cut_off.toISOString(),
      counted: result.counted,
      removed: result.removed,
      oldestAt: timeOrNull(result.oldest_at),
      newestAt: timeOrNull(result.newest_at),
      hash: result.hash.toString("hex"),
    })),
  };
}
