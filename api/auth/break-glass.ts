import type { Context } from "hono";

import { appendAudit, appendAuditOnce } from "../../db/audit-events.ts";
import { platformShopId } from "../../db/accounts.ts";
import { findBreakGlass } from "../../db/admin-break-glass.ts";
import { breakGlassTimes } from "../../db/break-glass.ts";
import type { BreakGlassRow } from "../../db/break-glass.ts";
import { findOrder } from "../../db/orders.ts";
import { listPlatformRoles } from "../../db/system.ts";
import { breakGlassState } from "../../domain/access/break-glass.ts";
import { readBreakGlassAddress } from "../../domain/access/break-glass-reads.ts";
import type { BreakGlassRead } from "../../domain/access/break-glass-reads.ts";
import { AppError } from "../../domain/app-error.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { AccountId, BreakGlassId, CustomerId, OrderId, SubjectId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";
import type { Actor } from "./actor.ts";
import { readSession } from "./read-actor.ts";
import { readAdmin } from "./read-admin.ts";

export const breakGlassHeader = "shopthread-break-glass";

/**
 * Whoever asked for the grant, acting for its shop for this one request, which is in the shop's log before it is answered.
 * Undefined when the token is worth nothing.
 */
export async function readBreakGlassActor(c: Context<ApiEnv>, token: string): Promise<Actor | undefined> {
  const { deps } = c.var;
  const admin = await readAdmin(deps, token);
  if (admin === undefined || admin.accountId === null) return undefined;
  const { accountId } = admin;
  const id = fromTypeId<BreakGlassId>("bgg", c.req.header(breakGlassHeader) ?? "");
  const grant = id === undefined ? undefined : await findBreakGlass(deps.admin, id);
  const mayAsk = admin.scopes.has("breakGlass.request") && grant?.requested_by === accountId;
  if (grant === undefined || !mayAsk) {
    await noteRefusal(c, accountId);
    throw refusal("not_yours", "This is not a grant of yours.");
  }
  const read = readBreakGlassAddress(c.req.method, c.req.path, new URL(c.req.url).searchParams);
  const state = breakGlassState(breakGlassTimes(grant), deps.clock.now());
  const reason = await whyNotRead(c, { grant, read, state });
  if (reason !== null || read === undefined) {
    await noteInShop(c, grant, { action: "break_glass.refused_read", accountId, read });
    throw refusal(reason ?? "out_of_scope", texts[reason ?? "out_of_scope"]);
  }
  await noteInShop(c, grant, { action: "break_glass.read", accountId, read });
  return {
    ...admin,
    shopId: grant.shop_id,
    scopes: new Set(grant.scopes),
    breakGlassId: grant.id,
  };
}

type Refusal = "not_open" | "out_of_scope";

const texts: Record<Refusal, string> = {
  not_open: "This grant is not open: it waits for its approval or for word to the owner, or it has ended.",
  out_of_scope: "This grant does not open that.",
};

type Asked = {
  grant: BreakGlassRow;
  read: BreakGlassRead | undefined;
  state: ReturnType<typeof breakGlassState>;
};

async function whyNotRead(c: Context<ApiEnv>, { grant, read, state }: Asked): Promise<Refusal | null> {
  if (state !== "open") return "not_open";
  if (read === undefined || !grant.scopes.includes(read.scope)) return "out_of_scope";
  if (grant.customer_id === null) return null;
  return (await customerOf(c, grant, read)) === grant.customer_id ? null : "out_of_scope";
}

/** Whose data the address shows; undefined where it is not one person's. */
async function customerOf(
  c: Context<ApiEnv>,
  { shop_id: shopId }: BreakGlassRow,
  { customerId, orderId: typed }: BreakGlassRead,
): Promise<CustomerId | undefined> {
  if (customerId !== null) return fromTypeId<CustomerId>("cus", customerId);
  const orderId = typed === null ? undefined : fromTypeId<OrderId>("ord", typed);
  if (orderId === undefined) return undefined;
  const order = await c.var.deps.db.withShop(shopId, (trx) => findOrder(trx, { shopId, orderId }));
  return order?.customer_id;
}

type Look = {
  action: "break_glass.read" | "break_glass.refused_read";
  accountId: AccountId;
  read: BreakGlassRead | undefined;
};

async function noteInShop(
  c: Context<ApiEnv>,
  { shop_id: shopId, id, customer_id: ofGrant }: BreakGlassRow,
  { action, accountId, read }: Look,
): Promise<void> {
  const { deps } = c.var;
  const typed = read?.customerId ?? null;
  const subjectId = typed === null ? ofGrant : fromTypeId<SubjectId>("cus", typed);
  await deps.db.withShop(shopId, (trx) =>
    appendAudit(trx, {
      shopId,
      actorKind: "admin",
      actorId: accountId,
      action,
      ...(subjectId === null || subjectId === undefined ? {} : { subjectId }),
      resourceId: id,
      data: {
        route: read?.route ?? routeOf(c),
        ...(read?.orderId == null ? {} : { orderId: read.orderId }),
      },
      now: deps.clock.now(),
    }),
  );
}

const refusedSpanMs = 15 * 60_000;

/** An admin who asks for a shop's data without a grant: once in the span for each address. */
export async function noteRefusedAdmin(c: Context<ApiEnv>, token: string): Promise<void> {
  const session = await readSession(c.var.deps, token);
  if (session === undefined) return;
  const roles = await listPlatformRoles(c.var.deps.system, session.accountId);
  if (roles.length > 0) await noteRefusal(c, session.accountId);
}

async function noteRefusal(c: Context<ApiEnv>, accountId: AccountId): Promise<void> {
  const { deps } = c.var;
  const now = deps.clock.now();
  const typed = /\/(cus_[0-9a-z]{26})(?:\/|$)/.exec(c.req.path)?.[1];
  const subjectId = typed === undefined ? undefined : fromTypeId<SubjectId>("cus", typed);
  const event = {
    shopId: platformShopId,
    actorKind: "admin" as const,
    actorId: accountId,
    action: "access.refused",
    ...(subjectId === undefined ? {} : { subjectId }),
    data: { route: routeOf(c) },
    now,
  };
  const since = new Date(now.getTime() - refusedSpanMs);
  await deps.db.withShop(platformShopId, (trx) => appendAuditOnce(trx, event, since));
}

/** Without ids, and without whatever else somebody wrote into an address. */
function routeOf(c: Context<ApiEnv>): string {
  const route = c.req.path.replaceAll(/\/([a-z]{2,4})_[0-9a-z]{26}(?=\/|$)/g, "/{$1}");
  return `${c.req.method} ${/^\/v1\/[a-z{}/-]{1,100}$/.test(route) ? route : "/v1/…"}`;
}

function refusal(code: "not_yours" | Refusal, text: string): AppError {
  return new AppError("forbidden", `break_glass.${code}`, {
    internal: "the grant does not open this",
    public: text,
  });
}
