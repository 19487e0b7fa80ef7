import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { createCommissions } from "../../db/commissions.ts";
import { closeParticipation } from "../../db/referrals.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { AccountId, ParticipantId, ShopId } from "../../domain/id.ts";
import { createAccountWorld, newEmail } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import type { Answer, Tenant } from "./owner-world.ts";

type Owner = Tenant & { accountId: AccountId };
type Joined = Owner & { participantId: ParticipantId; code: string };

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

async function addOwner(): Promise<Owner> {
  const tenant = await world.addTenant();
  const { rows } = await world.owner.query<{ id: AccountId }>(
    "select account_id as id from memberships where shop_id = $1 and role = 'owner'",
    [tenant.shopId],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("a shop has an owner");
  return { ...tenant, accountId: row.id };
}

const join = ({ owner: token }: Tenant) =>
  world.ask("POST", "/v1/referral/join", { token, body: { termsVersion: 1 } });

async function addJoined(): Promise<Joined> {
  const owner = await addOwner();
  const { code } = (await join(owner)).body;
  const { rows } = await world.owner.query<{ id: ParticipantId }>(
    "select id from referral_participants where code = $1",
    [code],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("nobody has the code");
  return { ...owner, code, participantId: row.id };
}

/** The first request for a plan, with a code. */
function askWith(
  { owner: token }: Tenant,
  referralCode: string,
  { key = randomUUID(), shopId, cookie }: { key?: string; shopId?: ShopId; cookie?: string } = {},
): Promise<Answer> {
  return world.ask("POST", "/v1/upgrade-requests", {
    token,
    body: { planCode: "starter", referralCode },
    headers: {
      "idempotency-key": key,
      ...(shopId === undefined ? {} : { "shopthread-shop": toTypeId("shop", shopId) }),
      ...(cookie === undefined ? {} : { cookie }),
    },
  });
}

async function placeOf(accountId: AccountId) {
  const { rows } = await world.owner.query<{ referrer_id: ParticipantId | null; source: string | null }>(
    "select referrer_id, source from referral_participants where account_id = $1",
    [accountId],
  );
  return rows[0];
}

async function requestsOf(shopId: ShopId): Promise<number> {
  const { rows } = await world.owner.query("select from upgrade_requests where shop_id = $1", [shopId]);
  return rows.length;
}

const mayName = async ({ owner: token }: Tenant): Promise<boolean> =>
  (await world.ask("GET", "/v1/referral", { token })).body.mayNameReferrer;

async function pay({ shopId, accountId }: Owner): Promise<void> {
  const now = new Date();
  const payment = { paymentId: newId<string>(), shopId, payerAccountId: accountId, paidAt: now, now };
  const money = { amountMinor: 45_000, currency: "MMK" as const };
  await world.worker.withShop(shopId, (trx) => createCommissions(trx, { ...payment, ...money }));
}

const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

describe("a referral code", () => {
  test("M:ONAMI-09 is each owner's own, and attributes at sign-up or with the first request for a plan", async () => {
    const [early, late] = [await addJoined(), await addJoined()];
    expect(new Set([early.code, late.code, (await join(early)).body.code]).size).toBe(2);
    const taken = world.owner.query("update referral_participants set code = $2 where id = $1", [
      late.participantId,
      early.code,
    ]);
    await expect(taken).rejects.toThrow("referral_participants_code_key");

    const email = newEmail();
    await world.signUp({ email, referralCode: early.code });
    const accountId = await world.idOf(email);
    const { token } = (await world.signIn(email)).body;
    const link = await world.tokenOf(accountId, "verify_email");
    await world.post("/v1/email-verifications", { token: link }, { token });
    expect(await placeOf(accountId)).toEqual({ referrer_id: early.participantId, source: "sign_up" });

    const owner = await addOwner();
    expect(await mayName(owner)).toBe(true);
    const asked = await askWith(owner, ` ${late.code.slice(0, 4)}-${late.code.slice(4).toLowerCase()}`);
    expect(asked.status).toBe(201);
    const place = { referrer_id: late.participantId, source: "first_upgrade" };
    expect(await placeOf(owner.accountId)).toEqual(place);
    expect(await mayName(owner)).toBe(false);
    expect(await world.auditOf(owner.shopId)).toContain("referral.attributed");
  });

  test("with two first requests at once gives one referrer, and the other request is not stored", async () => {
    const [owner, ...referrers] = [await addOwner(), await addJoined(), await addJoined()];
    const { shopId: second } = await world.addShop();
    await world.addMember(second, owner.accountId);
    const shops = [owner.shopId, second];
    const answers = await Promise.all(
      referrers.map(({ code }, index) => askWith(owner, code, { shopId: shops[index] ?? second })),
    );
    expect(answers.map(codeOf).toSorted((a, b) => a.status - b.status)).toEqual([
      { status: 201, code: undefined },
      { status: 409, code: "referral.already_attributed" },
    ]);
    const won = answers.findIndex(({ status }) => status === 201);
    expect((await placeOf(owner.accountId))?.referrer_id).toBe(referrers[won]?.participantId);
    expect(await Promise.all(shops.map(requestsOf))).toEqual(won === 0 ? [1, 0] : [0, 1]);
  });

  test("attributes once for one key, and its answer is the first one's", async () => {
    const [owner, referrer, key] = [await addOwner(), await addJoined(), randomUUID()];
    const [first, again] = [
      await askWith(owner, referrer.code, { key }),
      await askWith(owner, referrer.code, { key }),
    ];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  test("of nobody, of oneself, of who was brought by oneself or works in one's shop is refused before anything is stored", async () => {
    const owner = await addJoined();
    const [child, grandchild, mate, gone] = [
      await addJoined(),
      await addJoined(),
      await addJoined(),
      await addJoined(),
    ];
    await askWith(child, owner.code);
    await askWith(grandchild, child.code);
    await world.addMember(owner.shopId, mate.accountId, "viewer");
    await world.worker.withoutShop((trx) => closeParticipation(trx, gone.accountId));
    const key = randomUUID();
    const refused = [];
    for (const code of ["22223333", gone.code, owner.code, child.code, grandchild.code, mate.code])
      refused.push(codeOf(await askWith(owner, code, { key })));
    expect(refused).toEqual([
      { status: 422, code: "referral.unknown_code" },
      { status: 422, code: "referral.unknown_code" },
      { status: 422, code: "referral.self_referral" },
      { status: 422, code: "referral.own_network" },
      { status: 422, code: "referral.own_network" },
      { status: 422, code: "referral.own_shop" },
    ]);
    expect(codeOf(await askWith(owner, "not a code", { key }))).toEqual({
      status: 422,
      code: "request.invalid",
    });
    expect([await placeOf(owner.accountId), await requestsOf(owner.shopId)]).toEqual([
      { referrer_id: null, source: null },
      0,
    ]);
    const right = await addJoined();
    expect((await askWith(owner, right.code, { key })).status).toBe(201);
  });

  test("comes too late after a payment of the owner's, or of the shop's by another owner", async () => {
    const [referrer, payer, partner] = [await addJoined(), await addOwner(), await addOwner()];
    await pay(payer);
    expect(codeOf(await askWith(payer, referrer.code))).toEqual({
      status: 409,
      code: "referral.already_paid",
    });
    await world.owner.query("set session_replication_role = replica");
    await world.owner.query(
      `insert into plan_payments (shop_id, id, request_id, plan_code, plan_version, amount_minor, currency,
          payer_account_id, paid_at) values ($1, $2, $2, 'starter', 1, 45000, 'MMK', $3, now())`,
      [partner.shopId, newId<string>(), payer.accountId],
    );
    await world.owner.query("reset session_replication_role");
    expect(codeOf(await askWith(partner, referrer.code))).toEqual({
      status: 409,
      code: "referral.already_paid",
    });
    expect([await mayName(payer), await mayName(partner)]).toEqual([false, false]);
  });

  test("leaves the signs by which the rules against fraud compare", async () => {
    const [owner, referrer] = [await addOwner(), await addJoined()];
    await askWith(owner, referrer.code, { cookie: `browser=${"c".repeat(22)}` });
    const { rows } = await world.owner.query<{ kind: string }>(
      "select kind from referral_signals where account_id = $1 order by kind",
      [owner.accountId],
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["device", "email"]);
  });
});
