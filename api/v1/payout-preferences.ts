import { createRoute, z } from "@hono/zod-openapi";

import { findPayoutPreferences, putPayoutPreferences } from "../../db/payout-preferences.ts";
import type { PayoutPreferencesRow } from "../../db/payout-preferences.ts";
import { findReferralPolicy } from "../../db/referral-policies.ts";
import { AppError } from "../../domain/app-error.ts";
import { currencies } from "../../domain/money.ts";
import type { Money } from "../../domain/money.ts";
import { payoutSchedules } from "../../domain/payout/period.ts";
import type { ReferralPolicy } from "../../domain/referral/policy.ts";
import { steppedUp } from "../auth/step-up.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { MoneySchema, orNull } from "./fields.schema.ts";
import { getParticipant } from "./own-participant.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const payoutPreferenceRoutes = createRouter();

const ScheduleSchema = z.enum(payoutSchedules).openapi({
  description:
    "`quarterly`: for the months March, June, September and December, of all that is payable then.",
});

const thresholdField = orNull(MoneySchema).openapi({
  description: "Less is carried on. Null: the platform's minimum.",
});

export const PayoutPreferencesSchema = z
  .object({
    schedule: ScheduleSchema,
    threshold: thresholdField,
    minimums: z.array(MoneySchema).openapi({ description: "The platform's, of the currencies paid out." }),
  })
  .openapi("PayoutPreferences");

const PutPayoutPreferencesBody = z
  .strictObject({ schedule: ScheduleSchema, threshold: thresholdField })
  .openapi("PutPayoutPreferences");

const putRoute = createRoute(
  steppedUp(
    scoped("referral.write", {
      operationId: "putPayoutPreferences",
      method: "put",
      path: "/v1/payout-preferences",
      tags: ["Referral"],
      description: "How often you are paid, and from what amount on; it counts from the next tally on.",
      request: { body: jsonBody(PutPayoutPreferencesBody) },
      responses: { 200: jsonAnswer("The preferences", PayoutPreferencesSchema), ...problems(409) },
    }),
  ),
);

payoutPreferenceRoutes.openapi(putRoute, async (c) => {
  const { deps, actor } = c.var;
  const { schedule, threshold } = c.req.valid("json");
  const { id: participantId } = await getParticipant(c);
  const now = deps.clock.now();
  const preferences = await deps.db.withShop(actor.shopId, async (trx) => {
    const policy = await findReferralPolicy(trx, now);
    demandEnough(threshold, policy);
    const row = await putPayoutPreferences(trx, { participantId, schedule, threshold, now });
    const data = { schedule, thresholdMinor: row.threshold_minor, currency: row.currency };
    await audit(trx, c, { action: "payout_preferences.changed", subjectId: participantId, data });
    return toPreferences(row, policy);
  });
  return c.json(preferences, 200);
});

const getRoute = createRoute(
  scoped("referral.read", {
    operationId: "getPayoutPreferences",
    method: "get",
    path: "/v1/payout-preferences",
    tags: ["Referral"],
    responses: { 200: jsonAnswer("The preferences", PayoutPreferencesSchema), ...problems(409) },
  }),
);

payoutPreferenceRoutes.openapi(getRoute, async (c) => {
  const { db, clock } = c.var.deps;
  const { id } = await getParticipant(c);
  const preferences = await db.withoutShop(async (trx) =>
    toPreferences(await findPayoutPreferences(trx, id), await findReferralPolicy(trx, clock.now())),
  );
  return c.json(preferences, 200);
});

function demandEnough(threshold: Money | null, { minimumPayoutMinor }: ReferralPolicy): void {
  if (threshold === null) return;
  const minimumMinor = minimumPayoutMinor[threshold.currency];
  if (minimumMinor === undefined) {
    throw new AppError("invalid", "payout_preferences.no_payouts", {
      internal: `nothing is paid out in ${threshold.currency}`,
      public: "There are no payouts in this currency.",
      errors: [{ pointer: "/threshold/currency", message: "There are no payouts in this currency." }],
    });
  }
  if (threshold.amountMinor >= minimumMinor) return;
  throw new AppError("invalid", "payout_preferences.below_minimum", {
    internal: "a threshold below the platform's minimum",
    public: "The threshold is below the platform's minimum: see `minimums`.",
    errors: [{ pointer: "/threshold/amountMinor", message: `Must be at least ${minimumMinor}` }],
  });
}

function toPreferences(
  row: PayoutPreferencesRow | undefined,
  { minimumPayoutMinor }: ReferralPolicy,
): z.infer<typeof PayoutPreferencesSchema> {
  const { schedule = "monthly", threshold_minor: amountMinor = null, currency = null } = row ?? {};
  return {
    schedule,
    threshold: amountMinor === null || currency === null ? null : { amountMinor, currency },
    minimums: currencies.flatMap((each) => {
      const minimumMinor = minimumPayoutMinor[each];
      return minimumMinor === undefined ? [] : [{ amountMinor: minimumMinor, currency: each }];
    }),
  };
}
