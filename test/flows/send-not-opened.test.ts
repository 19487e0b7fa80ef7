import { afterAll, beforeAll, expect, test } from "vitest";

import { AppError } from "../../domain/app-error.ts";
import type { Sealer, ToOpen } from "../../domain/sealing.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
/** The field that cannot be opened, once, after the turn is stored. */
let locked: string | undefined;
let isStored = false;
let refusals = 0;

beforeAll(async () => {
  house = await startHouse();
  const { sealer } = house.core;
  const forgetful: Sealer = {
    ...sealer,
    seal: (items) => sealer.seal(items),
    open: (items) => (isLocked(items) ? Promise.reject(away()) : sealer.open(items)),
  };
  await house.restartWorker({
    deps: {
      sealer: forgetful,
      outbox: { leaseMs: 1_500, echoWaitMs: 600, askAgainMs: 500 },
      atStep: (step) => {
        isStored ||= step === "turn.stored";
        return Promise.resolve();
      },
    },
  });
});
afterAll(() => house.close());

function isLocked(items: ToOpen[]): boolean {
  if (!isStored || !items.some(({ place }) => place.field === locked)) return false;
  locked = undefined;
  refusals += 1;
  return true;
}

function away(): AppError {
  return new AppError("unavailable", "keyring.away", { internal: "no answer" });
}

test.each(["page.token", "message.body"])(
  "sends an answer whose %s could not be opened, as one that was never on its way",
  async (field) => {
    locked = field;
    isStored = false;
    const before = refusals;
    const shop = await openTestShop(house);
    const customer = new Customer(house, shop);
    await customer.say("How much is the Red Dress?");
    await customer.hearsText("45,000");
    await settled(house, shop.shopId);
    expect(refusals).toBe(before + 1);
    const texts = (await customer.received()).map(({ text = "" }) => text);
    expect(texts.filter((text) => text.includes("45,000"))).toHaveLength(1);
    const parts = await rowsOf(house, "select distinct state, is_resend from outbox where shop_id = $1", [
      shop.shopId,
    ]);
    expect(parts).toEqual([{ state: "sent", is_resend: false }]);
  },
);
