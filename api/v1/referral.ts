import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { listCommissions, sumCommissions } from "../../db/commissions.ts";
import { appealFlag, appealPlace, findOwnFlag, listOwnFlags } from "../../db/fraud-flags.ts";
import type { FraudFlagRow } from "../../db/fraud-flags.ts";
import { hasPaidPlan } from "../../db/plan-payments.ts";
import { findReferralPolicy } from "../../db/referral-policies.ts";
import { findApplication } from "../../db/referral-applications.ts";
import type { ReferralApplicationRow } from "../../db/referral-applications.ts";
import { countNetwork, findParticipant } from "../../db/referrals.ts";
import type { ParticipantRow } from "../../db/referrals.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId, CommissionId, FraudFlagId } from "../../domain/id.ts";
import { levelRates } from "../../domain/referral/commission.ts";
import { referralTermsVersion } from "../../domain/referral/policy.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { applyForReferral } from "./apply-for-referral.ts";
import { audit } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { ownAccount } from "./own-participant.ts";
import {
  AppealBody,
  CommissionPageSchema,
  FlagSchema,
  JoinReferralBody,
  ReferralSchema,
  stateOf,
  toCommission,
  toFlag,
  toReferral,
} from "./referral.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const referralRoutes = createRouter();

/** More flags than this nobody reads; the newest are shown. */
const shownFlags = 50;

const getRoute = createRoute(
  scoped("referral.read", {
    operationId: "getReferral",
    method: "get",
    path: "/v1/referral",
    tags: ["Referral"],
    responses: { 200: jsonAnswer("Your code, network and earnings", ReferralSchema) },
  }),
);

referralRoutes.openapi(getRoute, async (c) => c.json(await readReferral(c, ownAccount(c)), 200));

const joinRoute = createRoute(
  scoped("referral.write", {
    operationId: "joinReferral",
    method: "post",
    path: "/v1/referral/join",
    tags: ["Referral"],
    description:
      "Accepts the terms and applies, once. Approved at once, or `submitted`: then a person looks at it. The code brings people once it is approved, and stays the same. Who was rejected may apply again later.",
    request: { body: jsonBody(JoinReferralBody) },
    responses: { 200: jsonAnswer("Your code, network and earnings", ReferralSchema), ...problems(409) },
  }),
);

referralRoutes.openapi(joinRoute, async (c) => {
  const accountId = ownAccount(c);
  await applyForReferral(c, { accountId, ...c.req.valid("json") });
  return c.json(await readReferral(c, accountId), 200);
});

const commissionsRoute = createRoute(
  scoped("referral.read", {
    operationId: "listCommissions",
    method: "get",
    path: "/v1/commissions",
    tags: ["Referral"],
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The lines of your statement, newest first", CommissionPageSchema) },
  }),
);

referralRoutes.openapi(commissionsRoute, async (c) => {
  const accountId = ownAccount(c);
  const { limit, cursor } = c.req.valid("query");
  const place = readIdCursor<CommissionId>(cursor);
  const rows = await c.var.deps.db.withoutShop(async (trx) => {
    const participant = await findParticipant(trx, accountId);
    if (participant === undefined) return [];
    return listCommissions(trx, { participantId: participant.id, limit: limit + 1, ...place });
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toCommission) }, 200);
});

const appealRoute = createRoute(
  idempotent(
    scoped("referral.write", {
      operationId: "appealFraudFlag",
      method: "post",
      path: "/v1/fraud-flags/{flagId}/appeal",
      tags: ["Referral"],
      description: "Tells your side of a flag, once. A person reads it and decides.",
      request: { params: pathParams("flagId", "flg"), body: jsonBody(AppealBody) },
      responses: { 200: jsonAnswer("The flag", FlagSchema), ...problems(404, 409) },
    }),
    async (c) => toFlag(await readOwnFlag(c)),
  ),
);

referralRoutes.openapi(appealRoute, async (c) => {
  const { deps, actor, effect } = c.var;
  const { id: flagId, participant_id: participantId } = await readOwnFlag(c);
  const { text } = c.req.valid("json");
  const [appeal] = await deps.sealer.seal([{ place: appealPlace(participantId, flagId), plaintext: text }]);
  if (appeal === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const flag = await deps.db.withShop(actor.shopId, async (trx) => {
    const appealed = { flagId, participantId, appeal, appealId: effect.id, now };
    const made = await appealFlag(trx, appealed);
    if (made === undefined) throw notAppealable();
    if (made.isNew) await audit(trx, c, { action: "fraud_flag.appealed", resourceId: flagId });
    return made.flag;
  });
  return c.json(toFlag(flag), 200);
});

function readOwnFlag(c: Context<ApiEnv>): Promise<FraudFlagRow> {
  const flagId = pathId<FraudFlagId>("flg", c.req.param("flagId") ?? "");
  const accountId = ownAccount(c);
  return c.var.deps.db.withoutShop(async (trx) => {
    const { id: participantId } = found(await findParticipant(trx, accountId), "flg");
    return found(await findOwnFlag(trx, { participantId, flagId }), "flg");
  });
}

async function readReferral(c: Context<ApiEnv>, accountId: AccountId) {
  const { deps, actor } = c.var;
  return deps.db.withShop(actor.shopId, async (trx) => {
    const rateBps = levelRates(await findReferralPolicy(trx, deps.clock.now()));
    const row = await findParticipant(trx, accountId);
    const application = row && (await findApplication(trx, row.id));
    const mayNameReferrer = isUnbrought(row) && !(await hasPaidPlan(trx, actor));
    const common = {
      row,
      application,
      mayNameReferrer,
      termsVersion: referralTermsVersion,
      rateBps,
      link: linkOf(c, row, application),
    };
    if (row === undefined)
      return toReferral({ ...common, network: rateBps.map(() => 0), totals: [], flags: [] });
    const participantId = row.id;
    return toReferral({
      ...common,
      network: await countNetwork(trx, { participantId, levels: rateBps.length }),
      totals: await sumCommissions(trx, participantId),
      flags: await listOwnFlags(trx, { participantId, limit: shownFlags }),
    });
  });
}

/** By nobody so far, and not after the first payment. */
function isUnbrought(row: ParticipantRow | undefined): boolean {
  return row === undefined || (row.referrer_id === null && row.first_paid_at === null);
}

/** Leads to the sign-up page, with the code filled in. */
function linkOf(
  c: Context<ApiEnv>,
  row: ParticipantRow | undefined,
  application: ReferralApplicationRow | undefined,
): string | null {
  if (row === undefined || row.code === null || stateOf(row, application) !== "active") return null;
  return new URL(`/console/sign-up?ref=${row.code}`, c.var.deps.settings.publicUrl).href;
}

function notAppealable(): AppError {
  return new AppError("conflict", "fraud_flag.not_appealable", {
    internal: "dismissed, or appealed before",
    public: "This flag was dismissed, or you have appealed against it.",
  });
}
