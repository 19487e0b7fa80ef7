import {
  accountPlace,
  accountSubject,
  findAccountLogin,
  insertAccount,
  lockAccount,
  normaliseEmail,
  platformShopId,
} from "../../db/accounts.ts";
import { restartAccount } from "../../db/account-changes.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { queueMail } from "../../db/mails.ts";
import { insertPolicyAcceptances } from "../../db/policy-acceptances.ts";
import { endSessionsOf } from "../../db/sessions.ts";
import { policyNames } from "../../domain/account/policies.ts";
import type { PoliciesInForce } from "../../domain/account/policy-version.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import { hashPassword, readPepper } from "../auth/password.ts";
import { takePoint } from "../auth/rate-limits.ts";
import type { RateLimits } from "../auth/rate-limits.ts";
import type { ApiDeps } from "../deps.ts";
import { auditAccount, withAccounts } from "./account-changes.ts";
import { mayMail, takeMailPoint } from "./ask-for-mail.ts";
import { demandGoodPassword } from "./good-password.ts";
import { prepareVerification, queueVerification } from "./verification.ts";
import type { Verification } from "./verification.ts";

export type SignUp = {
  email: string;
  password: string;
  language: Language;
  /** Which wordings were accepted: all that are in force. */
  inForce: PoliciesInForce;
  referralCode: string | null;
  /** From where, for the limits. */
  network: string;
};

/** Two sign-ups with one address at once: the second finds the first. */
const attempts = 3;

/**
 * Opens an account and mails the link that proves the address; the owner of a taken one gets a mail. The first half, before
 * the answer, is the same for every address; the rest comes back as work for after the answer, so that its time tells nothing. An account whose address nobody proved is begun anew: the last password is the one that counts.
 */
export async function signUp(
  { deps, limits }: { deps: ApiDeps; limits: RateLimits },
  wanted: SignUp,
): Promise<() => Promise<void>> {
  const email = normaliseEmail(wanted.email);
  demandGoodPassword({ password: wanted.password, email, pointer: "/password" });
  const emailIndex = await deps.blindIndexer.index("platform", "account.email", email);
  await takeMailPoint(limits, { network: wanted.network, target: emailIndex.toString("hex") });
  await takePoint(limits.signIn, "all"); // it hashes, as a sign-in does
  const passwordHash = await hashPassword(wanted.password, await readPepper(deps.blindIndexer));
  return () => open(deps, { ...wanted, email, emailIndex, passwordHash });
}

async function open(deps: ApiDeps, opening: Opening): Promise<void> {
  const { emailIndex } = opening;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const known = await deps.db.withoutShop((trx) => findAccountLogin(trx, emailIndex));
    const open = () => openAccount(deps, opening);
    if (
      known === undefined ? await startOverWhenEpochCloses(open) : await meetAccount(deps, known.id, opening)
    )
      return;
  }
  throw new AppError("conflict", "account.busy", {
    internal: "the address was taken and given back again and again",
    public: "Try again.",
  });
}

type Opening = SignUp & { emailIndex: Buffer; passwordHash: string };

/** False: somebody was faster. */
async function openAccount(deps: ApiDeps, opening: Opening): Promise<boolean> {
  const { language, email, emailIndex, passwordHash, referralCode } = opening;
  const id = newId<AccountId>();
  const subjectId = accountSubject(id);
  const keys = await deps.sealer.makeKeys([{ shopId: platformShopId, subjectId, kind: "account" }]);
  const [sealed] = await deps.sealer.seal([{ place: accountPlace(id, "account.email"), plaintext: email }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const verification = await prepareVerification(deps, id);
  const now = deps.clock.now();
  const isNew = await withAccounts(deps, async (trx) => {
    const account = { id, emailIndex, email: sealed, passwordHash, platformRole: null, keys, now };
    if (!(await insertAccount(trx, { ...account, signUp: { language, referralCode } }))) return false;
    await beginVerification(trx, { ...opening, accountId: id, verification, now });
    await auditAccount(trx, { accountId: id, change: "created", now });
    return true;
  });
  if (!isNew) deps.sealer.forget(subjectId);
  return isNew;
}

/** False: the account has gone meanwhile. */
async function meetAccount(deps: ApiDeps, accountId: AccountId, opening: Opening): Promise<boolean> {
  const verification = await prepareVerification(deps, accountId);
  const now = deps.clock.now();
  return withAccounts(deps, async (trx) => {
    const account = await lockAccount(trx, accountId);
    if (account === undefined) return false;
    const kinds = ["verify_email", "address_taken"] as const;
    if (!(await mayMail(trx, { accountId, kinds, now }))) return true;
    if (account.verifiedAt !== null) {
      const businessKey = `address_taken:${verification.secret.id}`;
      const { language } = account;
      await queueMail(trx, { accountId, kind: "address_taken", businessKey, data: {}, language, now });
      return true;
    }
    await restartAccount(trx, { ...opening, accountId });
    await endSessionsOf(trx, { accountId, except: null, now });
    await beginVerification(trx, { ...opening, accountId, verification, now });
    await auditAccount(trx, { accountId, change: "restarted", now });
    return true;
  });
}

async function beginVerification(
  trx: ShopTransaction,
  {
    accountId,
    verification,
    inForce,
    language,
    now,
  }: Opening & { accountId: AccountId; verification: Verification; now: Date },
): Promise<void> {
  const acceptance = { accountId, policies: policyNames, inForce, how: "explicit", now } as const;
  await insertPolicyAcceptances(trx, acceptance);
  await queueVerification(trx, { accountId, verification, language, now });
}
