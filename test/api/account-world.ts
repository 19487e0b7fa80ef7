import { randomBytes } from "node:crypto";

import { findAccountLogin, normaliseEmail, accountPlace } from "../../db/accounts.ts";
import { currentAttestations, currentPolicies } from "../../domain/account/policies.ts";
import type { MailKind, MailSecret } from "../../domain/account/mail-texts.ts";
import type { AccountId, MailId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { Answer } from "./owner-world.ts";

export const accepted = {
  terms: currentPolicies.terms.version,
  privacy: currentPolicies.privacy.version,
  processingAbroad: currentPolicies.processing_abroad.version,
  adult: currentPolicies.adult.version,
};
export const attested = {
  lawfulBasis: currentAttestations.lawful_basis.version,
  consumerLaw: currentAttestations.consumer_law.version,
};

export const goodPassword = "seven green umbrellas";

export function newEmail(): string {
  return `owner-${randomBytes(5).toString("hex")}@example.com`;
}

export type QueuedMail = { kind: MailKind; state: string; language: string; secret: MailSecret };

/** The owner's API with the mails that it queues, opened as the worker does, and requests from any network. */
export async function createAccountWorld(
  limits?: RateLimits,
  parts?: Parameters<typeof createOwnerWorld>[1],
) {
  const world = await createOwnerWorld(limits, parts);
  Object.assign(world.deps.settings, { trustedProxies: 1 });
  let network = 0;

  function post(path: string, body?: unknown, { token, from }: { token?: string; from?: string } = {}) {
    // Each request from a network of its own, unless the test says which.
    network += 1;
    const address = from ?? `10.${Math.floor(network / 250)}.${network % 250}.1`;
    return world.ask("POST", path, {
      ...(token === undefined ? {} : { token }),
      ...(body === undefined ? {} : { body }),
      headers: { "x-forwarded-for": address },
    });
  }

  async function idOf(email: string): Promise<AccountId> {
    const index = await world.deps.blindIndexer.index("platform", "account.email", normaliseEmail(email));
    const account = await world.deps.db.withoutShop((trx) => findAccountLogin(trx, index));
    if (account === undefined) throw new Error("no such account");
    return account.id;
  }

  /** Oldest first; without those of new devices, since each request here comes from a network of its own. */
  async function mailsOf(accountId: AccountId): Promise<QueuedMail[]> {
    type Row = { id: MailId; kind: MailKind; state: string; language: string; secret: Sealed | null };
    const { rows } = await world.owner.query<Row>(
      `select id, kind, state, language, secret from mails
        where account_id = $1 and kind <> 'new_device' order by created_at, id`,
      [accountId],
    );
    return Promise.all(
      rows.map(async ({ id, secret, ...mail }) => {
        if (secret === null) return { ...mail, secret: {} };
        const place = accountPlace(accountId, "mail.secret", id);
        const [opened] = await world.deps.sealer.open([{ place, sealed: secret }]);
        return { ...mail, secret: JSON.parse(opened?.toString("utf8") ?? "{}") as MailSecret };
      }),
    );
  }

  /** The token of the newest mail of a kind. */
  async function tokenOf(accountId: AccountId, kind: MailKind): Promise<string> {
    const mail = (await mailsOf(accountId)).findLast((one) => one.kind === kind);
    return mail?.secret.token ?? "";
  }

  const signUp = (more: object = {}): Promise<Answer> =>
    post("/v1/accounts", { email: newEmail(), password: goodPassword, accepted, ...more });

  const signIn = (email: string, password = goodPassword): Promise<Answer> =>
    post("/v1/sessions", { email, password });

  /** Somebody who signed up, not verified. */
  async function addPerson() {
    const email = newEmail();
    await signUp({ email });
    const accountId = await idOf(email);
    const { body } = await signIn(email);
    return { email, accountId, token: String(body.token) };
  }

  /** The same, verified. */
  async function addVerified() {
    const person = await addPerson();
    const token = await tokenOf(person.accountId, "verify_email");
    const answer = await post("/v1/email-verifications", { token }, { token: person.token });
    if (answer.status !== 200) throw new Error(`not verified: ${answer.status}`);
    return { ...person, token: String(answer.body.token) };
  }

  return { ...world, post, idOf, mailsOf, tokenOf, signUp, signIn, addPerson, addVerified };
}

export type AccountWorld = Awaited<ReturnType<typeof createAccountWorld>>;

export function kindsOf(mails: readonly QueuedMail[]): MailKind[] {
  return mails.map(({ kind }) => kind);
}

/** All of an answer but the request's number. */
export function wordsOf({ status, body }: Answer): unknown {
  const { instance: _, ...words } = (body ?? {}) as Record<string, unknown>;
  return { status, ...words };
}
