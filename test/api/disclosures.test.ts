import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { tendDisclosures } from "../../activities/upkeep/tend-disclosures.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import { disclosureLifeMs } from "../../domain/access/disclosure.ts";
import { fromTypeId, newId, toTypeId } from "../../domain/id.ts";
import type { PackageRequest } from "../../domain/ports/package-builder.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { sweepTimes } from "./every-operation.ts";
import { meet } from "./meet.ts";
import type { CustomerOf } from "./owner-rows.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

const base = "/v1/compliance/disclosures";
const day = 24 * 60 * 60_000;
const words = "Order 17 of the township court, 12 November 2026, about Daw Mya.";

type Admin = Awaited<ReturnType<UpgradeWorld["addAdmin"]>>;

let world: UpgradeWorld;
let proposes: Admin;
let first: Admin;
let second: Admin;
let tenant: Tenant;
let customer: CustomerOf;
let built: PackageRequest[];
beforeAll(async () => {
  world = await createUpgradeWorld(createRateLimits(sweepTimes));
});
beforeEach(async () => {
  proposes = await world.addAdmin("compliance");
  [first, second] = [await world.addAdmin("compliance"), await world.addAdmin("platform_admin")];
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  built = [];
});
afterAll(() => world.close());

function say({ token }: Admin, path: string, body?: object, key: string = randomUUID()): Promise<Answer> {
  const headers = { "idempotency-key": key };
  return world.ask("POST", path, { token, headers, ...(body === undefined ? {} : { body }) });
}

const wanted = (more: object = {}) => ({
  shopId: toTypeId("shop", tenant.shopId),
  customerId: toTypeId("cus", customer.customerId),
  ground: "court_order",
  basis: words,
  ...more,
});

async function propose(more: object = {}): Promise<string> {
  const { body, status } = await say(proposes, base, wanted(more));
  expect(status).toBe(201);
  return body.id;
}

const approve = (by: Admin, id: string) => say(by, `${base}/${id}/approve`);
const codeOf = ({ status, body }: Answer) => `${status} ${body.code ?? body.state}`;

const tend = () =>
  tendDisclosures(
    upkeepDeps(world, {
      buildPackage: (request) => {
        built.push(request);
        return Promise.resolve({ packageId: newId<string>() });
      },
    }),
  );

const told = async () => {
  const { body } = await world.ask("GET", "/v1/disclosures", { token: tenant.owner });
  const { rows } = await world.owner.query(
    "select kind from owner_notices where shop_id = $1 and kind = 'disclosure_made'",
    [tenant.shopId],
  );
  return { listed: body.data.length, notices: rows.length, log: await world.auditOf(tenant.shopId) };
};
const nothing = { listed: 0, notices: 0, log: [] };

test("M:ONAMI-42 a disclosure needs two who did not propose it, is of the named person alone, and stands in the log", async () => {
  const id = await propose();
  await tend();
  expect(codeOf(await approve(proposes, id))).toBe("403 disclosure.own_proposal");
  expect(codeOf(await approve(first, id))).toBe("200 proposed");
  expect(codeOf(await approve(first, id))).toBe("200 proposed");
  await tend();
  expect([built, await told()]).toEqual([[], nothing]);

  expect(codeOf(await approve(second, id))).toBe("200 approved");
  await tend();
  await tend();
  expect(built).toEqual([
    expect.objectContaining({
      kind: "disclosure",
      shopId: tenant.shopId,
      subjectId: customer.customerId,
    }),
  ]);
  expect(await told()).toEqual({ listed: 1, notices: 1, log: ["disclosure.told"] });

  const auditor = await world.addAdmin("auditor");
  const { body } = await world.ask("GET", `${base}/${id}`, { token: auditor.token });
  expect(body).toMatchObject({
    state: "built",
    basis: words,
    approvedBy: [first, second].map(({ accountId }) => toTypeId("acc", accountId)),
  });
  const { rows } = await world.owner.query(
    `select action, actor_id from audit_events where shop_id = $1 and subject_id = $2 order by id`,
    [platformShopId, customer.customerId],
  );
  expect(rows).toEqual([
    { action: "disclosure.proposed", actor_id: proposes.accountId },
    { action: "disclosure.approved_first", actor_id: first.accountId },
    { action: "disclosure.approved", actor_id: second.accountId },
    { action: "disclosure.viewed", actor_id: auditor.accountId },
  ]);
});

test("an owner who must not know hears of it when that time is over, and nothing of theirs names it before", async () => {
  const barredUntil = new Date(world.deps.clock.now().getTime() + 90 * day).toISOString();
  const id = await propose({ barredUntil });
  await approve(first, id);
  await approve(second, id);
  await tend();
  expect([built.length, await told()]).toEqual([1, nothing]);
  world.passTime(90 * day + 1);
  expect(await tend()).toBe(1);
  world.passTime(-90 * day - 1);
  expect(await told()).toMatchObject({ listed: 1, notices: 1 });
});

test("what two have not approved in thirty days, or one refused, is never built", async () => {
  const refused = await propose();
  await approve(first, refused);
  expect(codeOf(await say(second, `${base}/${refused}/refuse`))).toBe("200 refused");
  const third = await world.addAdmin("platform_admin");
  expect(codeOf(await approve(third, refused))).toBe("409 disclosure.not_waiting");
  const late = await propose();
  await approve(first, late);
  world.passTime(disclosureLifeMs);
  const fresh = await world.addAdmin("compliance");
  expect(codeOf(await approve(fresh, late))).toBe("409 disclosure.not_waiting");
  world.passTime(-disclosureLifeMs);
  await tend();
  expect(built).toEqual([]);
});

test("two who approve at the same moment are two, and its words are sealed", async () => {
  const id = await propose();
  const both = await meet(world, { table: "disclosures", id: fromTypeId("dsc", id) ?? "" }, [
    () => approve(first, id),
    () => approve(second, id),
  ]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  const { rows } = await world.owner.query("select * from disclosures where shop_id = $1", [tenant.shopId]);
  expect(rows[0].approved_at).not.toBeNull();
  expect(rows[0].first_approved_by).not.toBe(rows[0].second_approved_by);
  expect(rows[0].basis.toString("latin1")).not.toContain("Mya");
});

test("is of one person of that shop, on a ground of the list, and not barred for ever", async () => {
  const far = new Date(world.deps.clock.now().getTime() + 731 * day).toISOString();
  for (const wrong of [{ ground: "curiosity" }, { basis: "" }, { barredUntil: far }])
    expect((await say(proposes, base, wanted(wrong))).status).toBe(422);
  const other = await world.addTenant();
  const foreign = { shopId: toTypeId("shop", other.shopId) };
  expect((await say(proposes, base, wanted(foreign))).status).toBe(404);
});
