import { createHash, randomBytes } from "node:crypto";

import { foundPagesPlace, settlePageConnection, takeConnectionState } from "../../db/page-connections.ts";
import type { PageConnectionRow } from "../../db/page-connections.ts";
import type { PageConnectionId, ShopId } from "../../domain/id.ts";
import type { GrantedPage, MetaGrant } from "../../domain/ports/meta-login.ts";
import type { ApiDeps, ApiSettings } from "../deps.ts";

const minute = 60_000;
/** A person signs in, perhaps with a second factor, and ticks Pages. */
export const stateEndMs = 10 * minute;
/** The tokens of Pages that were found and not chosen are gone then. */
const choiceEndMs = 30 * minute;

/** Field of the blind index of Meta's app-scoped id. */
const personField = "meta.person";

export function newState(): { state: string; stateHash: Buffer } {
  const state = randomBytes(16).toString("base64url");
  return { state, stateHash: hashState(state) };
}

function hashState(state: string): Buffer {
  return createHash("sha256").update(state).digest();
}

/** Registered with the Meta app, character by character. */
export function redirectUriOf({ publicUrl }: Pick<ApiSettings, "publicUrl">): string {
  return `${publicUrl}/console/pages/callback`;
}

export function personIndexOf(
  { blindIndexer }: Pick<ApiDeps, "blindIndexer">,
  personId: string,
): Promise<Buffer> {
  return blindIndexer.index("platform", personField, personId);
}

/**
 * Uses the state up, asks Meta for what the person granted, and keeps it sealed. Undefined: the state is not this
 * session's, was used, or is too old. A login that fails on the way is begun anew: its code is worth nothing any more.
 */
export async function takeLogin(
  deps: ApiDeps,
  session: { shopId: ShopId; sessionId: string },
  { state, code }: { state: string; code: string | undefined },
): Promise<PageConnectionId | undefined> {
  const now = deps.clock.now();
  const { shopId } = session;
  const taken = { ...session, stateHash: hashState(state), now };
  const id = await deps.db.withShop(shopId, (trx) => takeConnectionState(trx, taken));
  if (id === undefined) return undefined;
  const outcome = await redeem(deps, { shopId, id }, code);
  const endsAt = new Date(deps.clock.now().getTime() + choiceEndMs);
  await deps.db.withShop(shopId, (trx) => settlePageConnection(trx, { shopId, id, endsAt, ...outcome }));
  return id;
}

type Ref = { shopId: ShopId; id: PageConnectionId };

async function redeem(deps: ApiDeps, ref: Ref, code: string | undefined) {
  if (code === undefined) return { problem: "page.login_refused" };
  const granted = await deps.metaLogin.redeem(code, redirectUriOf(deps.settings));
  if (!granted.ok) {
    deps.log.warn({ ...ref, code: granted.code ?? "none" }, "page.login_failed");
    return { problem: granted.action === "retry" ? "messenger.away" : "page.login_failed" };
  }
  if (granted.value.pages.length === 0) return { problem: "page.none_granted" };
  return keep(deps, ref, granted.value);
}

async function keep(deps: ApiDeps, ref: Ref, { personId, pages }: MetaGrant) {
  const personIndex = await personIndexOf(deps, personId);
  const [found] = await deps.sealer.seal([{ place: foundPagesPlace(ref), plaintext: JSON.stringify(pages) }]);
  if (found === undefined) throw new TypeError("nothing was sealed");
  return { personIndex, found };
}

/** The Pages to choose from, with their tokens; none before the person has been at Facebook. */
export async function openFoundPages(
  { sealer }: Pick<ApiDeps, "sealer">,
  { shop_id: shopId, id, found }: PageConnectionRow,
): Promise<GrantedPage[]> {
  if (found === null) return [];
  const [plaintext] = await sealer.open([{ place: foundPagesPlace({ shopId, id }), sealed: found }]);
  // Our own JSON, sealed by `keep`.
  return plaintext === undefined ? [] : (JSON.parse(plaintext.toString("utf8")) as GrantedPage[]);
}
