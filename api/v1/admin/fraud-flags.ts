import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { decideFlag, findFlagOfAny, listFlagQueue, viewFlagCase } from "../../../db/admin-fraud.ts";
import type { AdminFlagDecision } from "../../../db/admin-fraud.ts";
import { appealPlace } from "../../../db/fraud-flags.ts";
import type { FlagResult, FraudFlagRow } from "../../../db/fraud-flags.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { FraudFlagId } from "../../../domain/id.ts";
import { dismissReasons, upholdReasons } from "../../../domain/referral/fraud-reasons.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { readIdCursor, toPage } from "../list.ts";
import { FlagSchema, toFlag } from "../referral.schema.ts";
import { ringPayouts } from "../ring-payouts.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";
import {
  FlagCaseSchema,
  FlagQueueQuery,
  FlagQueueSchema,
  toFlagCase,
  toFlagSummary,
} from "./fraud-flags.schema.ts";
import { lookOf } from "./look-of.ts";

export const fraudFlagRoutes = createRouter();

const params = pathParams("flagId", "flg");

const listRoute = createRoute(
  scoped("fraud.read", {
    operationId: "listFraudFlags",
    method: "get",
    path: "/v1/admin/fraud-flags",
    tags: ["Admin: fraud"],
    description: "Flags of all participants: what weighs more first, then the older one.",
    request: { query: FlagQueueQuery },
    responses: { 200: jsonAnswer("The queue", FlagQueueSchema) },
  }),
);

fraudFlagRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, queue } = c.req.valid("query");
  const { before: after } = readIdCursor<FraudFlagId>(cursor);
  const filter = { queue, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const { flags, held } = await listFlagQueue(c.var.deps.admin, filter);
  const page = toPage(flags, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((flag) => toFlagSummary(flag, held)) }, 200);
});

const caseRoute = createRoute(
  scoped("fraud.read", {
    operationId: "getFraudFlag",
    method: "get",
    path: "/v1/admin/fraud-flags/{flagId}",
    tags: ["Admin: fraud"],
    description:
      "One flag with its evidence in codes, what it holds, and the participant's side. The look stands in the platform's log.",
    request: { params },
    responses: { 200: jsonAnswer("The case", FlagCaseSchema), ...problems(404) },
  }),
);

fraudFlagRoutes.openapi(caseRoute, async (c) => {
  const { deps } = c.var;
  const look = lookOf(c, "fraud_flag.viewed");
  const view = found(await viewFlagCase(deps.admin, flagIdOf(c), look), "flg");
  const mayDecide = c.var.actor.scopes.has("fraud.decide") && !view.isRelated;
  const appeal = mayDecide ? await openAppeal(c, view.flag) : null;
  return c.json(toFlagCase(view, appeal), 200);
});

const UpholdBody = z.strictObject({ reason: z.enum(upholdReasons) }).openapi("UpholdFraudFlag");

const upholdRoute = createRoute(
  decision("upholdFraudFlag", "uphold", UpholdBody, {
    description:
      "The flag is right: what was earned and not paid is cancelled, and the participant is suspended.",
  }),
);

fraudFlagRoutes.openapi(upholdRoute, async (c) => {
  const said = { flagId: flagIdOf(c), by: adminOf(c), now: c.var.deps.clock.now() };
  return c.json(await decide(c, { decision: "upheld", ...said, ...c.req.valid("json") }), 200);
});

const DismissBody = z.strictObject({ reason: z.enum(dismissReasons) }).openapi("DismissFraudFlag");

const dismissRoute = createRoute(
  decision("dismissFraudFlag", "dismiss", DismissBody, {
    description:
      "The flag is wrong, or the appeal is granted: what it held goes on, what it took is given back.",
  }),
);

fraudFlagRoutes.openapi(dismissRoute, async (c) => {
  const said = { flagId: flagIdOf(c), by: adminOf(c), now: c.var.deps.clock.now() };
  return c.json(await decide(c, { decision: "dismissed", ...said, ...c.req.valid("json") }), 200);
});

function decision<const Name extends string, const Verb extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: Verb,
  body: Body,
  { description }: { description: string },
) {
  return idempotent(
    scoped("fraud.decide", {
      operationId,
      method: "post",
      path: `/v1/admin/fraud-flags/{flagId}/${verb}`,
      tags: ["Admin: fraud"],
      description: `${description} It answers an appeal that waits, which is another admin's to answer. Never by whoever stands on the participant's line of the tree.`,
      request: { params, body: jsonBody(body) },
      responses: { 200: jsonAnswer("The flag as it is now", FlagSchema), ...problems(404, 409) },
    }),
    async (c) => toFlag(await readRow(c)),
  );
}

async function decide(c: Context<ApiEnv>, asked: AdminFlagDecision) {
  const result = await decideFlag(c.var.deps.admin, asked);
  if (result.outcome === "refused") throw refusal(result.reason);
  const row = await readRow(c);
  ringPayouts(c, row.participant_id);
  return toFlag(row);
}

async function readRow(c: Context<ApiEnv>): Promise<FraudFlagRow> {
  return found(await findFlagOfAny(c.var.deps.admin, flagIdOf(c)), "flg");
}

function flagIdOf(c: Context<ApiEnv>): FraudFlagId {
  return pathId<FraudFlagId>("flg", c.req.param("flagId") ?? "");
}

/** Null when there is none, or when its participant is erased. */
async function openAppeal(c: Context<ApiEnv>, flag: FraudFlagRow): Promise<string | null> {
  const { id, participant_id: participantId, appeal: sealed } = flag;
  if (sealed === null) return null;
  const [plaintext] = await c.var.deps.sealer.open([{ place: appealPlace(participantId, id), sealed }]);
  return plaintext?.toString("utf8") ?? null;
}

function refusal(reason: Extract<FlagResult, { outcome: "refused" }>["reason"]): AppError {
  switch (reason) {
    case "unknown_flag":
      return new AppError("not_found", "not_found", {
        internal: "no such flag",
        public: "There is nothing under this id.",
      });
    case "already_decided":
      return new AppError("conflict", "fraud_flag.already_decided", {
        internal: "the flag is decided, and no appeal waits",
        public: "This flag was decided already.",
      });
    case "related":
    case "same_person":
      return new AppError("forbidden", `fraud_flag.${reason}`, {
        internal: "the admin stands on the participant's line of the tree, or took the decision",
        public: "Somebody else must decide about this flag.",
      });
  }
}
