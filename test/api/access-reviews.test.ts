import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { openAccessReviews } from "../../activities/upkeep/open-access-reviews.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import { readHouseState } from "../../db/system-state.ts";
import type { AccessDecision } from "../../domain/access/access-review.ts";
import type { ShopId } from "../../domain/id.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { sweepTimes } from "./every-operation.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

const day = 24 * 60 * 60_000;
const base = "/v1/access-reviews";
const ofPlatform = "/v1/compliance/access-reviews";

let world: UpgradeWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createUpgradeWorld(createRateLimits(sweepTimes));
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

/** At another time, as a schedule comes again. */
async function look(days: number): Promise<void> {
  const now = new Date(Date.now() + days * day);
  await openAccessReviews({ ...upkeepDeps(world), clock: { now: () => now } });
}

async function reviewsOf(shopId: ShopId) {
  const { rows } = await world.owner.query<{ id: string; due: number; signed: boolean }>(
    `select id, round(extract(epoch from due_at - now()) / 86400)::int as due, signed_at is not null as signed
      from access_reviews where shop_id = $1 order by id`,
    [shopId],
  );
  return rows;
}

async function noticesOf(shopId: ShopId): Promise<number> {
  const { rowCount } = await world.owner.query(
    "select 1 from owner_notices where shop_id = $1 and kind = 'access_review_due'",
    [shopId],
  );
  return rowCount ?? 0;
}

const ask = (path: string, token = tenant.owner) => world.ask("GET", path, { token });

async function read(at = base, token = tenant.owner) {
  const { body } = await ask(`${at}?limit=1`, token);
  const path = `${at}/${body.data[0].id}`;
  return { path, review: (await ask(path, token)).body };
}

function sign(
  path: string,
  decisions: object[],
  { token = tenant.owner, key = randomUUID() }: { token?: string; key?: string } = {},
): Promise<Answer> {
  return world.ask("POST", `${path}/sign`, {
    token,
    headers: { "idempotency-key": key },
    body: { decisions },
  });
}

const keepAll = (access: object[]) => access.map((one) => ({ ...one, decision: "keep" }));

test("M:ONAMI-50 a review of a shop is opened each quarter, reminded of once, and counted when nobody signs in time", async () => {
  await look(89);
  expect(await reviewsOf(tenant.shopId)).toEqual([]);
  await look(90);
  await look(90);
  expect(await reviewsOf(tenant.shopId)).toMatchObject([{ due: 104, signed: false }]);
  expect(await noticesOf(tenant.shopId)).toBe(1);
  for (const days of [96, 97, 98, 120, 200]) await look(days);
  expect(await noticesOf(tenant.shopId)).toBe(2);
  expect(await reviewsOf(tenant.shopId)).toHaveLength(1);
  const overdue = async (days: number) =>
    (await readHouseState(world.deps.system, new Date(Date.now() + days * day))).waiting.reviews.count;
  expect([await overdue(103), (await overdue(105)) > 0]).toEqual([0, true]);

  const { path, review } = await read();
  expect((await sign(path, keepAll(review.access))).body).toMatchObject({ state: "signed" });
  await look(179);
  expect(await reviewsOf(tenant.shopId)).toHaveLength(1);
  await look(180);
  expect(await reviewsOf(tenant.shopId)).toMatchObject([{ signed: true }, { signed: false }]);
});

test("M:ONAMI-50 an owner keeps and removes people and keys by one signature, which is kept", async () => {
  await look(90);
  const { path, review } = await read();
  expect(review.access.map(({ kind, detail }: AccessDecision) => `${kind} ${detail}`).toSorted()).toEqual([
    "api_key all",
    "member owner",
    "member staff",
  ]);
  const decisions = review.access.map((one: AccessDecision) => ({
    ...one,
    decision: one.detail === "owner" ? "keep" : "remove",
  }));
  const key = randomUUID();
  const [first, again] = [await sign(path, decisions, { key }), await sign(path, decisions, { key })];
  expect(first.body).toMatchObject({ state: "signed", access: [] });
  expect(again.body).toEqual(first.body);
  expect(first.body.decisions).toHaveLength(3);
  expect((await ask("/v1/shop", tenant.staff)).status).toBe(403);
  expect((await ask("/v1/shop", tenant.key)).status).toBe(401);
  expect((await ask("/v1/shop")).status).toBe(200);
  const log = await world.auditOf(tenant.shopId);
  expect(log.toSorted()).toEqual(["access_review.signed", "api_key.revoked", "member.removed"]);
  expect((await sign(path, decisions)).body.code).toBe("access_review.signed_already");
});

test("a sign-off of something else than what is there changes nothing", async () => {
  await look(90);
  const { path, review } = await read();
  const [one, ...others] = review.access;
  const remove = (access: object[]) => access.map((each) => ({ ...each, decision: "remove" }));
  const wrong = {
    "left out": remove(others),
    "another role": remove([{ ...one, detail: "manager" }, ...others]),
    nonsense: remove([{ ...one, id: "x" }, ...others]),
  };
  for (const [name, decisions] of Object.entries(wrong))
    expect([name, (await sign(path, decisions)).body.code]).toEqual([name, "access_review.differs"]);
  await world.signIn(tenant.shopId, "viewer");
  expect((await sign(path, remove(review.access))).body.code).toBe("access_review.differs");
  const { review: now } = await read();
  expect((await sign(path, remove(now.access))).body.code).toBe("member.last_owner");
  expect(await reviewsOf(tenant.shopId)).toMatchObject([{ signed: false }]);
  expect((await read()).review.access).toHaveLength(4);
  expect((await ask("/v1/shop", tenant.key)).status).toBe(200);
  expect((await sign(path, keepAll(now.access), { token: tenant.staff })).status).toBe(403);
});

test("M:ONAMI-50 compliance confirms the platform's roles, and a removed one is gone at once", async () => {
  const [signs, loses] = [await world.addAdmin("compliance"), await world.addAdmin("auditor")];
  await look(90);
  const { rows } = await world.owner.query(
    "select 1 from mails where account_id = $1 and kind = 'access_review_waits'",
    [signs.accountId],
  );
  expect(rows).toHaveLength(1);
  const { path, review } = await read(ofPlatform, signs.token);
  const decisions = review.access.map((one: AccessDecision) => ({
    ...one,
    decision: one.detail === "auditor" ? "remove" : "keep",
  }));
  expect((await sign(path, decisions, { token: loses.token })).body.code).toBe("scope.missing");
  expect((await sign(path, decisions, { token: signs.token })).body).toMatchObject({ state: "signed" });
  expect((await ask(ofPlatform, loses.token)).body.code).toBe("platform.no_role");
  expect((await ask(ofPlatform, signs.token)).status).toBe(200);
  const log = await world.auditOf(platformShopId);
  expect(log.filter((action) => action === "role.revoked" || action === "access_review.signed")).toEqual([
    "role.revoked",
    "access_review.signed",
  ]);
});
