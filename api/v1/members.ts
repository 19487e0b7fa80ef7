import { createRoute, z } from "@hono/zod-openapi";

import { accountPlace, accountProfilePlace, accountSubject } from "../../db/accounts.ts";
import { removeDevicesOf } from "../../db/devices.ts";
import { endOwnership } from "../../db/end-ownership.ts";
import { listMembers, removeMember, setMemberRole } from "../../db/memberships.ts";
import type { Member, MemberChange } from "../../db/memberships.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { scopesOf } from "../../domain/account/scopes.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { readProfile } from "../auth/profile.ts";
import { steppedUp } from "../auth/step-up.ts";
import type { ApiDeps } from "../deps.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit, auditViewing } from "./audit.ts";
import { TimeSchema, idText, notFound, pathId, pathParams } from "./fields.schema.ts";
import { given } from "./given.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const memberRoutes = createRouter();

const tags = ["Team"];

export const RoleSchema = z.enum(membershipRoles).openapi({ description: "A named bundle of scopes." });

export const MemberSchema = z
  .object({
    accountId: idText("acc"),
    role: RoleSchema,
    email: z.string().nullable(),
    username: z.string().nullable(),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    since: TimeSchema,
  })
  .openapi("Member");

const UpdateMemberBody = z.strictObject({ role: RoleSchema }).openapi("UpdateMember");
const ChangedMemberSchema = z.object({ accountId: idText("acc"), role: RoleSchema }).openapi("ChangedMember");

const listRoute = createRoute(
  scoped("team.read", {
    operationId: "listMembers",
    method: "get",
    path: "/v1/members",
    tags,
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("Who works in the shop", pageOf(MemberSchema).openapi("MemberPage")) },
  }),
);

memberRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const { before: after } = readIdCursor<AccountId>(cursor);
  const filter = { shopId, limit: limit + 1, ...given({ after }) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    const rows = await listMembers(trx, filter);
    const ids = rows.slice(0, limit).map(({ accountId }) => accountId);
    await auditViewing(trx, c, { action: "members.viewed", ids });
    return rows;
  });
  const page = toPage(rows, limit, ({ accountId }) => accountId);
  return c.json({ ...page, data: await present(deps, page.data) }, 200);
});

const updateRoute = createRoute(
  steppedUp(
    scoped("team.write", {
      operationId: "updateMember",
      method: "patch",
      path: "/v1/members/{accountId}",
      tags,
      request: { params: pathParams("accountId", "acc"), body: jsonBody(UpdateMemberBody) },
      responses: {
        200: jsonAnswer("The member with the new role", ChangedMemberSchema),
        ...problems(404, 409),
      },
    }),
  ),
);

memberRoutes.openapi(updateRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const accountId = pathId<AccountId>("acc", c.req.valid("param").accountId);
  const { role } = c.req.valid("json");
  const now = deps.clock.now();
  await deps.db.withShop(shopId, async (trx) => {
    demandDone(await setMemberRole(trx, { shopId, accountId, role }));
    if (role !== "owner") await endOwnership(trx, { shopId, accountId, now });
    if (!scopesOf[role].has("notices.read")) await removeDevicesOf(trx, { shopId, accountId, now });
    const subjectId = accountSubject(accountId);
    await audit(trx, c, { action: "member.role_set", subjectId, resourceId: accountId, data: { role } });
  });
  return c.json({ accountId: toTypeId("acc", accountId), role }, 200);
});

const removeRoute = createRoute(
  steppedUp(
    scoped("team.write", {
      operationId: "removeMember",
      method: "delete",
      path: "/v1/members/{accountId}",
      tags,
      request: { params: pathParams("accountId", "acc") },
      responses: { 204: { description: "No member any more, from this instant" }, ...problems(404, 409) },
    }),
  ),
);

memberRoutes.openapi(removeRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const accountId = pathId<AccountId>("acc", c.req.valid("param").accountId);
  const now = deps.clock.now();
  await deps.db.withShop(shopId, async (trx) => {
    demandDone(await removeMember(trx, { shopId, accountId }));
    await endOwnership(trx, { shopId, accountId, now });
    await removeDevicesOf(trx, { shopId, accountId, now });
    const subjectId = accountSubject(accountId);
    await audit(trx, c, { action: "member.removed", subjectId, resourceId: accountId });
  });
  return c.body(null, 204);
});

function demandDone(change: MemberChange): void {
  switch (change) {
    case "done":
      return;
    case "not_found":
      throw notFound("acc");
    case "last_owner":
      throw new AppError("conflict", "member.last_owner", {
        internal: "the shop would be without an owner",
        public: "A shop keeps an owner: make somebody else one first.",
      });
  }
}

async function present(deps: ApiDeps, members: readonly Member[]) {
  const items = members.flatMap(({ accountId, email, profile }) => [
    { key: `${accountId}:email`, place: accountPlace(accountId, "account.email", accountId), sealed: email },
    ...(profile === null
      ? []
      : [{ key: `${accountId}:profile`, place: accountProfilePlace(accountId), sealed: profile }]),
  ]);
  const opened = await deps.sealer.open(items);
  const textOf = new Map(items.map(({ key }, index) => [key, opened[index]?.toString("utf8")]));
  return members.map(({ accountId, role, createdAt }) => ({
    accountId: toTypeId("acc", accountId),
    role,
    email: textOf.get(`${accountId}:email`) ?? null,
    ...readProfile(textOf.get(`${accountId}:profile`)),
    since: createdAt.toISOString(),
  }));
}
