import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { oracles } from "../../bench/campaign/oracles/index.ts";
import { observe } from "../../bench/campaign/oracles/observation.ts";
import type { Observation, SeenTown } from "../../bench/campaign/oracles/observation.ts";
import type { HandTransfer } from "../../bench/campaign/payouts.ts";
import type { Rows } from "../../bench/campaign/town.ts";
import { platformShopId } from "../../db/accounts.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { askForSummary, decide, openStory, orderBecomes, slip, underReview } from "../support/order-story.ts";
import type { Story } from "../support/order-story.ts";
import { onlyCustomer, Outside, settled } from "../support/outside.ts";
import {
  payoutBecomes,
  processHasEnded,
  proposeAndApprove,
  recordPaid,
  tallyNow,
} from "../support/payout-story.ts";
import { moneySabotages } from "./campaign-money-sabotages.ts";
import { orderOf, placed, sabotages } from "./campaign-sabotages.ts";
import {
  addAdmin,
  decideUpgrade,
  handIn,
  openUpgradeStory,
  payByCode,
  read,
  requestPlan,
  requestTopUp,
  upgradeBecomes,
} from "../support/upgrade-story.ts";
import type { UpgradeStory } from "../support/upgrade-story.ts";

let house: House;
let client: Client;
let seen: Observation;

beforeAll(async () => {
  house = await startHouse();
  client = new Client({ connectionString: house.database.urls.owner });
  await client.connect();
  const story = await openStory(house);
  const diary = await buy(story);
  const { requestId, referrer } = await subscribe(story);
  await topUpByCode(story);
  const byHand = [await payOut(referrer)];
  await settled(house, story.shop.shopId);
  const customerId = toTypeId("cus", await onlyCustomer(house, story.shop.shopId));
  const rows: Rows = async <Row extends object>(text: string, values?: unknown[]) =>
    (await client.query<Row>(text, values)).rows;
  const town: SeenTown = {
    core: house.core,
    outside: new Outside(house),
    paths: statePaths(house.home),
    restores: [],
    sim: house.sim,
    taskQueue: house.temporal.taskQueue,
    rows,
  };
  const now = Date.now();
  const owner = { decisions: [], silences: [{ customerId, from: now, until: now }] };
  seen = await observe(town, {
    shops: [{ shop: story.shop, canary: "Silk", owner }],
    diaries: [diary],
    byHand,
    bank: [],
    platform: [{ path: `/v1/admin/upgrade-requests/${requestId}/approve`, at: 0, statuses: [200] }],
  });
});
afterAll(async () => {
  await client.end();
  await house.close();
});

/** One dress is bought, paid and delivered. */
async function buy({ shop, owner, customer }: Story) {
  const confirmed = await askForSummary(customer);
  await customer.tap(confirmed);
  await customer.hearsText(placed);
  const transfer = slip();
  await customer.sendSlip(transfer);
  const [, orderId = ""] = confirmed.split(":");
  await decide(owner, await underReview(owner, orderId), "confirm-payment");
  for (const verb of ["ship", "deliver"]) await decide(owner, { id: orderId }, verb);
  await orderBecomes(owner, orderId, { orderState: "completed" });
  await customer.hearsText(/delivered/i);
  return {
    psid: customer.psid,
    pageId: shop.metaPageId,
    canary: "Baho Road",
    phone: "09791234567",
    confirmed: [confirmed],
    yesAt: [],
    slips: [transfer],
    takenBack: [],
    stories: [],
  };
}

/** The shop's owner was brought by another, and pays for a plan. */
async function subscribe({ shop, owner }: Story): Promise<{ requestId: string; referrer: UpgradeStory }> {
  const referrer = await openUpgradeStory(house);
  const { termsVersion } = await referrer.owner.get<{ termsVersion: number }>("/v1/referral");
  const joined = await referrer.owner.post("/v1/referral/join", { termsVersion });
  const { code } = await read<{ code: string }>(joined);
  const { rows } = await client.query<{ id: AccountId }>(
    "select account_id as id from memberships where shop_id = $1",
    [shop.shopId],
  );
  for (const { id: accountId } of rows) {
    const asked = { accountId, code, source: "sign_up" as const, now: new Date() };
    await house.core.db.withShopSerialisable(platformShopId, (trx) => attributeReferral(trx, asked));
  }
  const submitted = await handIn({ owner, house }, await requestPlan({ owner, house }, "growth"));
  await read(await decideUpgrade(await addAdmin(house), submitted));
  return { requestId: submitted.id, referrer };
}

async function topUpByCode(story: Story): Promise<void> {
  const request = await requestTopUp(story);
  await payByCode(story, request);
  await upgradeBecomes(story, request, "approved");
}

/** The commission of that payment, as if months had passed; what was sent by hand. */
async function payOut({ shop, owner }: UpgradeStory): Promise<HandTransfer> {
  const account = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: "09777123456" };
  await read(await owner.fetch("PUT", "/v1/payout-account", { body: account }));
  await client.query("update payout_accounts set usable_from = changed_at");
  const { rows } = await client.query<{ participantId: string }>(
    `update commissions set state = 'payable', held_reason = null returning beneficiary_id as "participantId"`,
  );
  const [maker, approver] = [await addAdmin(house, "payout_admin"), await addAdmin(house, "payout_approver")];
  const story = { house, shop, owner, device: "", participantId: rows[0]?.participantId ?? "" };
  await tallyNow(house);
  const payout = await proposeAndApprove(story, maker, approver);
  await read(await recordPaid(story, maker, payout));
  await payoutBecomes(story, maker, "paid");
  await processHasEnded(house, payout);
  return { payoutId: payout.id, attempt: payout.attempt, amountMinor: 12_000 };
}

/** Needs a system that is alone on its Temporal server. */
const elsewhere = "I15 I16 histories replay and stay short";
const tried = Object.keys(oracles).filter((name) => name !== elsewhere);

test.each(tried)("%s: a story without a fault holds", async (name) => {
  expect(await look(name, seen)).toEqual([]);
});

const named = [...sabotages, ...moneySabotages].map(
  (sabotage) => [sabotage.oracle, sabotage.what, sabotage] as const,
);

test.each(named)("%s: tells that %s", async (oracle, _what, { sql, observed, found }) => {
  await client.query("begin");
  try {
    if (sql !== undefined) expect((await client.query(sql)).rowCount).toBeGreaterThan(0);
    const violations = await look(oracle, observed?.(seen) ?? seen);
    expect(violations.map(({ what }) => what)).toContainEqual(expect.stringMatching(found));
  } finally {
    await client.query("rollback");
  }
});

test("I14 every open row has its workflow: tells of an order that nothing drives", async () => {
  const setState = (state: string) =>
    client.query("update orders set order_state = $1 where number is not null", [state]);
  await setState("placed");
  try {
    const violations = await look("I14 every open row has its workflow", seen);
    expect(violations.map(({ what }) => what)).toEqual([`order/${orderOf(seen)} is open and does not run`]);
  } finally {
    await setState("completed");
  }
});

test("I13 nothing lies in clear: tells of an address in a file", async () => {
  await writeFile(join(house.home, "careless.log"), "sent to No 12 Baho Road\n");
  const violations = await look("I13 nothing lies in clear", seen);
  expect(violations.map(({ what }) => what)).toEqual([expect.stringContaining("careless.log")]);
});

async function look(name: string, observation: Observation) {
  const oracle = oracles[name];
  if (!oracle) throw new TypeError(`no oracle is called ${name}`);
  return oracle(observation);
}
