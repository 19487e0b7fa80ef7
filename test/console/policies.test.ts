import { afterAll, beforeAll, expect, test } from "vitest";

import { currentPolicies, policyNames } from "../../domain/account/policies.ts";
import type { PolicyName } from "../../domain/account/policies.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

const { terms, privacy, processing_abroad: abroad, adult } = currentPolicies;

/** An owner who accepted everything in its present wording, but for these. */
async function ownerBefore(changed: PolicyName[]) {
  const tenant = await world.addTenant();
  const { rows } = await world.owner.query<{ id: string }>(
    "select account_id as id from memberships where shop_id = $1 and role = 'owner'",
    [tenant.shopId],
  );
  const accountId = rows[0]?.id;
  for (const policy of policyNames) {
    const version = changed.includes(policy) ? "2025-01" : currentPolicies[policy].version;
    await world.owner.query("insert into policy_acceptances values ($1, $2, $3, now())", [
      accountId,
      policy,
      version,
    ]);
  }
  return { accountId, session: tenant.owner };
}

test("an owner is asked again what was worded anew, before the console goes on, and by version", async () => {
  const { accountId, session } = await ownerBefore(["terms"]);
  const asked = await world.visit("GET", "/console/products?state=active", { session });
  const page = asked.headers.get("location") ?? "";
  expect(page).toBe(`/console/account/policies?next=${encodeURIComponent("/console/products?state=active")}`);
  const { html } = await world.visit("GET", page, { session });
  expect(html).toContain(`type="checkbox" name="terms" value="${terms.version}"`);
  expect(html).toContain(`type="hidden" name="privacy" value="${privacy.version}"`);

  const form = {
    privacy: privacy.version,
    processing_abroad: abroad.version,
    adult: adult.version,
    next: "/console/products",
  };
  await world.visit("POST", "/console/account/policies", { session, form });
  expect((await world.visit("GET", "/console/products", { session })).status).toBe(303);
  const accepted = { ...form, terms: terms.version };
  const on = await world.visit("POST", "/console/account/policies", { session, form: accepted });
  expect(on.headers.get("location")).toBe("/console/products");
  expect((await world.visit("GET", "/console/products", { session })).status).toBe(200);
  const { rows } = await world.owner.query(
    "select version from policy_acceptances where account_id = $1 and policy = 'terms' order by version",
    [accountId],
  );
  expect(rows).toEqual([{ version: "2025-01" }, { version: terms.version }]);
});

test("what an owner had begun when a wording changed is carried out", async () => {
  const { session } = await ownerBefore(["privacy"]);
  const form = { name: "Shirt", price: "15000" };
  const made = await world.visit("POST", "/console/products", { session, form });
  expect(made.headers.get("location") ?? "").not.toContain("policies");
});

test("a program is told what was worded anew, and accepts nothing but what is in force", async () => {
  const { session: token } = await ownerBefore(["terms", "privacy"]);
  const path = "/v1/accounts/current/policy-acceptances";
  expect((await world.ask("GET", path, { token })).body.changed).toEqual(["terms", "privacy"]);
  expect((await world.ask("GET", "/v1/products", { token })).status).toBe(200);
  const accepted = {
    terms: terms.version,
    privacy: privacy.version,
    processingAbroad: abroad.version,
    adult: adult.version,
  };
  const old = { accepted: { ...accepted, terms: "2025-01" } };
  expect((await world.ask("POST", path, { token, body: old })).status).toBe(422);
  const { status, body } = await world.ask("POST", path, { token, body: { accepted } });
  expect({ status, changed: body.changed, count: body.data.length }).toEqual({
    status: 201,
    changed: [],
    count: 6,
  });
});
