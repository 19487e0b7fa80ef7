import type { Context } from "hono";
import { getCookie } from "hono/cookie";

import { touchSession } from "../../db/sessions.ts";
import { findApiKey, findSession, listMemberships, markApiKeyUsed } from "../../db/system.ts";
import type { Membership, StoredApiKey, StoredSession } from "../../db/system.ts";
import { keyScopes, scopesOf } from "../../domain/account/scopes.ts";
import type { Scope } from "../../domain/account/scopes.ts";
import { isSessionAlive, isTouchDue } from "../../domain/account/session-life.ts";
import { AppError } from "../../domain/app-error.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import type { Actor } from "./actor.ts";
import { demandAccepted } from "./policies-in-force.ts";
import { refuseWithoutFactor } from "./require-factor.ts";
import { cookieName } from "./session-cookie.ts";
import { hashToken, tokenKind } from "./token.ts";

/** Uses of a key are written down no more often than this. */
const touchEveryMs = 5 * 60_000;

type Credential = { token: string; from: "header" | "cookie" };

/** `Authorization: Bearer …` before the cookie: a client that sends both means the header. */
export function readCredential(c: Context<ApiEnv>): Credential | undefined {
  const header = /^Bearer ([^\s]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (header !== undefined) return { token: header, from: "header" };
  const cookie = getCookie(c, cookieName(c.var.deps.settings));
  return cookie === undefined ? undefined : { token: cookie, from: "cookie" };
}

/** The living session of a token; whether its account lacks a factor is not asked here (`refuseWithoutFactor`). */
export async function readSession(deps: ApiDeps, token: string): Promise<StoredSession | undefined> {
  if (tokenKind(token) !== "session") return undefined;
  const session = await findSession(deps.system, hashToken(token));
  if (session === undefined) return undefined;
  const now = deps.clock.now();
  if (!isSessionAlive(session, now)) return undefined;
  if (isTouchDue(session, now))
    await deps.db.withoutShop((trx) => touchSession(trx, { id: session.id, now }));
  return session;
}

/**
 * Who holds the token, acting for one shop; `undefined` when it is worth nothing. `isBeforePolicies`: also who has not accepted
 * what changed.
 */
export async function readActor(
  deps: ApiDeps,
  {
    token,
    shopHeader,
    isBeforePolicies = false,
  }: { token: string; shopHeader: string | undefined; isBeforePolicies?: boolean },
): Promise<Actor | undefined> {
  if (tokenKind(token) === "apiKey") return readKeyActor(deps, token, shopHeader);
  const session = await readSession(deps, token);
  if (session === undefined) return undefined;
  demandVerified(session);
  const memberships = await listMemberships(deps.system, session.accountId);
  refuseWithoutFactor(deps, session, memberships);
  if (!isBeforePolicies) await demandAccepted(deps, session.accountId);
  return sessionActor(session, chooseShop(memberships, shopHeader));
}

/** Who has the session, in one of the account's shops. */
export function sessionActor(session: StoredSession, { shopId, role }: Membership): Actor {
  const { accountId, id: sessionId, steppedUpAt } = session;
  return { actorId: accountId, accountId, shopId, role, scopes: scopesOf[role], sessionId, steppedUpAt };
}

/** Who has not proven the address may sign in, and do nothing but prove it. */
export function demandVerified({ verifiedAt }: Pick<StoredSession, "verifiedAt">): void {
  if (verifiedAt !== null) return;
  throw new AppError("forbidden", "account.unverified", {
    internal: "the address is not verified",
    public: "Confirm your e-mail address first: we have sent you a link.",
  });
}

async function readKeyActor(
  deps: ApiDeps,
  token: string,
  shopHeader: string | undefined,
): Promise<Actor | undefined> {
  const now = deps.clock.now();
  const key = await findApiKey(deps.system, { tokenHash: hashToken(token), now });
  if (key === undefined) return undefined;
  if (shopHeader !== undefined && readShopHeader(shopHeader) !== key.shopId) throw noSuchShop();
  if (now.getTime() - (key.lastUsedAt?.getTime() ?? 0) >= touchEveryMs) {
    await markApiKeyUsed(deps.system, { shopId: key.shopId, id: key.id, now });
  }
  const role = "api_key";
  return {
    actorId: key.id,
    accountId: null,
    shopId: key.shopId,
    role,
    scopes: scopesOfKey(key),
    sessionId: null,
    steppedUpAt: null,
  };
}

/** What it was given, and never more than a key may have. */
function scopesOfKey({ scopes }: StoredApiKey): ReadonlySet<Scope> {
  return scopes === null ? scopesOf.api_key : new Set(keyScopes.filter((scope) => scopes.includes(scope)));
}

function chooseShop(memberships: Membership[], header: string | undefined): Membership {
  if (header !== undefined) {
    const wanted = readShopHeader(header);
    const membership = memberships.find(({ shopId }) => shopId === wanted);
    if (membership === undefined) throw noSuchShop();
    return membership;
  }
  const [only, ...others] = memberships;
  if (only === undefined) {
    throw new AppError("forbidden", "shop.none", {
      internal: "the account belongs to no shop",
      public: "This account belongs to no shop.",
    });
  }
  if (others.length > 0) {
    throw new AppError("invalid", "shop.required", {
      internal: "several memberships and no header",
      public: "This account belongs to several shops: name one in the header Shopthread-Shop.",
    });
  }
  return only;
}

function readShopHeader(header: string): ShopId | undefined {
  return fromTypeId<ShopId>("shop", header);
}

function noSuchShop(): AppError {
  return new AppError("not_found", "shop.not_found", {
    internal: "the header names a shop that is not the actor's",
    public: "No such shop.",
  });
}
