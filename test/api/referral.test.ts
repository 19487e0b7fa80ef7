import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { createCommissions } from "../../db/commissions.ts";
import { payoutDetailsPlace } from "../../db/payout-accounts.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import type { AccountId, FraudFlagId, ParticipantId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { Answer, OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

type Joined = Tenant & { accountId: AccountId; participantId: ParticipantId; code: string };

const account = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: "09777123456" };

function ask(tenant: Tenant, method: string, path: string, body?: object): Promise<Answer> {
  return world.ask(method, `/v1${path}`, { token: tenant.owner, ...(body === undefined ? {} : { body }) });
}

function join(tenant: Tenant): Promise<Answer> {
  return ask(tenant, "POST", "/referral/join", { termsVersion: 1 });
}

async function addJoined(): Promise<Joined> {
  const tenant = await world.addTenant();
  const { code } = (await join(tenant)).body;
  const { rows } = await world.owner.query<{ id: ParticipantId; account_id: AccountId }>(
    "select id, account_id from referral_participants where code = $1",
    [code],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("nobody has the code");
  return { ...tenant, code, participantId: row.id, accountId: row.account_id };
}

async function attribute(accountId: AccountId, code: string): Promise<void> {
  const asked = { accountId, code, source: "sign_up" as const, now: new Date() };
  await world.deps.db.withShopSerialisable(platformShopId, (trx) => attributeReferral(trx, asked));
}

async function pay({ shopId, accountId }: Joined, amountMinor: number): Promise<void> {
  const now = new Date();
  const payment = { paymentId: newId<string>(), shopId, payerAccountId: accountId, paidAt: now, now };
  const money = { amountMinor, currency: "MMK" as const };
  await world.worker.withShop(shopId, (trx) => createCommissions(trx, { ...payment, ...money }));
}

async function addFlag({ participantId }: Joined): Promise<FraudFlagId> {
  const id = newId<FraudFlagId>();
  await world.owner.query(
    `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
      values ($1, $2, 'same_device', 'k', 'high', now())`,
    [id, participantId],
  );
  return id;
}

describe("an owner", () => {
  test("has no code before joining, and sees the terms that are asked for", async () => {
    const { body } = await ask(await world.addTenant(), "GET", "/referral");
    expect(body).toMatchObject({ state: "not_joined", code: null, link: null, termsVersion: 1 });
  });

  test("gets one code by joining, also when it is asked for many times at once", async () => {
    const [tenant, other] = [await world.addTenant(), await addJoined()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => join(tenant)));
    const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code}`));
    expect(codes.size).toBe(1);
    const [{ body } = { body: {} }] = answers;
    expect(body).toMatchObject({ state: "active", code: expect.stringMatching(/^[2-9A-HJKMNP-Z]{8}$/) });
    expect(body.link).toBe(`http://shop.test/console/sign-up?ref=${body.code}`);
    expect(body.code).not.toBe(other.code);
  });

  test("leaves the sign of the own address by joining, and none before", async () => {
    const tenant = await world.addTenant();
    const signs = async () =>
      (
        await world.owner.query(
          `select s.kind from referral_signals s join memberships m on m.account_id = s.account_id
            where m.shop_id = $1`,
          [tenant.shopId],
        )
      ).rows;
    expect(await signs()).toEqual([]);
    await join(tenant);
    expect(await signs()).toEqual([{ kind: "email" }]);
  });

  test("joins by the terms that are valid only", async () => {
    const tenant = await world.addTenant();
    const answer = await ask(tenant, "POST", "/referral/join", { termsVersion: 2 });
    expect([answer.status, answer.body.code]).toEqual([409, "referral.other_terms"]);
    expect((await ask(tenant, "GET", "/referral")).body.state).toBe("not_joined");
  });

  test("keeps the referrer by joining, and the place in the tree", async () => {
    const [referrer, tenant] = [await addJoined(), await world.addTenant()];
    const { rows } = await world.owner.query<{ account_id: AccountId }>(
      "select account_id from memberships where shop_id = $1 and role = 'owner'",
      [tenant.shopId],
    );
    await attribute(rows[0]?.account_id ?? newId<AccountId>(), referrer.code);
    expect((await join(tenant)).body).toMatchObject({ state: "active", wasReferred: true });
    expect((await ask(referrer, "GET", "/referral")).body.network).toEqual([
      { level: 1, people: 1 },
      { level: 2, people: 0 },
    ]);
  });

  test("sees network and earnings, and of others nothing but how many they are", async () => {
    const [referrer, payer] = [await addJoined(), await addJoined()];
    await attribute(payer.accountId, referrer.code);
    await pay(payer, 30_000);
    await pay(payer, 20_000);
    const { body, bytes } = await ask(referrer, "GET", "/referral");
    const nothing = { heldMinor: 0, payableMinor: 0, inPayoutMinor: 0, paidMinor: 0 };
    expect(body.earnings).toEqual([{ currency: "MMK", pendingMinor: 5_000, ...nothing }]);
    const statement = await ask(referrer, "GET", "/commissions?limit=1");
    expect(statement.body).toMatchObject({
      data: [
        { kind: "earning", reason: null, level: 1, amountMinor: 2_000, currency: "MMK", state: "pending" },
      ],
      hasMore: true,
    });
    const next = await ask(referrer, "GET", `/commissions?limit=1&cursor=${statement.body.nextCursor}`);
    expect(next.body).toMatchObject({ data: [{ amountMinor: 3_000 }], hasMore: false });
    const said = Buffer.concat([bytes, statement.bytes, next.bytes]).toString("utf8");
    for (const id of [payer.accountId, payer.participantId, payer.shopId, payer.code])
      expect(said).not.toContain(id);
    expect((await ask(payer, "GET", "/commissions")).body.data).toEqual([]);
  });

  test("appeals against an own flag once, in words that only its key opens", async () => {
    const [joined, other] = [await addJoined(), await addJoined()];
    await addFlag(joined);
    const [flag] = (await ask(joined, "GET", "/referral")).body.flags;
    expect(flag).toMatchObject({ rule: "same_device", state: "open", holdsEarnings: true, appealedAt: null });
    const path = `/fraud-flags/${flag.id}/appeal`;
    const body = { text: "We share the shop's tablet." };
    expect((await ask(other, "POST", path, body)).status).toBe(404);
    expect((await ask(joined, "POST", path, body)).body.appealedAt).not.toBeNull();
    expect((await ask(joined, "POST", path, body)).body.code).toBe("fraud_flag.not_appealable");
    const { rows } = await world.owner.query<{ appeal: Buffer }>(
      "select appeal from fraud_flags where id = $1",
      [fromTypeId("flg", flag.id)],
    );
    expect(rows[0]?.appeal.includes("tablet")).toBe(false);
  });
});

