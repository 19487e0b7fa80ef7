import { afterAll, beforeAll, expect, test } from "vitest";

import { findAccount } from "../../db/accounts.ts";
import type { AccountId } from "../../domain/id.ts";
import { whyNoRole } from "../../runtime/why-no-role.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

async function reasonOf(accountId: AccountId): Promise<string | undefined> {
  const account = await world.deps.db.withoutShop((trx) => findAccount(trx, accountId));
  if (account === undefined) throw new Error("no such account");
  return whyNoRole(world.deps, account);
}

test("a role of the platform goes to a proven account that is in no shop", async () => {
  const { accountId } = await world.addAccount();
  expect(await reasonOf(accountId)).toBeUndefined();
  await world.owner.query("update accounts set verified_at = null where id = $1", [accountId]);
  expect(await reasonOf(accountId)).toContain("not confirmed");
});

test("a role of the platform does not go to whoever works in a shop", async () => {
  const [{ shopId }, { accountId }] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shopId, accountId, "viewer");
  expect(await reasonOf(accountId)).toContain("works in a shop");
});
