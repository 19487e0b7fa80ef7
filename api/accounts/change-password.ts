import { setPasswordHash } from "../../db/account-changes.ts";
import {
  accountPlace,
  findAccount,
  findAccountLogin,
  lockAccount,
  normaliseEmail,
} from "../../db/accounts.ts";
import type { Account } from "../../db/accounts.ts";
import {
  findAccountToken,
  insertAccountToken,
  useAccountToken,
  voidAccountTokens,
} from "../../db/account-tokens.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { forgetDevices } from "../../db/known-devices.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import { endSessionsOf } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { meetDevice } from "../auth/note-device.ts";
import { noteEmail, stemIndexOf } from "../auth/note-email.ts";
import { hashPassword, readPepper, verifyPassword } from "../auth/password.ts";
import { takePoint } from "../auth/rate-limits.ts";
import type { RateLimits } from "../auth/rate-limits.ts";
import { deviceOf } from "../auth/session-origin.ts";
import type { Origin } from "../auth/session-origin.ts";
import { takeGuess } from "../auth/session-guesses.ts";
import { renewToken } from "../auth/step-up.ts";
import type { ApiDeps } from "../deps.ts";
import { auditAccount, deadLink, withAccounts } from "./account-changes.ts";
import type { AccountChange } from "./account-changes.ts";
import { mayMail, takeMailPoint } from "./ask-for-mail.ts";
import { demandGoodPassword } from "./good-password.ts";
import { hashMailToken, newMailToken } from "./mail-token.ts";
import { prepareVerification, queueVerification } from "./verification.ts";

const resetLifetimeMs = 30 * 60_000;

type World = { deps: ApiDeps; limits: RateLimits };

/**
 * The first half, before the answer, is the same for every address; what is done for one that has an account comes back
 * as work for after the answer, so that its time tells nothing.
 */
export async function askForReset(
  { deps, limits }: World,
  { email, network }: { email: string; network: string },
): Promise<() => Promise<void>> {
  const emailIndex = await deps.blindIndexer.index("platform", "account.email", normaliseEmail(email));
  await takeMailPoint(limits, { network, target: emailIndex.toString("hex") });
  const known = await deps.db.withoutShop((trx) => findAccountLogin(trx, emailIndex));
  return async () => {
    if (known !== undefined) await mailReset(deps, known.id);
  };
}

/** Where nobody has proven the address, the link of the sign-up again: what was accepted is still its person's to say. */
async function mailReset(deps: ApiDeps, accountId: AccountId): Promise<void> {
  const { token, tokenHash } = newMailToken();
  const secret = await sealMailSecret(deps.sealer, { accountId, secret: { token } });
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + resetLifetimeMs);
  const verification = await prepareVerification(deps, accountId);
  await withAccounts(deps, async (trx) => {
    const account = await lockAccount(trx, accountId);
    const isVerified = account !== undefined && account.verifiedAt !== null;
    const kind = isVerified ? "reset_password" : "verify_email";
    const withinMs = resetLifetimeMs;
    if (account === undefined || !(await mayMail(trx, { accountId, kinds: [kind], now, withinMs }))) return;
    if (kind === "verify_email")
      return queueVerification(trx, { accountId, verification, language: account.language, now });
    await insertAccountToken(trx, { tokenHash, accountId, kind, now, expiresAt });
    const { language } = account;
    const businessKey = `reset_password:${secret.id}`;
    await queueMail(trx, { accountId, kind, businessKey, data: {}, secret, language, now, expiresAt });
  });
}

/**
 * Sets the password and ends every session. Nothing counts tries: the link carries 128 random bits, and a neighbour's
 * mails hold up nobody. It signs nobody in and touches no second factor: whoever holds the mailbox
 * alone gets no further than the password. The device becomes the only one of the account's: no stranger's guesses hold
 * it any more, and whoever used another is told of.
 */
