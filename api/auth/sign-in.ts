import { findAccountLogin, normaliseEmail } from "../../db/accounts.ts";
import { insertSession } from "../../db/sessions.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { ApiDeps } from "../deps.ts";
import { verifyPassword } from "./password.ts";
import { takePoint } from "./rate-limits.ts";
import type { RateLimits } from "./rate-limits.ts";
import { sessionLifetimeMs } from "./read-actor.ts";
import { newToken } from "./token.ts";

export type SignIn = {
  email: string;
  password: string;
  language: Language;
  /** From where, for the limits. */
  network: string;
};

export type SignedIn = { token: string; accountId: AccountId; sessionId: string; expiresAt: Date };

/** A new session. A wrong password and an unknown address get the same answer, after the same time. */
export async function signIn(
  { deps, limits }: { deps: ApiDeps; limits: RateLimits },
  { email, password, language, network }: SignIn,
): Promise<SignedIn> {
  const emailIndex = await deps.blindIndexer.index("platform", "account.email", normaliseEmail(email));
  const target = emailIndex.toString("hex");
  const pair = `${network}|${target}`;
  await takePoint(limits.signInByNetwork, network);
  await takePoint(limits.signInByPair, pair);
  await takePoint(limits.signInByAccount, target);
  await takePoint(limits.signIn, "all");

  const account = await deps.db.withoutShop((trx) => findAccountLogin(trx, emailIndex));
  const isRight = await verifyPassword(account?.passwordHash, password);
  if (!isRight || account === undefined) {
    throw new AppError("unauthenticated", "session.refused", {
      internal: "wrong password or unknown address",
      public: "The address or the password is wrong.",
    });
  }
  await Promise.all([limits.signInByPair.delete(pair), limits.signInByAccount.delete(target)]);
  return startSession(deps, { accountId: account.id, language });
}

async function startSession(
  deps: ApiDeps,
  { accountId, language }: { accountId: AccountId; language: Language },
): Promise<SignedIn> {
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + sessionLifetimeMs);
  const { token, tokenHash } = newToken("session");
  const sessionId = newId<string>();
  await deps.db.withoutShop((trx) =>
    insertSession(trx, { id: sessionId, tokenHash, accountId, language, now, expiresAt }),
  );
  return { token, accountId, sessionId, expiresAt };
}
