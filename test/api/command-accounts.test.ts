import { afterAll, beforeAll, expect, test } from "vitest";

import { emptyPolicies } from "../../domain/shop/policies.ts";
import { createShop, ensureAccount, makeAccount } from "../../runtime/create-shop.ts";
import { UsageError } from "../../runtime/run-command.ts";
import { newEmail } from "./account-world.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

const login = { password: "seven green umbrellas", platformRole: null };

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

function openShop(email: string) {
  const { password } = login;
  return createShop(world.deps, {
    name: "Shop",
    country: "MM",
    currency: "MMK",
    timeZone: "Asia/Yangon",
    languages: ["my"],
    agentName: "Aye",
    policies: emptyPolicies,
    owner: { email, password },
  });
}

async function shopsOf(email: string): Promise<number> {
  const accountId = await ensureAccount(world.deps, { email, ...login });
  const { rows } = await world.owner.query("select from memberships where account_id = $1", [accountId]);
  return rows.length;
}

test("a command that makes an account makes it once, and is told when somebody was faster", async () => {
  const email = newEmail();
  const made = await Promise.all([
    makeAccount(world.deps, { email, ...login }),
    makeAccount(world.deps, { email: email.toUpperCase(), ...login }),
  ]);
  expect(made.filter((id) => id !== undefined)).toHaveLength(1);
  expect(await ensureAccount(world.deps, { email, ...login })).toBe(made.find((id) => id !== undefined));
});

test("a shop goes to the account of an address, and to none that nobody has confirmed", async () => {
  const { email, accountId } = await world.addAccount();
  expect((await openShop(email)).accountId).toBe(accountId);
  await world.owner.query("update accounts set verified_at = null where id = $1", [accountId]);
  await expect(openShop(email)).rejects.toThrow(UsageError);
  await world.owner.query("update accounts set verified_at = now() where id = $1", [accountId]);
  expect(await shopsOf(email)).toBe(1);
});

test("a shop goes to no account of the platform", async () => {
  const { email, accountId } = await world.addAccount();
  await world.giveRole(accountId, "auditor");
  await expect(openShop(email)).rejects.toThrow(UsageError);
  expect(await shopsOf(email)).toBe(0);
});
