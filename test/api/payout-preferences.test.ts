import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Answer } from "./owner-world.ts";
import { createPayoutWorld, payoutAccount } from "./payout-world.ts";
import type { Earner, PayoutWorld } from "./payout-world.ts";

let world: PayoutWorld;
beforeAll(async () => {
  world = await createPayoutWorld();
});
afterAll(() => world.close());

const path = "/v1/payout-preferences";
const kyat = (amountMinor: number) => ({ amountMinor, currency: "MMK" });
const put = ({ owner: token }: Pick<Earner, "owner">, schedule: string, threshold: object | null) =>
  world.ask("PUT", path, { token, body: { schedule, threshold } });
const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

/** Tallies as if it were the day after; answers the sum that was made a payout of. */
async function tallyOn(day: string, { participantId }: Earner): Promise<number> {
  const ms = Date.parse(day) - world.deps.clock.now().getTime();
  world.passTime(ms);
  await world.tally();
  world.passTime(-ms);
  const { rows } = await world.owner.query<{ sum: number }>(
    "select coalesce(sum(amount_minor), 0)::int as sum from payouts where participant_id = $1",
    [participantId],
  );
  return rows[0]?.sum ?? 0;
}

describe("payout preferences", () => {
  test("M:MIKY-10 are method, threshold and schedule, and the tally keeps to them", async () => {
    const earner = await world.addEarner(20_000);
    const account = await world.ask("GET", "/v1/payout-account", { token: earner.owner });
    expect(account.body).toMatchObject({ kind: payoutAccount.kind, currency: "MMK" });
    const before = await world.ask("GET", path, { token: earner.owner });
    expect(before.body).toEqual({ schedule: "monthly", threshold: null, minimums: [kyat(10_000)] });

    await put(earner, "monthly", kyat(20_001));
    expect(await tallyOn("2027-01-05T12:00:00Z", earner)).toBe(0);
    const wanted = await put(earner, "quarterly", kyat(20_000));
    expect(wanted.body).toMatchObject({ schedule: "quarterly", threshold: kyat(20_000) });
    expect((await world.ask("GET", path, { token: earner.owner })).body).toEqual(wanted.body);
    expect(await tallyOn("2027-02-05T12:00:00Z", earner)).toBe(0);
    expect(await tallyOn("2027-03-05T12:00:00Z", earner)).toBe(0);
    expect(await tallyOn("2027-04-05T12:00:00Z", earner)).toBe(20_000);
  });

  test("of one participant change nothing for another", async () => {
    const [strict, other] = [await world.addEarner(12_000), await world.addEarner(12_000)];
    await put(strict, "quarterly", kyat(50_000));
    expect(await tallyOn("2027-02-05T12:00:00Z", other)).toBe(12_000);
  });

  test("in another currency than the payout account's leave the platform's minimum", async () => {
    const earner = await world.addEarner(12_000);
    await world.owner.query("insert into payout_preferences values ($1, 'monthly', 1000000, 'THB', now())", [
      earner.participantId,
    ]);
    expect(await tallyOn("2027-02-05T12:00:00Z", earner)).toBe(12_000);
  });

  test("go below the platform's minimum neither when they are named nor when it was raised later", async () => {
    const earner = await world.addEarner(12_000);
    expect(codeOf(await put(earner, "monthly", kyat(9_999)))).toEqual({
      status: 422,
      code: "payout_preferences.below_minimum",
    });
    expect(codeOf(await put(earner, "monthly", { amountMinor: 1, currency: "THB" }))).toEqual({
      status: 422,
      code: "payout_preferences.no_payouts",
    });
    await world.owner.query("insert into payout_preferences values ($1, 'monthly', 5, 'MMK', now())", [
      earner.participantId,
    ]);
    await world.owner.query("update commissions set amount_minor = 9999 where beneficiary_id = $1", [
      earner.participantId,
    ]);
    expect(await tallyOn("2027-02-05T12:00:00Z", earner)).toBe(0);
  });

  test("belong to who has joined, and their change is written down", async () => {
    const earner = await world.addEarner();
    expect(codeOf(await put(await world.addTenant(), "quarterly", null))).toEqual({
      status: 409,
      code: "referral.not_joined",
    });
    await put(earner, "quarterly", null);
    expect(await world.auditOf(earner.shopId)).toContain("payout_preferences.changed");
  });
});
