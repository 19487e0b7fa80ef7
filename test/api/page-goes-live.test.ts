import { afterAll, beforeAll, expect, test } from "vitest";

import { attested } from "./account-world.ts";
import { connect, createPageWorld, signInAtFacebook } from "./page-world.ts";
import type { PageWorld } from "./page-world.ts";

let world: PageWorld;
beforeAll(async () => {
  world = await createPageWorld();
});
afterAll(() => world.close());

test("P:ONA-44 a Page goes live only after an owner has stated the lawful basis; one that was there comes back", async () => {
  const shop = await world.addUnattested();
  await world.buyPlan(shop.shopId);
  const person = await world.facebook.addPerson(1);
  const [metaPageId = ""] = person.pageIds;
  const { id } = await signInAtFacebook(world, shop.owner, person);
  const refused = await connect(world, shop.owner, id, metaPageId);
  expect({ status: refused.status, code: refused.body.code }).toEqual({
    status: 409,
    code: "attestation.missing",
  });
  expect(await world.facebook.subscriptionsOf(metaPageId)).toEqual([]);
  await world.ask("POST", "/v1/shop/attestations", { token: shop.owner, body: { attested } });
  const { body: page } = await connect(world, shop.owner, id, metaPageId);
  expect(page).toMatchObject({ metaPageId, state: "connected" });
  await world.owner.query("delete from shop_attestations where shop_id = $1", [shop.shopId]);
  expect((await connect(world, shop.owner, id, metaPageId)).status).toBe(200);
});
