import { afterAll, beforeAll, expect, test } from "vitest";

import { createPlatformMoneyWorld } from "./platform-money-world.ts";
import type { Payable, PlatformMoneyWorld } from "./platform-money-world.ts";

let world: PlatformMoneyWorld;
beforeAll(async () => {
  world = await createPlatformMoneyWorld();
});
afterAll(() => world.close());

async function shownCode(payable: Payable): Promise<string> {
  await world.look(6);
  return (await world.detail(payable)).payment.code;
}

const invoicesOf = async ({ tenant }: Payable) =>
  (await world.ask("GET", "/v1/invoices", { token: tenant.owner })).body.data;

test("M:MMSO-59 a shop that is billed by a code and pays it has one receipt, although a process dies over it", async () => {
  const payable = await world.addPayable("/v1/upgrade-requests", { planCode: "starter" });
  const code = await shownCode(payable);
  expect(await invoicesOf(payable)).toEqual([]);
  await world.pay(code);
  world.time.killAt = "upgrade.committed";
  await world.look(4);
  expect(world.time.killAt).toBeNull();
  expect(await invoicesOf(payable)).toMatchObject([
    { kind: "invoice", upgradeRequestId: payable.id, amount: { amountMinor: 45_000, currency: "MMK" } },
  ]);
});

test("money that bought nothing has no invoice", async () => {
  const payable = await world.addPayable("/v1/top-up-requests", { topUpCode: "small" });
  const code = await shownCode(payable);
  await world.ask("POST", `/v1/upgrade-requests/${payable.id}/cancel`, { token: payable.tenant.owner });
  await world.pay(code, true);
  await world.look(4);
  expect((await world.detail(payable)).payment).toMatchObject({ state: "paid", isOwed: true });
  expect(await invoicesOf(payable)).toEqual([]);
});