describe("a payout account", () => {
  test("belongs to who has joined", async () => {
    const tenant = await world.addTenant();
    const answers = [
      await ask(tenant, "PUT", "/payout-account", account),
      await ask(tenant, "GET", "/payout-account"),
    ];
    expect(answers.map(({ body }) => body.code)).toEqual(["referral.not_joined", "referral.not_joined"]);
  });

  test("M:ONAMI-10 is sealed for commissions only, masked in every answer, and cools down after a change", async () => {
    const joined = await addJoined();
    expect((await ask(joined, "GET", "/payout-account")).status).toBe(404);
    const before = world.deps.clock.now().getTime();
    const first = await ask(joined, "PUT", "/payout-account", account);
    expect(first.body).toMatchObject({ accountName: "D••• A••• A•••", accountNumber: "••••3456", bank: "" });
    expect(Date.parse(first.body.usableFrom) - before).toBeGreaterThanOrEqual(72 * 3_600_000);
    expect((await ask(joined, "GET", "/payout-account")).body).toEqual(first.body);

    world.passTime(60_000);
    const rewritten = await ask(joined, "PUT", "/payout-account", {
      ...account,
      accountNumber: "၀၉ ၇၇၇ ၁၂၃ ၄၅၆",
    });
    expect(rewritten.body.usableFrom).toBe(first.body.usableFrom);
    const changed = await ask(joined, "PUT", "/payout-account", { ...account, accountNumber: "09777999999" });
    expect(Date.parse(changed.body.usableFrom)).toBeGreaterThan(Date.parse(first.body.usableFrom));

    const { rows } = await world.owner.query<{ details: Sealed }>(
      "select details from payout_accounts where participant_id = $1",
      [joined.participantId],
    );
    expect(rows[0]?.details.includes("0977")).toBe(false);
    const place = payoutDetailsPlace(joined.participantId);
    expect(place.purpose).toBe("referral");
    const [opened] = await world.deps.sealer.open([
      { place, sealed: rows[0]?.details ?? (Buffer.of() as Sealed) },
    ]);
    expect(opened?.toString("utf8")).toContain("09777999999");
  });

  test.each(["abc", "12345", "၀၉ ၁၂၃"])("has a number that can be one, unlike %s", async (accountNumber) => {
    const joined = await addJoined();
    const answer = await ask(joined, "PUT", "/payout-account", { ...account, accountNumber });
    expect([answer.status, answer.body.code]).toEqual([422, "request.invalid"]);
  });

  test("names a bank, or is a wallet without one", async () => {
    const joined = await addJoined();
    const wrong = [
      { ...account, kind: "bank" },
      { ...account, bank: "AYA" },
      { ...account, kind: "cash" },
    ];
    const statuses = await Promise.all(wrong.map((body) => ask(joined, "PUT", "/payout-account", body)));
    expect(statuses.map(({ status }) => status)).toEqual([422, 422, 422]);
    const right = await ask(joined, "PUT", "/payout-account", { ...account, kind: "bank", bank: "AYA" });
    expect(right.body.bank).toBe("AYA");
  });

  test("and its change are written down without the account", async () => {
    const joined = await addJoined();
    await ask(joined, "PUT", "/payout-account", account);
    const { rows } = await world.owner.query<{ event: string }>(
      "select audit_events::text as event from audit_events where shop_id = $1 and action = 'payout_account.changed'",
      [joined.shopId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.event).not.toMatch(/09777123456|Aye/);
  });
});

test("neither staff nor a key of the shop reaches the owner's referral", async () => {
  const joined = await addJoined();
  for (const token of [joined.staff, joined.key]) {
    const answer = await world.ask("GET", "/v1/referral", { token });
    expect(answer.status).toBe(403);
  }
});