export async function completeReset(
  deps: ApiDeps,
  { token, password, origin }: { token: string; password: string; origin: Origin },
): Promise<void> {
  const link = { tokenHash: hashMailToken(token), kind: "reset_password", now: deps.clock.now() } as const;
  const found = await deps.db.withoutShop(async (trx) => {
    const owner = await findAccountToken(trx, link);
    return owner && findAccount(trx, owner.accountId);
  });
  if (found === undefined || found.verifiedAt === null) throw deadLink();
  const email = await emailOf(deps, found);
  demandGoodPassword({ password, email, pointer: "/password" });
  const passwordHash = await hashPassword(password, await readPepper(deps.blindIndexer));
  const { id: accountId, language } = found;
  const stemIndex = await stemIndexOf(deps.blindIndexer, email);
  const device = await deviceOf(deps, accountId, origin);
  const now = deps.clock.now();
  await withAccounts(deps, async (trx) => {
    if ((await useAccountToken(trx, { ...link, now })) === undefined) throw deadLink();
    await setPasswordHash(trx, { accountId, to: passwordHash });
    await noteEmail(trx, { accountId, stemIndex, now });
    await forgetDevices(trx, accountId);
    await meetDevice(trx, { ...device, now });
    await afterChange(trx, { accountId, language, change: "password_reset", except: null, now });
  });
}

/** Demands the old password; the session that asks goes on under the token that is answered, all others end. */
export async function changePassword(
  { deps, limits }: World,
  session: StoredSession,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<string> {
  const account = await provePassword({ deps, limits }, session, currentPassword);
  const email = await emailOf(deps, account);
  demandGoodPassword({ password: newPassword, email, pointer: "/newPassword" });
  const to = await hashPassword(newPassword, await readPepper(deps.blindIndexer));
  const { accountId, id: except } = session;
  const now = deps.clock.now();
  return withAccounts(deps, async (trx) => {
    const isChanged = await setPasswordHash(trx, { accountId, from: account.passwordHash, to });
    if (!isChanged) throw changedMeanwhile();
    const { language } = account;
    await afterChange(trx, { accountId, language, change: "password_changed", except, now });
    return renewToken(trx, session, now);
  });
}

/** The account of a session, whose password is asked for once more; else 403 `password.wrong`. */
export function provePassword(world: World, session: StoredSession, password: string): Promise<Account> {
  const prove = () => demandPassword(world, session, password);
  return takeGuess(world, { session, of: "passwords", prove });
}

async function demandPassword(
  { deps, limits }: World,
  { accountId }: StoredSession,
  password: string,
): Promise<Account> {
  await takePoint(limits.signIn, "all");
  const account = await deps.db.withoutShop((trx) => findAccount(trx, accountId));
  const pepper = await readPepper(deps.blindIndexer);
  const isRight = await verifyPassword(account?.passwordHash, password, pepper);
  if (!isRight || account === undefined) {
    throw new AppError("forbidden", "password.wrong", {
      internal: "the current password is wrong",
      public: "The current password is wrong.",
    });
  }
  return account;
}

async function emailOf({ sealer }: ApiDeps, { id, email }: Account): Promise<string> {
  const [text] = await sealer.open([{ place: accountPlace(id, "account.email"), sealed: email }]);
  return text?.toString("utf8") ?? "";
}

/** Links that were asked for before are void: whoever had the old password may have asked for them. */
async function afterChange(
  trx: ShopTransaction,
  {
    accountId,
    language,
    change,
    except,
    now,
  }: { accountId: AccountId; language: Language; change: AccountChange; except: string | null; now: Date },
): Promise<void> {
  await endSessionsOf(trx, { accountId, except, now });
  await voidAccountTokens(trx, { accountId, now });
  await auditAccount(trx, { accountId, change, now });
  const businessKey = `password_changed:${newId<string>()}`;
  await queueMail(trx, { accountId, kind: "password_changed", businessKey, data: {}, language, now });
}

function changedMeanwhile(): AppError {
  return new AppError("conflict", "password.changed_meanwhile", {
    internal: "the hash is another one by now",
    public: "The password was changed meanwhile.",
  });
}
