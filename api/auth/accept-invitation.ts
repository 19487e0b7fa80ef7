import { createRoute, z } from "@hono/zod-openapi";

import { appendAudit } from "../../db/audit-events.ts";
import { acceptInvitation } from "../../db/invitations.ts";
import { requireRoom } from "../../db/require-room.ts";
import { insertMembership } from "../../db/memberships.ts";
import { findInvitationShop } from "../../db/system.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import { refusePlatformAccount } from "../accounts/platform-account.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { idText } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { ofAccount } from "./require-session.ts";
import { hashToken, tokenKind } from "./token.ts";

const AcceptInvitationBody = z
  .strictObject({ token: z.string().min(1).max(100) })
  .openapi("AcceptInvitation");

const TakenInvitationSchema = z
  .object({ shopId: idText("shop"), role: z.enum(membershipRoles) })
  .openapi("TakenInvitation");

const route = createRoute(
  ofAccount({
    method: "post",
    path: "/v1/invitations/accept",
    operationId: "acceptInvitation",
    description: "The signed-in account becomes a member, if the invitation went to its address.",
    tags: ["account"],
    request: { body: jsonBody(AcceptInvitationBody) },
    responses: {
      201: jsonAnswer("The shop and the role in it", TakenInvitationSchema),
      ...problems(404, 409),
    },
  }),
);

/** Before `authenticate`: whoever is invited belongs to no shop yet. */
export function mountAcceptInvitation(app: ApiRouter): void {
  app.openapi(route, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    refusePlatformAccount(session);
    const { token } = c.req.valid("json");
    const tokenHash = hashToken(token);
    if (tokenKind(token) !== "invitation") throw noInvitation();
    const shopId = await findInvitationShop(deps.system, tokenHash);
    if (shopId === undefined) throw noInvitation();
    const now = deps.clock.now();
    const role = await deps.db.withShop(shopId, async (trx) => {
      const taken = await acceptInvitation(trx, { shopId, tokenHash, accountId, now });
      if (taken === undefined) throw noInvitation();
      const { id, role } = taken;
      if (role !== "owner") await requireRoom(trx, { shopId, what: "staff" });
      if (!(await insertMembership(trx, { shopId, accountId, role, now }))) throw isMember();
      const event = { action: "invitation.accepted", resourceId: id, data: { role } };
      await appendAudit(trx, { shopId, actorKind: "owner", actorId: accountId, ...event, now });
      return role;
    });
    return c.json({ shopId: toTypeId("shop", shopId), role }, 201);
  });
}

/** Unknown, taken, over and somebody else's alike: a token tells nothing to whom it was not meant for. */
function noInvitation(): AppError {
  return new AppError("not_found", "invitation.not_found", {
    internal: "no open invitation for this account",
    public: "This invitation is over, or went to another address.",
  });
}

function isMember(): AppError {
  return new AppError("conflict", "member.exists", {
    internal: "the account is a member already",
    public: "You belong to this shop already.",
  });
}
