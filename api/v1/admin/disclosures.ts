import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  approveDisclosure,
  findDisclosure,
  insertDisclosure,
  listDisclosures,
  refuseDisclosure,
} from "../../../db/admin-disclosures.ts";
import { disclosureBasisPlace } from "../../../db/disclosures.ts";
import type { DisclosureRow } from "../../../db/disclosures.ts";
import { lockSubjectStates } from "../../../db/subjects.ts";
import { longestBarDays } from "../../../domain/access/disclosure.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { DisclosureId } from "../../../domain/id.ts";
import { normaliseText } from "../../../domain/text/normalise-text.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";
import {
  DisclosurePageSchema,
  DisclosureSchema,
  ProposeDisclosureBody,
  toDisclosure,
} from "./disclosure.schema.ts";
import { lookOf } from "./look-of.ts";

export const disclosureRoutes = createRouter();

const tags = ["Compliance: disclosures"];
const path = "/v1/compliance/disclosures";
const params = pathParams("disclosureId", "dsc");
const answer = jsonAnswer("The disclosure as it is now", DisclosureSchema);
const dayMs = 24 * 60 * 60_000;

const proposeRoute = createRoute(
  idempotent(
    steppedUp(
      scoped("disclosures.propose", {
        operationId: "proposeDisclosure",
        method: "post",
        path,
        tags,
        description:
          "Data of one named person is to go to an authority. Two others approve; the owner is told unless it is barred.",
        request: { body: jsonBody(ProposeDisclosureBody) },
        responses: { 201: answer, ...problems(404) },
      }),
    ),
    async (c) => present(c, await read(c, c.var.effect.id as DisclosureId)),
  ),
);

disclosureRoutes.openapi(proposeRoute, async (c) => {
  const { deps, effect } = c.var;
  const { shopId, customerId: subjectId, ground, basis, barredUntil = null } = c.req.valid("json");
  const [id, by, now] = [effect.id as DisclosureId, adminOf(c), deps.clock.now()];
  if (barredUntil !== null && barredUntil.getTime() > now.getTime() + longestBarDays * dayMs) {
    throw new AppError("invalid", "disclosure.barred_too_long", {
      internal: "barred beyond the longest time",
      public: `The owner is told after ${longestBarDays} days at the latest.`,
      errors: [{ pointer: "/barredUntil", message: `Must be within ${longestBarDays} days` }],
    });
  }
  const states = await deps.db.withShop(shopId, (trx) =>
    lockSubjectStates(trx, { shopId, subjectIds: [subjectId] }),
  );
  found(states.get(subjectId), "cus");
  const place = disclosureBasisPlace({ proposedBy: by, id });
  const [sealed] = await deps.sealer.seal([{ place, plaintext: normaliseText(basis) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const disclosure = { shopId, id, subjectId, ground, basis: sealed, barredUntil, by, now };
  await insertDisclosure(deps.admin, disclosure);
  return c.json(present(c, await read(c, id)), 201);
});

const listRoute = createRoute(
  scoped("disclosures.read", {
    operationId: "listDisclosures",
    method: "get",
    path,
    tags,
    description: "The disclosure log of all shops, newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The disclosures", DisclosurePageSchema) },
  }),
);

disclosureRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const filter = { limit: limit + 1, ...readIdCursor<DisclosureId>(cursor) };
  const page = toPage(await listDisclosures(c.var.deps.admin, filter), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((row) => present(c, row)) }, 200);
});

const getRoute = createRoute(
  scoped("disclosures.read", {
    operationId: "getDisclosure",
    method: "get",
    path: `${path}/{disclosureId}`,
    tags,
    description: "The look stands in the platform's log.",
    request: { params },
    responses: {
      200: jsonAnswer(
        "The disclosure with what it rests on",
        DisclosureSchema.extend({
          basis: z.string().nullable().openapi({ description: "Null: no longer kept." }),
        }).openapi("DisclosureCase"),
      ),
      ...problems(404),
    },
  }),
);

disclosureRoutes.openapi(getRoute, async (c) => {
  const { admin, sealer } = c.var.deps;
  const row = found(await findDisclosure(admin, idOf(c), lookOf(c, "disclosure.viewed")), "dsc");
  const place = disclosureBasisPlace({ proposedBy: row.proposed_by, id: row.id });
  const [basis] = await sealer.open([{ place, sealed: row.basis }]);
  return c.json({ ...present(c, row), basis: basis?.toString("utf8") ?? null }, 200);
});

const approveRoute = createRoute(
  decision(
    "approveDisclosure",
    "approve",
    "Two approve, and neither proposed it. With the second it is built.",
  ),
);

disclosureRoutes.openapi(approveRoute, async (c) => {
  const { admin, clock } = c.var.deps;
  const { id } = await read(c);
  const by = adminOf(c);
  const refusal = await approveDisclosure(admin, { id, by, now: clock.now() });
  const row = await read(c);
  // The same word of the same person is answered as recorded.
  const isSame = row.first_approved_by === by || row.second_approved_by === by;
  if (refusal === "own_proposal") {
    throw new AppError("forbidden", "disclosure.own_proposal", {
      internal: "the proposal is the admin's own",
      public: "You proposed this yourself: two others must approve it.",
    });
  }
  if (refusal !== null && !isSame) throw notWaiting();
  return c.json(present(c, row), 200);
});

const refuseRoute = createRoute(
  decision("refuseDisclosure", "refuse", "Also by whoever proposed it, who takes it back."),
);

disclosureRoutes.openapi(refuseRoute, async (c) => {
  const { admin, clock } = c.var.deps;
  const { id } = await read(c);
  const by = adminOf(c);
  const isDone = await refuseDisclosure(admin, { id, by, now: clock.now() });
  const row = await read(c);
  if (!isDone && row.refused_by !== by) throw notWaiting();
  return c.json(present(c, row), 200);
});

function decision<const Name extends string, const Verb extends string>(
  operationId: Name,
  verb: Verb,
  description: string,
) {
  return idempotent(
    steppedUp(
      scoped("disclosures.approve", {
        operationId,
        method: "post",
        path: `${path}/{disclosureId}/${verb}`,
        tags,
        description,
        request: { params },
        responses: { 200: answer, ...problems(404, 409) },
      }),
    ),
    async (c) => present(c, await read(c)),
  );
}

function notWaiting(): AppError {
  return new AppError("conflict", "disclosure.not_waiting", {
    internal: "decided or lapsed",
    public: "This waits for no decision any more.",
  });
}

async function read(c: Context<ApiEnv>, id = idOf(c)): Promise<DisclosureRow> {
  return found(await findDisclosure(c.var.deps.admin, id), "dsc");
}

function idOf(c: Context<ApiEnv>): DisclosureId {
  return pathId<DisclosureId>("dsc", c.req.param("disclosureId") ?? "");
}

function present(c: Context<ApiEnv>, row: DisclosureRow) {
  return toDisclosure(row, c.var.deps.clock.now());
}
