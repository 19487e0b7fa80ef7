import { randomBytes, randomInt } from "node:crypto";
import { Client } from "pg";

import { platformShopId } from "../../db/accounts.ts";
import { settleCommissions } from "../../activities/upkeep/settle-commissions.ts";
import { createCommissions, reverseCommissions } from "../../db/commissions.ts";
import { openDatabase } from "../../db/connection.ts";
import { putPayoutAccount } from "../../db/payout-accounts.ts";
import type { PayoutRow } from "../../db/payouts.ts";
import { attributeReferral } from "../../db/referrals.ts";
import type { Attribution } from "../../db/referrals.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ParticipantId, PayoutId, ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { newReferralCode } from "../../domain/referral/code.ts";
import { createTestDatabase } from "../support/test-database.ts";

export const dayMs = 24 * 60 * 60_000;

export type Person = { accountId: AccountId; participantId: ParticipantId; code: string };

type NamedAccount = { details?: string; usableFrom?: Date; accountIndex?: Buffer };

export type Line = {
  beneficiary_id: ParticipantId;
  level: number;
  kind: string;
  amount_minor: number;
  state: string;
  held_reason: string | null;
};

/** Owners of shops in a tree, with the logins that the product uses. */
export async function createReferralWorld() {
  const database = await createTestDatabase();
  const open = (url: string) => openDatabase({ url, maxConnections: 8, name: "test" });
  const [api, worker, admin] = [
    open(database.urls.api),
    open(database.urls.worker),
    open(database.urls.admin),
  ] as const;
  const owner = new Client({ connectionString: database.urls.owner });
  owner.on("error", () => undefined);
  await owner.connect();
  const shopId = newId<ShopId>();

  async function addAccount(): Promise<AccountId> {
    const id = newId<AccountId>();
    await owner.query(
      "insert into accounts (id, email_index, email, password_hash, created_at) values ($1, $2, '', '', now())",
      [id, randomBytes(16)],
    );
    return id;
  }

  /** Somebody who has joined. */
  async function addPerson(): Promise<Person> {
    const accountId = await addAccount();
    const [participantId, code] = [newId<ParticipantId>(), newReferralCode(randomInt)];
    await owner.query(
      `insert into referral_participants (id, account_id, code, terms_version, joined_at, created_at)
        values ($1, $2, $3, 1, now(), now())`,
      [participantId, accountId, code],
    );
    return { accountId, participantId, code };
  }

  function attribute(person: { accountId: AccountId }, by: { code: string }): Promise<Attribution> {
    const asked = { accountId: person.accountId, code: by.code, source: "sign_up" as const, now: new Date() };
    return api.withShopSerialisable(platformShopId, (trx) => attributeReferral(trx, asked));
  }

  /** Each was brought by the one before; the first stands on top. */
  async function addChain(length: number): Promise<Person[]> {
    const people: Person[] = [];
    for (let index = 0; index < length; index += 1) {
      const person = await addPerson();
      const above = people.at(-1);
      if (above !== undefined) await attribute(person, above);
      people.push(person);
    }
    return people;
  }

  /** As the activation of a plan does. */
  async function pay(
    payer: { accountId: AccountId },
    amountMinor = 100_000,
    paymentId = newId<string>(),
  ): Promise<string> {
    const now = new Date();
    const payment = { paymentId, shopId, payerAccountId: payer.accountId, amountMinor, paidAt: now, now };
    await worker.withShop(shopId, (trx) => createCommissions(trx, { ...payment, currency: "MMK" }));
    return paymentId;
  }

  /** Whoever is in the one shop that pays, which has no row of its own. */
  async function setMembers(people: { accountId: AccountId }[]): Promise<void> {
    const ids = people.map(({ accountId }) => accountId);
    await owner.query("set session_replication_role = replica");
    await owner.query("delete from memberships where shop_id = $1", [shopId]);
    await owner.query(
      "insert into memberships (shop_id, account_id, role, created_at) select $1, unnest($2::uuid[]), 'owner', now()",
      [shopId, ids],
    );
    await owner.query("reset session_replication_role");
  }

  function refund(paymentId: string, refundedMinor: number, refundId = newId<string>()): Promise<number> {
    return worker.withShop(shopId, (trx) =>
      reverseCommissions(trx, { paymentId, refundId, refundedMinor, now: new Date() }),
    );
  }

  /** What the worker does from time to time, as if so many days had passed. */
  async function settle(days = 0): Promise<void> {
    await settleCommissions({ db: worker, clock: { now: () => new Date(Date.now() + days * dayMs) } });
  }

  async function lines(where: { paymentId?: string; beneficiary?: Person } = {}): Promise<Line[]> {
    const { rows } = await owner.query<Line>(
      `select beneficiary_id, level, kind, amount_minor::int, state, held_reason from commissions
        where ($1::uuid is null or payment_id = $1) and ($2::uuid is null or beneficiary_id = $2) order by level, id`,
      [where.paymentId ?? null, where.beneficiary?.participantId ?? null],
    );
    return rows;
  }

  /** Where they are paid to; under the same index it is the same account. */
  async function nameAccount(
    { participantId }: Person,
    { details = "sealed", usableFrom = new Date(), accountIndex = randomBytes(16) }: NamedAccount = {},
  ): Promise<void> {
    const account = { participantId, kind: "kbzpay" as const, currency: "MMK" as const, accountIndex };
    const sealed = Buffer.from(details) as Sealed;
    await api.withoutShop((trx) =>
      putPayoutAccount(trx, { ...account, details: sealed, now: new Date(), usableFrom }),
    );
  }

  /** Oldest first. */
  function payoutsOf({ participantId }: Person): Promise<PayoutRow[]> {
    return api.withoutShop((trx) =>
      trx
        .selectFrom("payouts")
        .selectAll()
        .where("participant_id", "=", participantId)
        .orderBy("id")
        .execute(),
    );
  }

  async function newestPayoutOf(person: Person): Promise<PayoutId> {
    const payout = (await payoutsOf(person)).at(-1);
    if (payout === undefined) throw new TypeError("there is no payout");
    return payout.id;
  }

  return {
    database,
    api,
    worker,
    admin,
    owner,
    shopId,
    addAccount,
    addPerson,
    addChain,
    attribute,
    pay,
    setMembers,
    refund,
    settle,
    lines,
    nameAccount,
    payoutsOf,
    newestPayoutOf,
    close: async () => {
      await Promise.all([api.close(), worker.close(), admin.close(), owner.end()]);
      await database.drop();
    },
  };
}

export type ReferralWorld = Awaited<ReturnType<typeof createReferralWorld>>;
