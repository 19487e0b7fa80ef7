import { afterAll, beforeAll, expect, test } from "vitest";

import { defaultOutboxSettings } from "../../activities/deps.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse({
    worker: {
      deps: { outbox: { ...defaultOutboxSettings, leaseMs: 1_500, echoWaitMs: 300, askAgainMs: 1_000 } },
    },
  });
  outside = new Outside(house);
});
afterAll(() => house.close());

/** More than the Conversations API shows. */
const newerOnes = 21;

type Part = { state: string; error_code: string | null; attempts: number; is_resend: boolean };

async function unknownParts({ shopId }: TestShop): Promise<Part[]> {
  return rowsOf<Part>(
    house,
    "select state, error_code, attempts, is_resend from outbox where shop_id = $1 and state = 'unknown'",
    [shopId],
  );
}

/** How often Messenger has shown us the shop's conversation. */
async function countLooks({ metaPageId }: TestShop): Promise<number> {
  const calls = await outside.calls("graph");
  return calls.filter(({ path, status }) => path.includes(`${metaPageId}/conversations`) && status === 200)
    .length;
}

async function countUnknownNotices(shop: TestShop): Promise<number> {
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  return data.filter(({ kind }) => kind === "message_unknown").length;
}

test("an answer of unknown fate that newer messages hide is given up at the first look, never sent again, and holds nobody", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "graph", match: "45,000", dropAfter: true });
  await outside.arm({ to: "webhook", match: "45,000", lose: true });
  await outside.arm({ to: "graph", match: `${shop.metaPageId}/conversations`, status: 500, times: null });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await eventually("its fate is unknown", async () => (await unknownParts(shop)).length === 1);

  for (let count = 0; count < newerOnes; count += 1) await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await outside.calm(); // from here on Messenger shows the conversation's newest messages
  await eventually("the owner is told", async () => (await countUnknownNotices(shop)) === 1);

  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  expect(await countLooks(shop)).toBe(1);
  expect(await countUnknownNotices(shop)).toBe(1);
  expect(await unknownParts(shop)).toEqual([
    { state: "unknown", error_code: "outcome_unknown", attempts: 1, is_resend: false },
  ]);
  const heard = (await customer.received()).filter(({ text = "" }) => text.includes("45,000"));
  expect(heard).toHaveLength(1);
});
