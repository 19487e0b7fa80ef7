import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { requireRoom } from "../../db/require-room.ts";
import { createConsoleWorld } from "../console/console-world.ts";
import type { ConsoleWorld } from "../console/console-world.ts";
import type { Answer, Tenant } from "./owner-world.ts";

let world: ConsoleWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createConsoleWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

const price = { amountMinor: 1_000, currency: "MMK" };
const create = (state = "published"): Promise<Answer> =>
  world.ask("POST", "/v1/products", {
    token: tenant.owner,
    body: { name: "Bag", state, variants: [{ price }] },
  });

/** A trial allows 20 products. */
async function fill(count: number): Promise<void> {
  await world.owner.query(
    `insert into products (shop_id, id, name, state, created_at, updated_at)
      select $1, gen_random_uuid(), 'Bag', 'draft', now(), now() from generate_series(1, $2)`,
    [tenant.shopId, count],
  );
}

describe("the limit of a plan", () => {
  test("M:ONAMI-07 of a shop's plan, which has its end, lets the last product in and no more, of several at once as many as there is room for, until the plan is a larger one", async () => {
    const { body: subscription } = await world.ask("GET", "/v1/subscription", { token: tenant.owner });
    expect(subscription).toMatchObject({
      planCode: "trial",
      next: { state: "grace", at: subscription.endsAt },
    });
    await fill(18);
    const answers = await Promise.all(Array.from({ length: 6 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    const { body } = await create();
    expect(body).toMatchObject({
      code: "plan.limit_reached",
      limit: { what: "products", most: 20, planCode: "trial" },
    });
    await world.owner.query("update subscriptions set plan_code = 'starter' where shop_id = $1", [
      tenant.shopId,
    ]);
    expect((await create()).status).toBe(201);
  });

  test("leaves what is above it, counts nothing that is archived, and holds for what comes back", async () => {
    await fill(25);
    expect((await create("archived")).status).toBe(201);
    const { body } = await world.ask("GET", "/v1/products?state=archived", { token: tenant.owner });
    const path = `/v1/products/${body.data[0].id}`;
    const back = await world.ask("PATCH", path, { token: tenant.owner, body: { state: "published" } });
    expect(back.body.code).toBe("plan.limit_reached");
    const renamed = await world.ask("PATCH", path, { token: tenant.owner, body: { name: "Basket" } });
    expect(renamed.status).toBe(200);
    await world.owner.query("update products set state = 'archived' where shop_id = $1", [tenant.shopId]);
    expect((await create()).status).toBe(201);
  });

  test("is said by the console as well", async () => {
    await fill(20);
    const form = { name: "Bag", price: "1000", onHand: "1" };
    const session = tenant.owner;
    const { headers } = await world.visit("POST", "/console/products", { session, form });
    expect(decodeURIComponent(headers.get("set-cookie") ?? "")).toContain("problem:plan.limit_reached");
    const { rows } = await world.owner.query("select 1 from products where shop_id = $1", [tenant.shopId]);
    expect(rows).toHaveLength(20);
  });
});

test("Pages and staff have their limits: what is disconnected, and owners, do not count", async () => {
  const { shopId } = tenant;
  const room = (what: "pages" | "staff") =>
    world.deps.db
      .withShop(shopId, (trx) => requireRoom(trx, { shopId, what }))
      .then(
        () => "room",
        (error: { code: string }) => error.code,
      );
  // A tenant of the tests has a Page, and one of staff.
  expect([await room("pages"), await room("staff")]).toEqual(["plan.limit_reached", "plan.limit_reached"]);
  await world.owner.query("update pages set state = 'disconnected' where shop_id = $1", [shopId]);
  await world.owner.query("update memberships set role = 'owner' where shop_id = $1", [shopId]);
  expect([await room("pages"), await room("staff")]).toEqual(["room", "room"]);
  const { accountId } = await world.addAccount();
  await world.addMember(shopId, accountId, "staff");
  expect(await room("staff")).toBe("plan.limit_reached");
  await world.owner.query("update subscriptions set plan_code = 'growth' where shop_id = $1", [shopId]);
  expect([await room("pages"), await room("staff")]).toEqual(["room", "room"]);
});
