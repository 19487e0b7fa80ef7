import { z } from "@hono/zod-openapi";

import type { CommissionRow, CommissionTotal } from "../../db/commissions.ts";
import type { FraudFlagRow } from "../../db/fraud-flags.ts";
import type { ReferralApplicationRow } from "../../db/referral-applications.ts";
import type { ParticipantRow } from "../../db/referrals.ts";
import { toTypeId } from "../../domain/id.ts";
import { reapplyFrom, rejectReasons } from "../../domain/referral/application.ts";
import { CurrencySchema, TimeSchema, idText, orNull, textOf, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

export const FlagSchema = z
  .object({
    id: idText("flg"),
    rule: z.string().openapi({ description: "E.g. `same_device`; there may be others in time." }),
    state: z.enum(["open", "upheld", "dismissed"]),
    holdsEarnings: z.boolean(),
    raisedAt: TimeSchema,
    decidedAt: orNull(TimeSchema),
    appealedAt: orNull(TimeSchema),
    appealDecidedAt: orNull(TimeSchema),
  })
  .openapi("FraudFlag");

const TotalSchema = z
  .object({
    currency: CurrencySchema,
    pendingMinor: z.int(),
    heldMinor: z.int(),
    payableMinor: z.int().openapi({ description: "Below 0 when refunds took more than was earned since." }),
    inPayoutMinor: z.int(),
    paidMinor: z.int(),
  })
  .openapi("EarningsTotal");

const ApplicationSchema = z
  .object({
    state: z.enum(["submitted", "approved", "rejected"]),
    termsVersion: z.int().openapi({ description: "The terms that were accepted with it." }),
    submittedAt: TimeSchema,
    decidedAt: orNull(TimeSchema),
    reason: orNull(z.enum(rejectReasons)),
    reapplyFrom: orNull(TimeSchema).openapi({ description: "Of who was rejected." }),
  })
  .openapi("ReferralApplication");

export const ReferralSchema = z
  .object({
    state: z
      .enum(["not_joined", "submitted", "rejected", "active", "suspended", "closed"])
      .openapi({ description: "`submitted`, `rejected`: of the application." }),
    application: orNull(ApplicationSchema).openapi({ description: "The newest one." }),
    code: orNull(z.string()).openapi({ description: "Null until the application is approved." }),
    link: orNull(z.string()).openapi({ description: "Leads to the sign-up, with the code filled in." }),
    termsVersion: z
      .int()
      .openapi({ description: "Of the terms that are valid now; `joinReferral` accepts them." }),
    joinedAt: orNull(TimeSchema),
    wasReferred: z.boolean(),
    mayNameReferrer: z.boolean().openapi({
      description:
        "`requestUpgrade` takes the code of whoever recommended us: nobody has so far, and neither you nor the shop has paid for a plan.",
    }),
    rateBps: z.array(z.int()).openapi({ description: "Hundredths of a percent of a payment, by level." }),
    network: z.array(z.object({ level: z.int(), people: z.int() })).openapi({
      description: "How many shop owners you brought, and how many those brought. Nobody is named.",
    }),
    earnings: z.array(TotalSchema),
    flags: z.array(FlagSchema),
  })
  .openapi("Referral");

export const JoinReferralBody = z
  .strictObject({ termsVersion: z.int().min(1).max(1_000_000) })
  .openapi("JoinReferral");

export const AppealBody = z.strictObject({ text: textOf(2_000).min(1) }).openapi("Appeal");

export const CommissionSchema = z
  .object({
    id: idText("cmm"),
    kind: z.enum(["earning", "reversal", "restoration"]).openapi({
      description: "A reversal takes back what a refund or a decision about fraud made undue.",
    }),
    reason: orNull(z.enum(["refund", "fraud"])),
    level: z.int(),
    amountMinor: z.int(),
    currency: CurrencySchema,
    rateBps: z.int(),
    state: z.enum(["pending", "held", "payable", "in_payout", "paid"]),
    heldReason: orNull(z.enum(["holding_period", "fraud"])),
    paidAt: TimeSchema.openapi({ description: "When the payment was made that it is a share of." }),
    maturesAt: TimeSchema,
    createdAt: TimeSchema,
  })
  .openapi("Commission");

export const CommissionPageSchema = pageOf(CommissionSchema).openapi("CommissionPage");

type State = z.infer<typeof ReferralSchema>["state"];

/** What the person has to know first. */
export function stateOf(
  row: ParticipantRow | undefined,
  application: ReferralApplicationRow | undefined,
): State {
  if (row === undefined || row.joined_at === null) return "not_joined";
  if (row.state !== "active" || application === undefined) return row.state;
  return application.state === "approved" ? "active" : application.state;
}

export function toReferral({
  row,
  application,
  mayNameReferrer,
  link,
  termsVersion,
  rateBps,
  network,
  totals,
  flags,
}: {
  row: ParticipantRow | undefined;
  application: ReferralApplicationRow | undefined;
  mayNameReferrer: boolean;
  link: string | null;
  termsVersion: number;
  rateBps: number[];
  network: number[];
  totals: CommissionTotal[];
  flags: FraudFlagRow[];
}): z.infer<typeof ReferralSchema> {
  const state = stateOf(row, application);
  return {
    state,
    application: application === undefined ? null : toApplication(application),
    code: state === "submitted" || state === "rejected" ? null : (row?.code ?? null),
    link,
    termsVersion,
    joinedAt: timeOrNull(row?.joined_at ?? null),
    wasReferred: row !== undefined && row.referrer_id !== null,
    mayNameReferrer,
    rateBps,
    network: network.map((people, index) => ({ level: index + 1, people })),
    earnings: toEarnings(totals),
    flags: flags.map(toFlag),
  };
}

function toApplication(row: ReferralApplicationRow): z.infer<typeof ApplicationSchema> {
  const { state, decided_at: decidedAt } = row;
  return {
    state,
    termsVersion: row.terms_version,
    submittedAt: row.submitted_at.toISOString(),
    decidedAt: timeOrNull(decidedAt),
    reason: row.reason,
    reapplyFrom: timeOrNull(state === "rejected" && decidedAt !== null ? reapplyFrom(decidedAt) : null),
  };
}

function toEarnings(totals: CommissionTotal[]): z.infer<typeof TotalSchema>[] {
  return [...new Set(totals.map(({ currency }) => currency))].map((currency) => {
    const sumOf = (state: CommissionTotal["state"]) =>
      totals.find((total) => total.currency === currency && total.state === state)?.amountMinor ?? 0;
    return {
      currency,
      pendingMinor: sumOf("pending"),
      heldMinor: sumOf("held"),
      payableMinor: sumOf("payable"),
      inPayoutMinor: sumOf("in_payout"),
      paidMinor: sumOf("paid"),
    };
  });
}

/** Without the evidence, which tells of others. */
export function toFlag(row: FraudFlagRow): z.infer<typeof FlagSchema> {
  return {
    id: toTypeId("flg", row.id),
    rule: row.rule,
    state: row.state,
    holdsEarnings: row.state === "open" && row.severity === "high",
    raisedAt: row.raised_at.toISOString(),
    decidedAt: timeOrNull(row.decided_at),
    appealedAt: timeOrNull(row.appealed_at),
    appealDecidedAt: timeOrNull(row.appeal_decided_at),
  };
}

export function toCommission(row: CommissionRow): z.infer<typeof CommissionSchema> {
  return {
    id: toTypeId("cmm", row.id),
    kind: row.kind,
    reason: row.refund_id !== null ? "refund" : row.flag_id !== null ? "fraud" : null,
    level: row.level,
    amountMinor: row.amount_minor,
    currency: row.currency,
    rateBps: row.rate_bps,
    state: row.state,
    heldReason: row.held_reason,
    paidAt: row.paid_at.toISOString(),
    maturesAt: row.matures_at.toISOString(),
    createdAt: row.created_at.toISOString(),
  };
}
