import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import { readHouseState } from "../../db/system-state.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import type { AccountId, ParticipantId } from "../../domain/id.ts";
import { sweepTimes } from "./every-operation.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

type Admin = { token: string; accountId: AccountId };
type Place = { id: ParticipantId; accountId: AccountId; code: string };

const dayMs = 24 * 60 * 60_000;
const base = "/v1/admin/referral-applications";

let world: UpgradeWorld;
let admin: Admin;
beforeAll(async () => {
  world = await createUpgradeWorld(createRateLimits(sweepTimes));
  admin = await world.addAdmin("payout_approver");
});
afterAll(() => world.close());

function apply({ owner: token }: Tenant, browser?: string): Promise<Answer> {
  return world.ask("POST", "/v1/referral/join", {
    token,
    body: { termsVersion: 1 },
    ...(browser === undefined ? {} : { headers: { cookie: `browser=${browser}` } }),
  });
}

const look = ({ owner: token }: Tenant): Promise<Answer> => world.ask("GET", "/v1/referral", { token });

async function placeOf({ shopId }: Tenant): Promise<Place> {
  const { rows } = await world.owner.query<Place>(
    `select p.id, p.account_id as "accountId", p.code from referral_participants p
      join memberships m on m.account_id = p.account_id and m.role = 'owner' where m.shop_id = $1`,
    [shopId],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("no place in the tree");
  return row;
}

/** Somebody who shares a browser with a participant who is suspended. */
async function addDoubtful(): Promise<{ tenant: Tenant; browser: string; suspended: Place }> {
  const browser = randomBytes(16).toString("base64url");
  const [other, tenant] = [await world.addTenant(), await world.addTenant()];
  await apply(other, browser);
  const suspended = await placeOf(other);
  await world.owner.query("update referral_participants set state = 'suspended' where id = $1", [
    suspended.id,
  ]);
  expect((await apply(tenant, browser)).body.state).toBe("submitted");
  return { tenant, browser, suspended };
}

async function applicationOf(tenant: Tenant): Promise<string> {
  const { id } = await placeOf(tenant);
  const { body } = await world.ask("GET", `${base}?limit=100`, { token: admin.token });
  type Item = { id: string; participantId: string };
  const item = body.data.find(({ participantId }: Item) => fromTypeId("ptc", participantId) === id);
  return item?.id ?? "";
}

function decide(
  id: string,
  verb: "approve" | "reject",
  { token = admin.token, key = randomUUID() }: { token?: string; key?: string } = {},
): Promise<Answer> {
  return world.ask("POST", `${base}/${id}/${verb}`, {
    token,
    ...(verb === "reject" ? { body: { reason: "same_person" } } : {}),
    headers: { "idempotency-key": key },
  });
}

/** What becomes of a first request for a plan that names the code. */
async function useCode(referralCode: string): Promise<string | number> {
  const { owner: token } = await world.addTenant();
  const body = { planCode: "starter", referralCode };
  const answer = await world.ask("POST", "/v1/upgrade-requests", { token, body });
  return answer.body.code ?? answer.status;
}

const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

async function mailsTo(accountId: AccountId): Promise<number> {
  const { rows } = await world.owner.query(
    "select from mails where account_id = $1 and kind = 'application_decided'",
    [accountId],
  );
  return rows.length;
}

describe("an application to the referral", () => {
  test("M:OCHAT-12 accepts the terms by version, is approved at once, or submitted, reviewed and approved", async () => {
    const clean = await world.addTenant();
    expect((await apply(clean)).body).toMatchObject({
      state: "active",
      application: { state: "approved", termsVersion: 1, reason: null },
    });

    const { tenant, suspended } = await addDoubtful();
    const { id: participantId, accountId, code } = await placeOf(tenant);
    expect((await look(tenant)).body).toMatchObject({
      state: "submitted",
      code: null,
      link: null,
      application: { state: "submitted", termsVersion: 1, decidedAt: null },
    });
    expect(await useCode(code)).toBe("referral.unknown_code");

    const id = await applicationOf(tenant);
    const queue = await world.ask("GET", `${base}?limit=100`, { token: admin.token });
    const item = queue.body.data.find((each: { id: string }) => each.id === id);
    expect(item).toMatchObject({
      state: "submitted",
      termsVersion: 1,
      findings: ["like_held"],
      decidedBy: null,
    });
    expect(item.alikeIds.map((alike: string) => fromTypeId("ptc", alike))).toEqual([suspended.id]);

    const key = randomUUID();
    const [approved, again] = [await decide(id, "approve", { key }), await decide(id, "approve", { key })];
    expect(approved.body).toMatchObject({ state: "approved", reason: null });
    expect(fromTypeId("acc", approved.body.decidedBy)).toBe(admin.accountId);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const after = await look(tenant);
    expect(after.body).toMatchObject({ state: "active", code, application: { state: "approved" } });
    expect(after.body.link).toContain(code);
    expect(await useCode(code)).toBe(201);
    expect(await mailsTo(accountId)).toBe(1);
    const { rows } = await world.owner.query(
      "select actor_id, resource_id from audit_events where shop_id = $1 and action = 'referral_application.approved' and subject_id = $2",
      [platformShopId, participantId],
    );
    expect(rows).toEqual([{ actor_id: admin.accountId, resource_id: fromTypeId("rap", id) }]);
  });

  test("that is rejected says why, and is made again after thirty days, not before", async () => {
    const { tenant, browser } = await addDoubtful();
    const { code, accountId } = await placeOf(tenant);
    await decide(await applicationOf(tenant), "reject");
    const { body } = await look(tenant);
    expect(body).toMatchObject({ state: "rejected", code: null, application: { reason: "same_person" } });
    expect(await useCode(code)).toBe("referral.unknown_code");
    world.passTime(30 * dayMs - 60_000);
    const owner = await world.openSession(accountId);
    expect(codeOf(await apply({ ...tenant, owner }, browser))).toEqual({
      status: 409,
      code: "referral.rejected_lately",
    });
    world.passTime(60_000);
    expect((await apply({ ...tenant, owner }, browser)).body).toMatchObject({
      state: "submitted",
      application: { reason: null },
    });
    world.passTime(-30 * dayMs);
  });

  test("is looked at by a person where somebody of that browser is suspended with their account", async () => {
    const browser = randomBytes(16).toString("base64url");
    const [other, tenant] = [await world.addTenant(), await world.addTenant()];
    await apply(other, browser);
    const { id, accountId } = await placeOf(other);
    await world.owner.query(
      "update accounts set suspended_at = now(), suspended_for = 'fraud' where id = $1",
      [accountId],
    );
    expect((await apply(tenant, browser)).body.state).toBe("submitted");
    const { rows } = await world.owner.query(
      "select alike_ids from referral_applications where participant_id = $1",
      [(await placeOf(tenant)).id],
    );
    expect(rows).toEqual([{ alike_ids: [id] }]);
  });

  test("waits for a person who has an open flag of their own", async () => {
    const { tenant, browser } = await addDoubtful();
    const { id } = await placeOf(tenant);
    await decide(await applicationOf(tenant), "reject");
    await world.owner.query(
      `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
        values ($1, $2, 'same_payout_account', 'k', 'high', now())`,
      [newId<string>(), id],
    );
    await world.owner.query(
      "update referral_applications set decided_at = now() - interval '31 days' where participant_id = $1",
      [id],
    );
    await apply(tenant, browser);
    const { rows } = await world.owner.query<{ findings: string[] }>(
      "select findings from referral_applications where participant_id = $1 order by id desc limit 1",
      [id],
    );
    expect(rows[0]?.findings).toEqual(["own_flag", "like_held"]);
  });

  test("is decided once, and by nobody on the applicant's line of the tree", async () => {
    const { tenant } = await addDoubtful();
    const id = await applicationOf(tenant);
    const { accountId } = await placeOf(tenant);
    await world.grant(accountId, ["payout_approver"]);
    const own = await world.openSession(accountId);
    expect(codeOf(await decide(id, "approve", { token: own }))).toEqual({
      status: 403,
      code: "referral_application.related",
    });
    const reader = await world.addAdmin("auditor");
    expect((await decide(id, "approve", { token: reader.token })).body.code).toBe("scope.missing");
    const other = await world.addAdmin("compliance");
    const answers = await Promise.all([decide(id, "approve"), decide(id, "reject", { token: other.token })]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(await mailsTo(accountId)).toBe(1);
  });

  test("is not decided by who brought the applicant, be the applicant's account gone", async () => {
    const [{ tenant }, above] = [await addDoubtful(), await world.addTenant()];
    await apply(above);
    const { id: referrerId, accountId } = await placeOf(above);
    const id = await applicationOf(tenant);
    await world.owner.query(
      "update referral_participants set account_id = null, referrer_id = $2, source = 'sign_up', attributed_at = now() where id = $1",
      [(await placeOf(tenant)).id, referrerId],
    );
    await world.grant(accountId, ["payout_approver"]);
    const token = await world.openSession(accountId);
    expect((await decide(id, "approve", { token })).body.code).toBe("referral_application.related");
  });

  test("that waits is counted with what waits for an admin", async () => {
    const count = async () => (await readHouseState(world.deps.system, new Date())).waiting.flags.count;
    const before = await count();
    const { tenant } = await addDoubtful();
    expect(await count()).toBe(before + 1);
    await decide(await applicationOf(tenant), "approve");
    expect(await count()).toBe(before);
  });

  test("is approved or rejected by no login of the shops", async () => {
    const attempt = world.deps.db.withoutShop((trx) =>
      trx.updateTable("referral_applications").set({ state: "approved" }).execute(),
    );
    await expect(attempt).rejects.toMatchObject({ code: "42501" });
  });
});
