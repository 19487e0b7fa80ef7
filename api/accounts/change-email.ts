import { setEmail } from "../../db/account-changes.ts";
import {
  findAccountToken,
  insertAccountToken,
  useAccountToken,
  voidAccountTokens,
} from "../../db/account-tokens.ts";
import {
  accountPlace,
  findAccount,
  findAccountLogin,
  lockAccount,
  normaliseEmail,
} from "../../db/accounts.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import { endSessionsOf } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import { stemIndexOf } from "../auth/note-email.ts";
import type { RateLimits } from "../auth/rate-limits.ts";
import { renewToken } from "../auth/step-up.ts";
import type { ApiDeps } from "../deps.ts";
import { auditAccount, deadLink, withAccounts } from "./account-changes.ts";
import { mayMail, takeMailPoint } from "./ask-for-mail.ts";
import { provePassword } from "./change-password.ts";
import { hashMailToken, newMailToken } from "./mail-token.ts";
import { proveAddress, withVerification } from "./prove-address.ts";

const lifetimeMs = 24 * 60 * 60_000;

type World = { deps: ApiDeps; limits: RateLimits };

/** Mails a link to the new address; nothing changes before it is followed. A taken address answers alike. */
export async function askForEmailChange(
  { deps, limits }: World,
  session: StoredSession,
  wanted: { email: string; password: string; network: string },
): Promise<void> {
  const email = normaliseEmail(wanted.email);
  const emailIndex = await deps.blindIndexer.index("platform", "account.email", email);
  await takeMailPoint(limits, { network: wanted.network, target: emailIndex.toString("hex") });
  await provePassword({ deps, limits }, session, wanted.password);
  const { accountId } = session;
  const { token, tokenHash } = newMailToken();
  const secret = await sealMailSecret(deps.sealer, { accountId, secret: { token, to: email } });
  const [sealed] = await deps.sealer.seal([
    { place: accountPlace(accountId, "account.email"), plaintext: email },
  ]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + lifetimeMs);
  await withAccounts(deps, async (trx) => {
    const taken = await findAccountLogin(trx, emailIndex);
    if (taken !== undefined) return tellOwner(trx, { accountId: taken.id, mailId: secret.id, now });
    const account = await findAccount(trx, accountId);
    const kind = "change_email";
    if (account === undefined || !(await mayMail(trx, { accountId, kinds: [kind], now }))) return;
    const change = { index: emailIndex, sealed };
    await insertAccountToken(trx, { tokenHash, accountId, kind, email: change, now, expiresAt });
    const businessKey = `change_email:${secret.id}`;
    const { language } = account;
    await queueMail(trx, { accountId, kind, businessKey, data: {}, secret, language, now, expiresAt });
  });
}

async function tellOwner(
  trx: Parameters<typeof queueMail>[0],
  { accountId, mailId, now }: { accountId: AccountId; mailId: string; now: Date },
): Promise<void> {
  const kind = "address_taken";
  const account = await findAccount(trx, accountId);
  if (account === undefined || !(await mayMail(trx, { accountId, kinds: [kind], now }))) return;
  const { language } = account;
  await queueMail(trx, { accountId, kind, businessKey: `address_taken:${mailId}`, data: {}, language, now });
}

/** The session is the account's, the link the new address's: both are needed. Answers the session's new token; the old
 * address is told. */
export async function confirmEmailChange(
  deps: ApiDeps,
  session: StoredSession,
  token: string,
): Promise<string> {
  const { accountId, id: except } = session;
  const now = deps.clock.now();
  const link = { tokenHash: hashMailToken(token), kind: "change_email", now } as const;
  const { account, email, emailIndex } = await findChange(deps, accountId, link);
  const place = accountPlace(accountId, "account.email");
  const [before, after] = await deps.sealer.open([
    { place, sealed: account.email },
    { place, sealed: email },
  ]);
  if (before === undefined || after === undefined) throw deadLink();
  const secret = await sealMailSecret(deps.sealer, { accountId, secret: { to: before.toString("utf8") } });
  const stemIndex = await stemIndexOf(deps.blindIndexer, after.toString("utf8"));
  return withVerification(deps, async (trx) => {
    await lockAccount(trx, accountId);
    if ((await useAccountToken(trx, link)) === undefined) throw deadLink();
    if (!(await setEmail(trx, { accountId, email, emailIndex }))) throw takenMeanwhile();
    await proveAddress(trx, { accountId, stemIndex, now });
    await voidAccountTokens(trx, { accountId, now });
    await endSessionsOf(trx, { accountId, except, now });
    await auditAccount(trx, { accountId, change: "email_changed", now });
    const businessKey = `email_changed:${secret.id}`;
    const { language } = account;
    await queueMail(trx, { accountId, kind: "email_changed", businessKey, data: {}, secret, language, now });
    return renewToken(trx, session, now);
  });
}

/** The new address that the link carries, if it is this account's; else a dead link. */
async function findChange(
  { db }: ApiDeps,
  accountId: AccountId,
  link: Parameters<typeof findAccountToken>[1],
) {
  return db.withoutShop(async (trx) => {
    const [found, account] = [await findAccountToken(trx, link), await findAccount(trx, accountId)];
    const { email, emailIndex } = found ?? {};
    if (found?.accountId !== accountId || account === undefined || !email || !emailIndex) throw deadLink();
    return { account, email, emailIndex };
  });
}

/** Says no more than the mailbox itself: whoever followed the link holds it. */
function takenMeanwhile(): AppError {
  return new AppError("conflict", "account.email_taken", {
    internal: "another account has the address by now",
    public: "Another account has this address by now.",
  });
}
