import type { ShopTransaction } from "../../db/connection.ts";
import { insertSession } from "../../db/sessions.ts";
import { listPlatformRoles } from "../../db/system.ts";
import { sessionLimits } from "../../domain/account/session-life.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { ApiDeps } from "../deps.ts";
import { browserIndexOf, noteBrowser } from "./note-browser.ts";
import { noteDevice } from "./note-device.ts";
import { deviceOf, sealOrigin } from "./session-origin.ts";
import type { Origin } from "./session-origin.ts";
import { newToken } from "./token.ts";

export type NewSession = {
  accountId: AccountId;
  language: Language;
  origin: Origin;
  /** Whether a code was given. */
  hasFactor: boolean;
};

export type SignedIn = { token: string; accountId: AccountId; sessionId: string; expiresAt: Date };

/** Begins a session, with a token that nobody knew before. `prove` runs in its transaction, first. */
export async function startSession(
  deps: ApiDeps,
  { accountId, language, origin, hasFactor }: NewSession,
  prove: (trx: ShopTransaction, now: Date) => Promise<void> = () => Promise.resolve(),
): Promise<SignedIn> {
  const isOfPlatform = (await listPlatformRoles(deps.system, accountId)).length > 0;
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + sessionLimits(isOfPlatform).lifetimeMs);
  const { token, tokenHash } = newToken("session");
  const sessionId = newId<string>();
  const sealed = await sealOrigin(deps, { accountId, sessionId, origin });
  const device = await deviceOf(deps, accountId, origin);
  const browserIndex = await browserIndexOf(deps.blindIndexer, origin.browser);
  await deps.db.withoutShop(async (trx) => {
    await prove(trx, now);
    const session = { id: sessionId, tokenHash, accountId, language, hasFactor, origin: sealed };
    await insertSession(trx, { ...session, now, expiresAt });
    await noteDevice(trx, { ...device, sessionId, now });
    await noteBrowser(trx, { accountId, browserIndex, now });
  });
  return { token, accountId, sessionId, expiresAt };
}
