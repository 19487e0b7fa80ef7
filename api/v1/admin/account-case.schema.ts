import { z } from "@hono/zod-openapi";

import type { AccountCase, AccountRow } from "../../../db/admin-accounts.ts";
import { suspensionReasons } from "../../../domain/account/suspension.ts";
import { toTypeId } from "../../../domain/id.ts";
import { platformRoles } from "../../../domain/platform-role.ts";
import { TimeSchema, idText, orNull, timeOrNull } from "../fields.schema.ts";
import { listQuery, pageOf } from "../list.ts";

export const AccountCaseSummarySchema = z
  .object({
    id: idText("acc"),
    state: z.enum(["active", "suspended"]),
    suspendedAt: TimeSchema.nullable(),
    reason: orNull(z.enum(suspensionReasons)),
    suspendedBy: idText("acc")
      .nullable()
      .openapi({ description: "Null: a command. Another admin answers the appeals." }),
    openAppeals: z.int().openapi({ description: "How many wait for an answer." }),
  })
  .openapi("AccountCaseSummary");

export const AccountQueueSchema = pageOf(AccountCaseSummarySchema).openapi("AccountQueue");

const SignalSchema = z.object({
  kind: z.string().openapi({
    description:
      "`passwords.often_refused`, `codes.often_refused`: hours in which guesses were refused by a limit; `fraud_flag.open`, `fraud_flag.upheld`: flags of its referral; there may be others in time.",
  }),
  count: z.int(),
  lastAt: TimeSchema,
});

const AppealSchema = z.object({
  id: idText("apl"),
  state: z.enum(["open", "granted", "refused"]),
  text: z
    .string()
    .nullable()
    .openapi({ description: "What its owner wrote, for whoever may answer; null for others." }),
  createdAt: TimeSchema,
  answeredAt: TimeSchema.nullable(),
  answeredBy: idText("acc").nullable(),
});

export const AccountCaseSchema = AccountCaseSummarySchema.extend({
  createdAt: TimeSchema,
  roles: z.array(z.enum(platformRoles)).openapi({ description: "What it may do for the platform." }),
  signals: z.array(SignalSchema).openapi({ description: "Signs of abuse that were counted, newest first." }),
  appeals: z.array(AppealSchema).openapi({ description: "Newest first." }),
}).openapi("AccountCase");

export const AccountQueueQuery = z.strictObject({
  ...listQuery,
  queue: z
    .enum(["appealed", "suspended"])
    .default("appealed")
    .openapi({ description: "`appealed`: whose owner waits for an answer; `suspended`: all." }),
});

export function toAccountSummary(row: AccountRow): z.infer<typeof AccountCaseSummarySchema> {
  return {
    id: toTypeId("acc", row.id),
    state: row.suspended_at === null ? "active" : "suspended",
    suspendedAt: timeOrNull(row.suspended_at),
    reason: row.suspended_for,
    suspendedBy: row.suspended_by === null ? null : toTypeId("acc", row.suspended_by),
    openAppeals: row.openAppeals,
  };
}

/** `texts` are of the appeals, in their order. */
export function toAccountCase(
  { account, roles, signals, appeals }: AccountCase,
  texts: readonly (string | null)[],
): z.infer<typeof AccountCaseSchema> {
  return {
    ...toAccountSummary(account),
    createdAt: account.created_at.toISOString(),
    roles,
    signals: signals.map(({ kind, count, lastAt }) => ({ kind, count, lastAt: lastAt.toISOString() })),
    appeals: appeals.map((appeal, index) => ({
      id: toTypeId("apl", appeal.id),
      state: appeal.state,
      text: texts[index] ?? null,
      createdAt: appeal.created_at.toISOString(),
      answeredAt: timeOrNull(appeal.decided_at),
      answeredBy: appeal.decided_by === null ? null : toTypeId("acc", appeal.decided_by),
    })),
  };
}
