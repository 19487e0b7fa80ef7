import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import type { AccountId } from "../../domain/id.ts";
import { attested, createAccountWorld } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

/** What each of the four asks for, by what is asked. */
const asked = {
  policies: "/v1/policies",
  profile: "/v1/profile",
  plan: "/v1/subscription",
  orders: "/v1/orders",
  payouts: "/v1/payout-preferences",
};

async function rightsOf(token?: string): Promise<Record<string, string>> {
  const rights: Record<string, string> = {};
  for (const [what, path] of Object.entries(asked)) {
    const { status, body } = await world.ask("GET", path, token === undefined ? {} : { token });
    rights[what] = status === 200 ? "yes" : body.code;
  }
  return rights;
}

/** What is kept of the person. */
async function dataOf(accountId: AccountId): Promise<object | undefined> {
  const { rows } = await world.owner.query<object>(
    `select (select count(*)::int from subscriptions s join memberships m using (shop_id) where m.account_id = a.id)
        as subscriptions,
      (select code is not null from referral_participants p where p.account_id = a.id) as "hasCode",
      array(select k.kind from subjects k left join referral_participants p on p.id = k.id
        where k.id = a.id or p.account_id = a.id order by k.kind) as subjects
      from accounts a where a.id = $1`,
    [accountId],
  );
  return rows[0];
}

describe("M:MIKY-01 rights and data are other ones", () => {
  test("for a visitor, a registered user, a subscriber and a participant of the referral", async () => {
    expect(await rightsOf()).toEqual({
      policies: "yes",
      profile: "session.missing",
      plan: "session.missing",
      orders: "session.missing",
      payouts: "session.missing",
    });

    const { accountId, token } = await world.addVerified();
    expect(await rightsOf(token)).toEqual({
      policies: "yes",
      profile: "yes",
      plan: "shop.none",
      orders: "shop.none",
      payouts: "shop.none",
    });
    const registered = { subscriptions: 0, hasCode: null, subjects: ["account"] };
    expect(await dataOf(accountId)).toEqual(registered);

    const opened = await world.post("/v1/shops", { name: "Mine", attested }, { token });
    expect(opened.status).toBe(201);
    const subscriber = { policies: "yes", profile: "yes", plan: "yes", orders: "yes" };
    expect(await rightsOf(token)).toEqual({ ...subscriber, payouts: "referral.not_joined" });
    expect(await dataOf(accountId)).toEqual({ ...registered, subscriptions: 1 });

    await world.post("/v1/referral/join", { termsVersion: 1 }, { token });
    expect(await rightsOf(token)).toEqual({ ...subscriber, payouts: "yes" });
    expect(await dataOf(accountId)).toEqual({
      subscriptions: 1,
      hasCode: true,
      subjects: ["account", "participant"],
    });
  });
});
