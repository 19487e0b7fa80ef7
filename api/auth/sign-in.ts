import { appendAccountEvent } from "../../db/account-events.ts";
import { holdPassword, setPasswordHash } from "../../db/account-changes.ts";
import { findAccount, findAccountByUsername, findAccountLogin, normaliseEmail } from "../../db/accounts.ts";
import type { Account } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { findKnownDevice } from "../../db/known-devices.ts";
import { endSignInStep, insertSignInStep, trySignInStep } from "../../db/sign-in-steps.ts";
import type { AccountEventKind } from "../../domain/account/account-event.ts";
import type { SuspensionReason } from "../../domain/account/suspension.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { ApiDeps } from "../deps.ts";
import { readProof, useProof } from "./factor-proof.ts";
import { hashPassword, isWeakHash, readPepper, verifyPassword } from "./password.ts";
import type { Pepper } from "./password.ts";
import { usernameIndexOf } from "./profile.ts";
import { takePoint } from "./rate-limits.ts";
import type { RateLimits } from "./rate-limits.ts";
import { deviceOf } from "./session-origin.ts";
import type { Origin } from "./session-origin.ts";
import { startSession } from "./start-session.ts";
import type { SignedIn } from "./start-session.ts";
import { hashToken, newToken, tokenKind } from "./token.ts";

const minute = 60_000;
/** A phone is at hand, or it is fetched (ASVS 6.5.5). */
const codeTokenMs = 10 * minute;
/** Of a million codes three are right at a time. */
const maxTries = 5;

type Parts = { deps: ApiDeps; limits: RateLimits };

export type SignIn = {
  /** The address or, without an `@`, the username. */
  email: string;
  password: string;
  language: Language;
  origin: Origin;
};

export type PasswordAnswer =
  | ({ state: "signed_in" } & SignedIn)
  /** The token is good for nothing but giving the code. */
  | { state: "code_needed"; codeToken: string; expiresAt: Date };

/**
 * A new session, or for an account with a second factor the token to give its code with. A wrong password and an
 * unknown address get the same answer, after the same time.
 */
export async function signIn(parts: Parts, asked: SignIn): Promise<PasswordAnswer> {
  const { deps } = parts;
  const { language, origin } = asked;
  const account = await proveAccount(parts, asked);
  if (account.suspendedFor !== null) throw suspended(account.suspendedFor);
  if (account.hasFactor) return askForCode(deps, account, language);
  const session = { accountId: account.id, language, origin, hasFactor: false };
  const started = await startSession(deps, session, (trx) => demandStill(trx, account));
  return { state: "signed_in", ...started };
}

/**
 * In the transaction of what the password opens: it is still the account's. Else a session that it began would outlive
 * the change that ended all others.
 */
async function demandStill(trx: ShopTransaction, { id: accountId, passwordHash }: Account): Promise<void> {
  if (await holdPassword(trx, { accountId, passwordHash })) return;
  const account = await findAccount(trx, accountId);
  if (account?.passwordHash === passwordHash && account.suspendedFor !== null)
    throw suspended(account.suspendedFor);
  throw refused();
}

/** The account whose address and password these are, suspended or not; else `session.refused`. */
export async function proveAccount(
  parts: Parts,
  { email, password, origin }: Omit<SignIn, "language">,
): Promise<Account> {
  const { deps, limits } = parts;
  const index = await loginIndexOf(deps, email);
  await takePoint(limits.signInByNetwork, origin.network);
  const find = isUsername(email) ? findAccountByUsername : findAccountLogin;
  const account = await deps.db.withoutShop((trx) => find(trx, index));
  // By what was typed: one count for both would tell that a username and an address are of one account.
  const target = index.toString("hex");
  const own = await findOwnDevice(deps, account?.id ?? (noAccount as AccountId), origin);
  // Strangers in its network do not hold it.
  const pair = own ?? `${origin.network}|${target}`;
  await limitGuesses(parts, { account, pair, stranger: own === undefined ? target : undefined });
  await takePoint(limits.signIn, "all");

  const pepper = await readPepper(deps.blindIndexer);
  const isRight = await verifyPassword(account?.passwordHash, password, pepper);
  if (!isRight || account === undefined) throw refused();
  await limits.signInByPair.delete(pair);
  // What others guessed stays: else they would see that somebody signed in, and guess on.
  if (own === undefined) await limits.signInByAccount.reward(target);
  return { ...account, passwordHash: await renewHash(deps, { account, password, pepper }) };
}

function refused(): AppError {
  return new AppError("unauthenticated", "session.refused", {
    internal: "wrong password or unknown address",
    public: "The address or the password is wrong.",
  });
}

