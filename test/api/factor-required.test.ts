import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { mountOwnerApi } from "../../api/v1/owner-api.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { mountComplianceApi } from "../../api/v1/compliance/compliance-api.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { platformRoles } from "../../domain/platform-role.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { sweepTimes } from "./every-operation.ts";
import { codeOf, enrol, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

/** Two APIs over one database: one as outside the demonstration, one as in it. */
let demo: OwnerWorld;
let strict: OwnerWorld;
beforeAll(async () => {
  demo = await createOwnerWorld(createRateLimits(sweepTimes), [mountAdminApi, mountComplianceApi]);
  const settings = { ...demo.deps.settings, requiresSecondFactor: true };
  const deps = { ...demo.deps, settings };
  strict = {
    ...demo,
    deps,
    api: createApi(deps, [mountOwnerApi, mountAdminApi, mountComplianceApi], createRateLimits(sweepTimes)),
  };
  strict.ask = async (method, path, asking) => {
    const { token, body } = asking ?? {};
    const response = await strict.api.app.request(path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      body: bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8")),
    };
  };
});
afterAll(() => demo.close());

async function addPerson(role: MembershipRole) {
  const [shop, account] = [await demo.addShop(), await demo.addAccount()];
  await demo.addMember(shop.shopId, account.accountId, role);
  return { account, token: await tokenOf(demo, account) };
}

async function addAdmin(role: PlatformRole) {
  const account = await demo.addAccount();
  await demo.giveRole(account.accountId, role);
  return { account, token: await tokenOf(demo, account) };
}

const isOfPlatform = (role: MembershipRole | PlatformRole): role is PlatformRole =>
  platformRoles.some((known) => known === role);
const shopRoles = ["owner", "manager", "order_agent", "finance", "viewer", "staff"] as const;

describe.each([...shopRoles, ...platformRoles])("M:MIKY-61 an account of the role %s", (role) => {
  test("may do nothing but enrol and sign out until it has a factor, and then goes on", async () => {
    const { token } = isOfPlatform(role) ? await addAdmin(role) : await addPerson(role);
    const surface = isOfPlatform(role) ? "/v1/admin/upgrade-requests" : "/v1/orders";
    for (const path of [surface, "/v1/shop", "/v1/sessions", "/v1/profile", "/v1/account-events"]) {
      const answer = await strict.ask("GET", path, { token });
      expect({ [path]: [answer.status, answer.body.code] }).toEqual({ [path]: [403, "factor.required"] });
    }
    expect((await strict.ask("GET", "/v1/sessions/current", { token })).body).toMatchObject({
      isFactorRequired: true,
    });
    expect((await strict.ask("GET", "/v1/second-factor", { token })).body).toMatchObject({
      isRequired: true,
    });
    const enrolled = await enrol(strict, token);
    expect((await strict.ask("GET", "/v1/sessions", { token: enrolled.token })).status).toBe(200);
    const { body } = await strict.ask("GET", surface, { token: enrolled.token });
    expect(body.code).not.toBe("factor.required");
  });
});

test("P:MIK-42 an admin without a second factor can only enrol, and a code of it is taken once", async () => {
  const { account, token } = await addAdmin("subscription_admin");
  const queue = "/v1/admin/upgrade-requests";
  expect((await strict.ask("GET", queue, { token })).body.code).toBe("factor.required");
  const { secret } = await enrol(strict, token);
  const code = codeOf(strict, secret);
  const signInWith = async () => {
    const { email, password } = account;
    const { body } = await strict.ask("POST", "/v1/sessions", { body: { email, password } });
    return strict.ask("POST", "/v1/sessions/code", { body: { codeToken: body.codeToken, code } });
  };
  const first = await signInWith();
  expect((await strict.ask("GET", queue, { token: first.body.token })).status).toBe(200);
  expect((await signInWith()).status).toBe(401);
});

test("M:MIKY-61 an admin who has another session from before the factor decides nothing with it", async () => {
  const { account, token } = await addAdmin("subscription_admin");
  const other = await tokenOf(demo, account);
  await enrol(strict, token);
  expect((await strict.ask("GET", "/v1/admin/upgrade-requests", { token: other })).status).toBe(401);
});

test("M:MIKY-61 in the demonstration, and without customer data, a factor is offered and not demanded", async () => {
  const owner = await addPerson("owner");
  expect((await demo.ask("GET", "/v1/orders", { token: owner.token })).status).toBe(200);
  const { token } = await addPerson("catalogue");
  expect((await strict.ask("GET", "/v1/products", { token })).status).toBe(200);
  expect(codeOf(demo, (await enrol(demo, owner.token)).secret)).toMatch(/^\d{6}$/);
});

test("an admin who has not proven the address decides nothing", async () => {
  const { account, token } = await addAdmin("subscription_admin");
  await demo.owner.query("update accounts set verified_at = null where id = $1", [account.accountId]);
  const { status, body } = await demo.ask("GET", "/v1/admin/upgrade-requests", { token });
  expect([status, body.code]).toEqual([403, "account.unverified"]);
});

test("of several shops one with customer data is enough", async () => {
  const { account, token } = await addPerson("catalogue");
  const second = await demo.addShop();
  await demo.addMember(second.shopId, account.accountId, "viewer");
  expect((await strict.ask("GET", "/v1/products", { token })).body.code).toBe("factor.required");
});

test("an API key is no person: it needs none", async () => {
  const { shopId } = await demo.addShop();
  const token = await demo.addApiKey(shopId);
  expect((await strict.ask("GET", "/v1/orders", { token })).status).toBe(200);
});
