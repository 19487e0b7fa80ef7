import { z } from "@hono/zod-openapi";

import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { scheduledOf, subscriptionStanding } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import type { PricedTopUp } from "../../db/top-ups.ts";
import { upgradeStanding } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { toTypeId } from "../../domain/id.ts";
import { currencies } from "../../domain/money.ts";
import type { Currency, Money } from "../../domain/money.ts";
import { nextSubscriptionState } from "../../domain/subscription/next-subscription-deadline.ts";
import type { PricedPlan } from "../../domain/subscription/plan.ts";
import { serviceOf } from "../../domain/subscription/service-of.ts";
import { nextUpgradeDeadline } from "../../domain/subscription/upgrade.ts";
import {
  MoneySchema,
  TimeSchema,
  idText,
  lineOf,
  orNull,
  referralCodeField,
  textOf,
  timeOrNull,
} from "./fields.schema.ts";
import { pageOf } from "./list.ts";
import { PictureSchema } from "./picture-links.ts";

const LimitSchema = z.int().nullable().openapi({ description: "Null: as many as the shop wants." });

export const PlanSchema = z
  .object({
    code: z.string().openapi({ example: "growth" }),
    version: z.int(),
    names: z.object({ en: z.string(), my: z.string() }),
    periodMonths: z.int().openapi({ description: "Calendar months that one payment buys." }),
    creditsPerPeriod: z.int(),
    limits: z.object({ products: LimitSchema, pages: LimitSchema, staff: LimitSchema }),
    prices: z
      .array(MoneySchema)
      .openapi({ description: "Without one in the shop's currency: not for sale." }),
  })
  .openapi("Plan", { description: "A published version never changes." });

export function toPlan({ prices, ...plan }: PricedPlan): z.infer<typeof PlanSchema> {
  return { ...plan, prices: toPrices(prices) };
}

export const TopUpSchema = z
  .object({
    code: z.string().openapi({ example: "small" }),
    version: z.int(),
    names: z.object({ en: z.string(), my: z.string() }),
    credits: z.int(),
    validDays: z.int().openapi({ description: "Days from the approval; what is left then lapses." }),
    prices: z
      .array(MoneySchema)
      .openapi({ description: "Without one in the shop's currency: not for sale." }),
  })
  .openapi("TopUp", { description: "A package of credits. A published version never changes." });

export function toTopUp({ prices, ...topUp }: PricedTopUp): z.infer<typeof TopUpSchema> {
  return { ...topUp, prices: toPrices(prices) };
}

function toPrices(prices: Partial<Record<Currency, number>>): Money[] {
  return currencies.flatMap((currency) => {
    const amountMinor = prices[currency];
    return amountMinor === undefined ? [] : [{ amountMinor, currency }];
  });
}

const SubscriptionStateSchema = z.enum(["trial", "active", "grace", "limited", "suspended"]);

const ScheduledPlanSchema = z
  .object({
    planCode: z.string(),
    planVersion: z.int(),
    startsAt: TimeSchema.openapi({ description: "When what runs is over." }),
    paidMonths: z.int().openapi({ description: "0: nobody has paid for it yet, and it can be undone." }),
  })
  .openapi("ScheduledPlan");

export const SubscriptionSchema = z
  .object({
    planCode: z.string(),
    planVersion: z.int(),
    state: SubscriptionStateSchema,
    startsAt: TimeSchema,
    endsAt: TimeSchema,
    service: z.enum(["full", "fallback", "silent"]).openapi({
      description:
        "What the agent does now: it answers; it tells each customer once that a person will; it says nothing. Messages are stored and orders go on in any case.",
    }),
    next: orNull(z.object({ state: SubscriptionStateSchema, at: TimeSchema })).openapi({
      description: "What it becomes by itself, unless somebody pays before.",
    }),
    scheduled: orNull(ScheduledPlanSchema).openapi({
      description: "A cheaper plan that follows. See `scheduleDowngrade`.",
    }),
  })
  .openapi("Subscription");

export function toSubscription(row: SubscriptionRow): z.infer<typeof SubscriptionSchema> {
  const next = nextSubscriptionState(subscriptionStanding(row));
  const scheduled = scheduledOf(row);
  return {
    planCode: row.plan_code,
    planVersion: row.plan_version,
    state: row.state,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    service: serviceOf(row.state),
    next: next && { state: next.state, at: next.at.toISOString() },
    scheduled: scheduled && {
      ...scheduled.ref,
      startsAt: row.ends_at.toISOString(),
      paidMonths: scheduled.paidMonths,
    },
  };
}

export const UpgradeStateSchema = z.enum([
  "draft",
  "submitted",
  "asked_again",
  "approved",
  "rejected",
  "lapsed",
  "cancelled",
]);