/** A password that was hashed in an older way is hashed anew when it is known: at a sign-in. Answers the hash that stands. */
async function renewHash(
  { db }: ApiDeps,
  { account, password, pepper }: { account: Account; password: string; pepper: Pepper },
): Promise<string> {
  const { id: accountId, passwordHash: from } = account;
  if (!isWeakHash(from)) return from;
  const to = await hashPassword(password, pepper);
  if (await db.withoutShop((trx) => setPasswordHash(trx, { accountId, from, to }))) return to;
  // Another sign-in renewed it at the same time, or the password is another one by now.
  const stands = (await db.withoutShop((trx) => findAccount(trx, accountId)))?.passwordHash;
  if (stands === undefined || !(await verifyPassword(stands, password, pepper))) throw refused();
  return stands;
}

function suspended(reason: SuspensionReason): AppError {
  return new AppError("forbidden", "account.suspended", {
    internal: `suspended for ${reason}`,
    public: `This account is suspended (${reason}). You may appeal.`,
  });
}

function isUsername(email: string): boolean {
  return !email.includes("@");
}

function loginIndexOf({ blindIndexer }: ApiDeps, email: string): Promise<Buffer> {
  if (isUsername(email)) return usernameIndexOf(blindIndexer, email);
  return blindIndexer.index("platform", "account.email", normaliseEmail(email));
}

/**
 * Of a device or a network alone; of strangers also from everywhere together, but not those of a device that the account
 * has used: nobody can lock it out. Its owner reads that somebody was stopped.
 */
async function limitGuesses(
  { deps, limits }: Parts,
  { account, pair, stranger }: { account: Account | undefined; pair: string; stranger: string | undefined },
): Promise<void> {
  try {
    await takePoint(limits.signInByPair, pair);
    if (stranger !== undefined) await takePoint(limits.signInByAccount, stranger);
  } catch (error) {
    if (account !== undefined) await noteRefusals(deps, account.id, "passwords.often_refused");
    throw error;
  }
}

/** Looked for like any other, so that an unknown address takes the same time. */
const noAccount = "00000000-0000-0000-0000-000000000000";

/** The key of its counts, if the account has used it. */
async function findOwnDevice(
  deps: ApiDeps,
  accountId: AccountId,
  origin: Origin,
): Promise<string | undefined> {
  const device = await deviceOf(deps, accountId, origin);
  const known = await deps.db.withoutShop((trx) => findKnownDevice(trx, device));
  return known?.toString("hex");
}

/** Once an hour: somebody tries to get into the account. */
async function noteRefusals(deps: ApiDeps, accountId: AccountId, kind: AccountEventKind): Promise<void> {
  const now = deps.clock.now();
  const businessKey = now.toISOString().slice(0, 13);
  await deps.db.withoutShop((trx) => appendAccountEvent(trx, { accountId, kind, businessKey, now }));
}

async function askForCode(deps: ApiDeps, account: Account, language: Language): Promise<PasswordAnswer> {
  const { token, tokenHash } = newToken("signIn");
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + codeTokenMs);
  await deps.db.withoutShop(async (trx) => {
    await demandStill(trx, account);
    await insertSignInStep(trx, { tokenHash, accountId: account.id, language, now, expiresAt });
  });
  return { state: "code_needed", codeToken: token, expiresAt };
}

export type CodeGiven = { codeToken: string; code: string; origin: Origin };

/** The second step: the code of now, or a recovery code, makes the session. */
export async function completeSignIn(
  parts: Parts,
  { codeToken, code, origin }: CodeGiven,
): Promise<SignedIn> {
  const { deps, limits } = parts;
  await takePoint(limits.signInByNetwork, origin.network);
  const tokenHash = hashToken(codeToken);
  const step = await deps.db.withoutShop((trx) =>
    trySignInStep(trx, { tokenHash, maxTries, now: deps.clock.now() }),
  );
  if (tokenKind(codeToken) !== "signIn" || step === undefined) throw stepOver();
  const { accountId, language } = step;
  const own = await limitCodes(parts, accountId, origin);
  const proof = await readProof(deps, accountId, code);
  const session = { accountId, language, origin, hasFactor: true };
  const started = await startSession(deps, session, async (trx, now) => {
    const account = await findAccount(trx, accountId);
    if (account === undefined) throw stepOver();
    if (account.suspendedFor !== null) throw suspended(account.suspendedFor);
    if (!(await endSignInStep(trx, tokenHash))) throw stepOver();
    await useProof(trx, proof, now);
  });
  if (own !== undefined) await limits.codesByDevice.delete(own);
  return started;
}

/** Whoever knows the password may guess so often, and the account's own devices beside them. */
async function limitCodes(
  { deps, limits }: Parts,
  accountId: AccountId,
  origin: Origin,
): Promise<string | undefined> {
  const own = await findOwnDevice(deps, accountId, origin);
  if (own !== undefined) {
    await takePoint(limits.codesByDevice, own);
    return own;
  }
  try {
    await takePoint(limits.codesByStrangers, accountId);
    return undefined;
  } catch (error) {
    await noteRefusals(deps, accountId, "codes.often_refused");
    throw error;
  }
}

function stepOver(): AppError {
  return new AppError("unauthenticated", "sign_in.over", {
    internal: "the code's token is unknown, over, used or tried too often",
    public: "Begin again with the password.",
  });
}
