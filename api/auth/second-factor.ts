import { encodeQR } from "qr";

import { appendAccountEvent } from "../../db/account-events.ts";
import { accountPlace, findAccountEmail } from "../../db/accounts.ts";
import { noteFactor } from "../../db/note-factor.ts";
import {
  confirmFactor,
  factorSecretPlace,
  findSecondFactor,
  putWaitingFactor,
  removeFactor,
  replaceRecoveryCodes,
} from "../../db/second-factors.ts";
import { endSessionsOf } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import { readCounter } from "./factor-proof.ts";
import type { RateLimits } from "./rate-limits.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import { renewSession, stepUpByCode } from "./step-up.ts";
import type { SteppedUp } from "./step-up.ts";
import { newTotpSecret, totpUri } from "./totp.ts";

type Parts = { deps: ApiDeps; limits: RateLimits };

/** Shown once: what an authenticator app needs. */
export type Enrolment = { secret: string; uri: string; qrSvg: string };

/** A new secret, sealed; it is worth nothing before a code of it was given. */
export async function enrolFactor(deps: ApiDeps, accountId: AccountId): Promise<Enrolment> {
  const secret = newTotpSecret();
  const email = await deps.db.withoutShop((trx) => findAccountEmail(trx, accountId));
  if (email === undefined) throw noFactor();
  const [label] = await deps.sealer.open([
    { place: accountPlace(accountId, "account.email", accountId), sealed: email },
  ]);
  const [sealed] = await deps.sealer.seal([{ place: factorSecretPlace(accountId), plaintext: secret }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const isPut = await deps.db.withoutShop((trx) => putWaitingFactor(trx, { accountId, secret: sealed, now }));
  if (!isPut) {
    throw new AppError("conflict", "factor.exists", {
      internal: "a confirmed factor stands in the way",
      public: "This account has a second factor. Remove it first.",
    });
  }
  const uri = totpUri(secret, label?.toString("utf8") ?? "account");
  return { secret, uri, qrSvg: encodeQR(uri, "svg") };
}

export type Confirmed = SteppedUp & { recoveryCodes: string[] };

/**
 * The first code shows that the phone has the secret. Every other session of the account ends, since none of them was
 * begun with it, and this one goes on under a new token.
 */
export async function confirmSecondFactor(
  deps: ApiDeps,
  session: StoredSession,
  code: string,
): Promise<Confirmed> {
  const { accountId, id } = session;
  const factor = await deps.db.withoutShop((trx) => findSecondFactor(trx, accountId));
  if (factor === undefined || factor.confirmedAt !== null) throw noFactor();
  const counter = await readCounter(deps, { accountId, factor, code });
  const { codes, codeHashes } = newRecoveryCodes();
  const renewed = await renewSession(deps, session, {
    hasFactor: true,
    prove: async (trx, now) => {
      if (!(await confirmFactor(trx, { accountId, secret: factor.secret, counter, now }))) throw noFactor();
      await replaceRecoveryCodes(trx, { accountId, codeHashes, now });
      await endSessionsOf(trx, { accountId, except: id, now });
      await noteFactor(trx, { accountId, kind: "factor.confirmed", now });
    },
  });
  return { ...renewed, recoveryCodes: codes };
}

type ByCode = { session: StoredSession; code: string };

/** Ten new ones; those before are worth nothing. */
export async function createRecoveryCodes(parts: Parts, { session, code }: ByCode): Promise<Confirmed> {
  const { accountId } = session;
  const { codes, codeHashes } = newRecoveryCodes();
  const renewed = await stepUpByCode(parts, session, {
    code,
    hasFactor: true,
    change: async (trx, now) => {
      await replaceRecoveryCodes(trx, { accountId, codeHashes, now });
      await appendAccountEvent(trx, { accountId, kind: "recovery_codes.replaced", now });
    },
  });
  return { ...renewed, recoveryCodes: codes };
}

/** Every other session ends with it. */
export function removeSecondFactor(parts: Parts, { session, code }: ByCode): Promise<SteppedUp> {
  const { accountId, id } = session;
  return stepUpByCode(parts, session, {
    code,
    hasFactor: false,
    change: async (trx, now) => {
      if (!(await removeFactor(trx, accountId))) throw noFactor();
      await endSessionsOf(trx, { accountId, except: id, now });
      await noteFactor(trx, { accountId, kind: "factor.removed", now });
    },
  });
}

function noFactor(): AppError {
  return new AppError("not_found", "factor.not_found", {
    internal: "no factor in this state",
    public: "There is no such second factor. Begin with POST /v1/second-factor.",
  });
}