export const UpgradeRequestSchema = z
  .object({
    id: idText("upg"),
    planCode: z.string().nullable().openapi({ description: "Null: a package of credits is asked for." }),
    planVersion: z.int().nullable(),
    topUpCode: z.string().nullable(),
    topUpVersion: z.int().nullable(),
    price: MoneySchema,
    state: UpgradeStateSchema.openapi({
      description: "`draft` and `asked_again` wait for evidence, `submitted` for the platform.",
    }),
    evidenceId: idText("upl").nullable().openapi({ description: "What was handed in last." }),
    createdAt: TimeSchema,
    submittedAt: TimeSchema.nullable(),
    lapsesAt: TimeSchema.nullable().openapi({ description: "Unless somebody acts before." }),
    endedAt: TimeSchema.nullable(),
  })
  .openapi("UpgradeRequest");

export const UpgradeRequestPageSchema = pageOf(UpgradeRequestSchema).openapi("UpgradeRequestPage");

const UpgradePaymentSchema = z
  .object({
    state: z.enum(["created", "unknown", "pending", "paid", "closed", "refunding", "refunded"]).openapi({
      description: "`pending`: it can be paid. `created`, `unknown`: the code is still to come.",
    }),
    code: z.string().nullable().openapi({
      description: "The text of the QR code, for the payer's wallet, while it can be paid.",
    }),
    amount: MoneySchema,
    expiresAt: TimeSchema,
    problem: z.string().nullable().openapi({ description: "The provider's code, when it refused." }),
    isOwed: z.boolean().openapi({
      description:
        "It was paid and bought nothing, or what it bought was taken back: the platform gives it back.",
    }),
  })
  .openapi("UpgradePayment", { description: "At the payment provider." });

export function toUpgradePayment(
  row: GatewayPaymentRow | undefined,
): z.infer<typeof UpgradePaymentSchema> | null {
  if (row === undefined) return null;
  return {
    state: row.state,
    code: row.state === "pending" ? row.code : null,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    expiresAt: row.expires_at.toISOString(),
    problem: row.error_code,
    isOwed: row.owed_at !== null,
  };
}

export const UpgradeRequestDetailSchema = UpgradeRequestSchema.extend({
  payTo: z.string().nullable().openapi({
    description: "The platform's account for a transfer of the price. Null: the platform has to be asked.",
  }),
  reason: z.string().nullable().openapi({ description: "Why it was refused or asked again." }),
  picture: orNull(PictureSchema),
  payment: orNull(UpgradePaymentSchema),
  isPayableByCode: z.boolean().openapi({ description: "`payUpgradeRequest` is offered for it." }),
}).openapi("UpgradeRequestDetail");

export function toUpgradeRequest(row: UpgradeRequestRow): z.infer<typeof UpgradeRequestSchema> {
  return {
    id: toTypeId("upg", row.id),
    planCode: row.plan_code,
    planVersion: row.plan_version,
    topUpCode: row.top_up_code,
    topUpVersion: row.top_up_version,
    price: { amountMinor: row.amount_minor, currency: row.currency },
    state: row.state,
    evidenceId: row.upload_id === null ? null : toTypeId("upl", row.upload_id),
    createdAt: row.created_at.toISOString(),
    submittedAt: timeOrNull(row.submitted_at),
    lapsesAt: timeOrNull(lapsesAt(row)),
    endedAt: timeOrNull(row.ended_at),
  };
}

/** The reminders before it do not end it. */
function lapsesAt(row: UpgradeRequestRow): Date | null {
  const far = row.created_at;
  const standing = { ...upgradeStanding(row), remindedAt: far, escalatedAt: far };
  const next = nextUpgradeDeadline(standing);
  return next?.deadline === "lapseUpgrade" ? next.at : null;
}

type Shown = Omit<z.infer<typeof UpgradeRequestDetailSchema>, keyof z.infer<typeof UpgradeRequestSchema>>;

export function toUpgradeDetail(
  row: UpgradeRequestRow,
  shown: Shown,
): z.infer<typeof UpgradeRequestDetailSchema> {
  return { ...toUpgradeRequest(row), ...shown };
}

const codeField = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/);
const planCodeField = codeField.openapi({ example: "growth" });

export const RequestUpgradeBody = z
  .strictObject({ planCode: planCodeField, referralCode: referralCodeField })
  .openapi("RequestUpgrade");

export const ScheduleDowngradeBody = z.strictObject({ planCode: planCodeField }).openapi("ScheduleDowngrade");

export const RequestTopUpBody = z
  .strictObject({ topUpCode: codeField.openapi({ example: "small" }) })
  .openapi("RequestTopUp");

/** The number or code that the bank gave to the transfer. */
export const referenceField = lineOf(100);

export const adminReasonField = textOf(1_000)
  .min(1)
  .openapi({ pattern: String.raw`\S`, description: "Told to the owner." });
