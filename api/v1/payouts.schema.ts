import { z } from "@hono/zod-openapi";

import type { CommissionRow } from "../../db/commissions.ts";
import type { PayoutRow } from "../../db/payouts.ts";
import { toTypeId } from "../../domain/id.ts";
import { MoneySchema, TimeSchema, idText, orNull, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";
import { CommissionSchema, toCommission } from "./referral.schema.ts";

export const PayoutStateSchema = z
  .enum(["tallied", "held", "proposed", "approved", "executing", "paid", "failed", "cancelled"])
  .openapi({
    description:
      "`held`: something stands in the way; `executing`: the money is on its way; `failed`: it came back, and is sent again once that is corrected; `cancelled`: its lines go into the next one, unless a flag stands against them.",
  });

export const PayoutSchema = z
  .object({
    id: idText("pout"),
    period: z.string().openapi({ example: "2026-11" }),
    amount: MoneySchema,
    state: PayoutStateSchema,
    obstacle: orNull(z.string()).openapi({
      description:
        "What holds it, e.g. `fraud_flag`, `no_account` or `account_cooling`; there may be others in time.",
    }),
    failure: orNull(z.string()).openapi({ description: "Why it failed last, e.g. `account_unknown`." }),
    createdAt: TimeSchema,
    endedAt: orNull(TimeSchema),
  })
  .openapi("Payout");

export const PayoutPageSchema = pageOf(PayoutSchema).openapi("PayoutPage");

export const PayoutLineSchema = CommissionSchema.pick({
  id: true,
  kind: true,
  reason: true,
  level: true,
  amountMinor: true,
  currency: true,
  rateBps: true,
  paidAt: true,
}).openapi("PayoutLine");

export const PayoutLinePageSchema = pageOf(PayoutLineSchema).openapi("PayoutLinePage");

export function toPayout(row: PayoutRow): z.infer<typeof PayoutSchema> {
  return {
    id: toTypeId("pout", row.id),
    period: row.period,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    state: row.state,
    obstacle: row.obstacle,
    failure: row.failure_code,
    createdAt: row.created_at.toISOString(),
    endedAt: timeOrNull(row.ended_at),
  };
}

/** Level, date and amount; of whoever paid nothing. */
export function toPayoutLine(row: CommissionRow): z.infer<typeof PayoutLineSchema> {
  const { id, kind, reason, level, amountMinor, currency, rateBps, paidAt } = toCommission(row);
  return { id, kind, reason, level, amountMinor, currency, rateBps, paidAt };
}
