import { createRoute, z } from "@hono/zod-openapi";

import { findAccount, normaliseEmail } from "../../db/accounts.ts";
import {
  insertInvitation,
  invitationEmailPlace,
  listOpenInvitations,
  revokeInvitation,
} from "../../db/invitations.ts";
import { requireRoom } from "../../db/require-room.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import { getShop } from "../../db/shops.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import { takeMailPoint } from "../accounts/ask-for-mail.ts";
import { steppedUp } from "../auth/step-up.ts";
import { newToken } from "../auth/token.ts";
import { clientNetwork } from "../client-network.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit, auditViewing } from "./audit.ts";
import { TimeSchema, notFoundHere } from "./fields.schema.ts";
import { demandMayInvite } from "./invitation-limits.ts";
import { listQuery, pageOf, readIdCursor, toPage, uuidPattern } from "./list.ts";
import { RoleSchema } from "./members.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const invitationRoutes = createRouter();

const tags = ["Team"];
/** Long enough for a holiday's end, too short to lie about for ever. */
const lifeMs = 7 * 24 * 60 * 60_000;

export const InvitationSchema = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    role: RoleSchema,
    createdAt: TimeSchema,
    expiresAt: TimeSchema,
  })
  .openapi("Invitation");

export const NewInvitationSchema = InvitationSchema.extend({
  token: z
    .string()
    .openapi({ description: "For `acceptInvitation`, once, by the account with the address." }),
}).openapi("NewInvitation");

const InviteMemberBody = z
  .strictObject({ email: z.email().max(254), role: RoleSchema })
  .openapi("InviteMember");

const listRoute = createRoute(
  scoped("team.read", {
    operationId: "listInvitations",
    method: "get",
    path: "/v1/invitations",
    tags,
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer(
        "Those that nobody took yet, newest first",
        pageOf(InvitationSchema).openapi("InvitationPage"),
      ),
    },
  }),
);

invitationRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, now: deps.clock.now(), limit: limit + 1, ...readIdCursor<string>(cursor) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    const rows = await listOpenInvitations(trx, filter);
    const ids = rows.slice(0, limit).map(({ id }) => id);
    await auditViewing(trx, c, { action: "invitations.viewed", ids });
    return rows;
  });
  const page = toPage(rows, limit, ({ id }) => id);
  const emails = await deps.sealer.open(
    page.data.map(({ id, email }) => ({ place: invitationEmailPlace(shopId, id), sealed: email })),
  );
  const data = page.data.map(({ id, role, createdAt, expiresAt }, index) => ({
    id,
    email: emails[index]?.toString("utf8") ?? null,
    role,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
  return c.json({ ...page, data }, 200);
});

const inviteRoute = createRoute(
  steppedUp(
    scoped("team.write", {
      operationId: "inviteMember",
      method: "post",
      path: "/v1/invitations",
      tags,
      description:
        "A mail with the link goes to the address; an earlier invitation of the shop to it is void.",
      request: { body: jsonBody(InviteMemberBody) },
      responses: {
        201: jsonAnswer("The invitation, with its token shown once", NewInvitationSchema),
        ...problems(409),
      },
    }),
  ),
);

invitationRoutes.openapi(inviteRoute, async (c) => {
  const { deps, limits, actor } = c.var;
  const { shopId, accountId: createdBy } = actor;
  if (createdBy === null) throw needsAccount();
  const { role, ...body } = c.req.valid("json");
  const email = normaliseEmail(body.email);
  const id = newId<string>();
  const { token, tokenHash } = newToken("invitation");
  const emailIndex = await deps.blindIndexer.index("platform", "account.email", email);
  await takeMailPoint(limits, { network: clientNetwork(c), target: emailIndex.toString("hex") });
  const mail = { accountId: createdBy, secret: { token, to: email } };
  const secret = await sealMailSecret(deps.sealer, mail);
  const [sealed] = await deps.sealer.seal([{ place: invitationEmailPlace(shopId, id), plaintext: email }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + lifeMs);
  const invitation = { shopId, id, tokenHash, emailIndex, email: sealed, role, createdBy, now, expiresAt };
  await deps.db.withShop(shopId, async (trx) => {
    if (role !== "owner") await requireRoom(trx, { shopId, what: "staff" });
    await demandMayInvite(trx, deps.system, { shopId, emailIndex, now });
    await insertInvitation(trx, invitation);
    const { name: shopName } = await getShop(trx, { shopId });
    const language = (await findAccount(trx, createdBy))?.language ?? "my";
    await queueMail(trx, {
      accountId: createdBy,
      kind: "invitation",
      businessKey: `invitation:${id}`,
      data: { shopName },
      secret,
      language,
      now,
      expiresAt,
    });
    await audit(trx, c, { action: "invitation.created", resourceId: id, data: { role } });
  });
  return c.json(
    { id, email, role, createdAt: now.toISOString(), expiresAt: expiresAt.toISOString(), token },
    201,
  );
});

const revokeRoute = createRoute(
  scoped("team.write", {
    operationId: "revokeInvitation",
    method: "delete",
    path: "/v1/invitations/{invitationId}",
    tags,
    request: { params: z.object({ invitationId: z.string() }) },
    responses: { 204: { description: "It cannot be taken any more" }, ...problems(404) },
  }),
);

invitationRoutes.openapi(revokeRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { invitationId: id } = c.req.valid("param");
  if (!uuidPattern.test(id)) throw notFoundHere("invitation");
  await deps.db.withShop(shopId, async (trx) => {
    if (!(await revokeInvitation(trx, { shopId, id, now: deps.clock.now() })))
      throw notFoundHere("invitation");
    await audit(trx, c, { action: "invitation.revoked", resourceId: id });
  });
  return c.body(null, 204);
});

function needsAccount(): AppError {
  return new AppError("forbidden", "invitation.needs_account", {
    internal: "an API key invites nobody",
    public: "People are invited by people: sign in with an account.",
  });
}
