import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";

import { findShop } from "../../db/shops.ts";
import { listMemberships, listPlatformRoles } from "../../db/system.ts";
import type { Membership, StoredSession } from "../../db/system.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { AppError } from "../../domain/app-error.ts";
import { listChanged } from "../accounts/acceptance-routes.ts";
import { limitActor } from "../auth/limit-actor.ts";
import { demandVerified, readSession, sessionActor } from "../auth/read-actor.ts";
import { lacksFactor } from "../auth/require-factor.ts";
import { cookieName } from "../auth/session-cookie.ts";
import { adminHome } from "./admin-sections.ts";
import { setConsoleCookie } from "./console-cookie.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleEnv, Viewer } from "./console-env.ts";
import { takeFlash } from "./flash.ts";
import { isByHtmx, seeOther } from "./see-other.ts";
import { wordsOf } from "./words.ts";

const shopCookie = "console-shop";

/** Where an account sets up the second factor that it must have. */
export const factorPath = "/console/account/factor";

/** Where it accepts what was worded anew, and goes on from. */
export function policiesPath(next: string): string {
  return `/console/account/policies?next=${encodeURIComponent(next)}`;
}

/** Sets `c.var.viewer`, or leads to the sign-in page. Only the cookie counts here: pages are for browsers. */
export const requireViewer = createMiddleware<ConsoleEnv>(async (c, next) => {
  const token = sessionToken(c);
  const session = await findVisit(c);
  if (token === undefined || session === undefined) return seeOther(c, signInPath(c));
  demandVerified(session);
  const memberships = await listMemberships(c.var.deps.system, session.accountId);
  if (lacksFactor(c.var.deps, session, memberships)) return seeOther(c, factorPath);
  if (memberships.length === 0 && session.isOfPlatform) {
    return seeOther(c, adminHome(await listPlatformRoles(c.var.deps.system, session.accountId)));
  }
  // What somebody has begun is carried out; the next page asks.
  const isPage = c.req.method === "GET" && !isByHtmx(c);
  if (isPage && (await listChanged(c.var.deps, session.accountId)).length > 0)
    return seeOther(c, policiesPath(pathOf(c)));
  const viewer = await readViewer(c, { token, session, memberships });
  await limitActor(asApiContext(c), viewer.actor);
  c.set("visit", { token, session, words: viewer.words });
  c.set("viewer", viewer);
  c.set("visitor", viewer);
  c.set("actor", viewer.actor);
  c.set("flash", isByHtmx(c) ? undefined : takeFlash(c));
  await next();
  return undefined;
});

/** Sets `c.var.visit`, or leads to the sign-in page: for pages of the account, which need no shop. */
export const requireVisit = createMiddleware<ConsoleEnv>(async (c, next) => {
  const token = sessionToken(c);
  const session = await findVisit(c);
  if (token === undefined || session === undefined) return seeOther(c, signInPath(c));
  c.set("visit", { token, session, words: wordsOf(session.language) });
  c.set("flash", takeFlash(c));
  await next();
  return undefined;
});

/** The session of the cookie, also of an account that no page is for. */
export async function findVisit(c: Context<ConsoleEnv>): Promise<StoredSession | undefined> {
  const token = sessionToken(c);
  return token === undefined ? undefined : readSession(c.var.deps, token);
}

export function sessionToken(c: Context<ConsoleEnv>): string | undefined {
  return getCookie(c, cookieName(c.var.deps.settings));
}

export function rememberShop(c: Context<ConsoleEnv>, shop: string): void {
  setConsoleCookie(c, { name: shopCookie, value: shop });
}

type Found = { token: string; session: StoredSession; memberships: Membership[] };

async function readViewer(c: Context<ConsoleEnv>, { token, session, memberships }: Found): Promise<Viewer> {
  const { deps } = c.var;
  const membership = chooseShop(memberships, getCookie(c, shopCookie));
  const { shopId } = membership;
  const shop = await deps.db.withShop(shopId, (trx) => findShop(trx, shopId));
  if (shop === undefined) throw noShop();
  const { language } = session;
  return {
    actor: sessionActor(session, membership),
    token,
    language,
    words: wordsOf(language),
    shop,
    memberships,
  };
}

/** The one that was chosen, if it still is the viewer's, else the first. */
function chooseShop(memberships: readonly Membership[], chosen: string | undefined): Membership {
  const wanted = chosen === undefined ? undefined : fromTypeId<ShopId>("shop", chosen);
  const membership = memberships.find(({ shopId }) => shopId === wanted) ?? memberships[0];
  if (membership === undefined) throw noShop();
  return membership;
}

function noShop(): AppError {
  return new AppError("forbidden", "shop.none", {
    internal: "the account belongs to no shop",
    public: "This account belongs to no shop.",
  });
}

/** After signing in the visitor comes back to the page, never to an action or another site. */
export function signInPath(c: Context<ConsoleEnv>): string {
  if (c.req.method !== "GET" || isByHtmx(c)) return "/console/sign-in";
  return `/console/sign-in?next=${encodeURIComponent(pathOf(c))}`;
}

function pathOf(c: Context<ConsoleEnv>): string {
  const { pathname, search } = new URL(c.req.url);
  return pathname + search;
}

export function shopChoices({ memberships, actor }: Viewer) {
  return memberships.map(({ shopId, shopName }) => ({
    id: toTypeId("shop", shopId),
    name: shopName,
    isCurrent: shopId === actor.shopId,
  }));
}
