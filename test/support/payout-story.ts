import { randomUUID } from "node:crypto";

import { newId, toTypeId } from "../../domain/id.ts";
import { payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { payoutTallyWorkflow } from "../../workflows/upkeep.contract.ts";
import type { TalliedPayouts } from "../../workflows/upkeep.contract.ts";
import { eventually } from "./eventually.ts";
import { openTestShop } from "./house.ts";
import type { House, TestShop } from "./house.ts";
import { addDevice } from "./order-story.ts";
import { rowsOf } from "./outside.ts";
import { Owner } from "./people.ts";
import { picture, read } from "./upgrade-story.ts";

export type PayoutView = {
  id: string;
  participantId: string;
  period: string;
  state: string;
  attempt: number;
  accountVersion: number | null;
  proposedAt: string | null;
  remindedAt: string | null;
};

/** A shop whose owner has a telephone, takes part in the referral, and may be paid 20,000. */
export type PayoutStory = {
  house: House;
  shop: TestShop;
  owner: Owner;
  device: string;
  participantId: string;
};

export async function openPayoutStory(house: House): Promise<PayoutStory> {
  const shop = await openTestShop(house);
  const owner = new Owner(house, shop);
  const device = await addDevice(owner);
  await read(await owner.post("/v1/referral/join", { termsVersion: 1 }));
  const account = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: "09777123456" };
  await read(await owner.fetch("PUT", "/v1/payout-account", { body: account }));
  const [row] = await rowsOf<{ id: string }>(
    house,
    `update payout_accounts set usable_from = changed_at where participant_id =
      (select id from referral_participants where account_id = $1) returning participant_id as id`,
    [shop.accountId],
  );
  if (row === undefined) throw new Error("nobody has joined");
  const story = { house, shop, owner, device, participantId: row.id };
  await earn(story);
  return story;
}

/** 20,000, that may be paid, of a payment by somebody whom the story's participant brought. */
export async function earn({ house, shop, participantId }: PayoutStory): Promise<void> {
  const payerId = newId<string>();
  await rowsOf(
    house,
    `insert into referral_participants (id, referrer_id, source, attributed_at, created_at)
      values ($1, $2, 'sign_up', now(), now())`,
    [payerId, participantId],
  );
  await rowsOf(
    house,
    `insert into commissions (id, payment_id, payer_shop_id, payer_id, beneficiary_id, level, kind, base_minor,
        rate_bps, amount_minor, currency, state, paid_at, matures_at, created_at)
      values ($1, $2, $3, $4, $5, 1, 'earning', 200000, 1000, 20000, 'MMK', 'payable', now(), now(), now())`,
    [newId<string>(), newId<string>(), shop.shopId, payerId, participantId],
  );
}

/** What the schedule does every month. */
export function tallyNow({ core, temporal }: House): Promise<TalliedPayouts> {
  return core.temporal.client.workflow.execute<() => Promise<TalliedPayouts>>(payoutTallyWorkflow, {
    workflowId: `payouts-${randomUUID()}`,
    taskQueue: `${temporal.taskQueue}-bulk`,
    args: [],
  });
}

/** The story's payout as an admin sees it, once it is in one of the states. */
export async function payoutBecomes(
  { house, participantId }: PayoutStory,
  admin: Owner,
  ...states: string[]
): Promise<PayoutView> {
  const [row] = await rowsOf<{ id: string }>(
    house,
    "select id from payouts where participant_id = $1 order by id desc limit 1",
    [participantId],
  );
  if (row === undefined) throw new Error("there is no payout");
  const path = `/v1/admin/payouts/${toTypeId("pout", row.id)}`;
  return eventually(`the payout is ${states.join(" or ")}`, async () => {
    const view = await admin.get<PayoutView>(path);
    return states.includes(view.state) && view;
  });
}

/** An admin's word; the answer as it is, refusals included. */
export function decidePayout(
  admin: Owner,
  { id }: PayoutView,
  verb: string,
  body?: object,
): Promise<Response> {
  return admin.post(`/v1/admin/payouts/${id}/${verb}`, body);
}

export async function proposeAndApprove(
  story: PayoutStory,
  maker: Owner,
  approver: Owner,
): Promise<PayoutView> {
  const seen = await payoutBecomes(story, maker, "tallied", "failed");
  const { accountVersion, proposedAt } = await read<PayoutView>(await decidePayout(maker, seen, "propose"));
  await read(await decidePayout(approver, seen, "approve", { accountVersion, proposedAt }));
  return payoutBecomes(story, maker, "executing");
}

/** A test house, or an `npm start` that runs. */
type Place = { house: { apiUrl: string } };

/** Brings a picture of the transfer; answers the upload's id. */
export async function uploadProof({ house }: Place, maker: Owner, { id }: PayoutView): Promise<string> {
  const place = await read<{ id: string; url: string }>(await maker.post(`/v1/admin/payouts/${id}/uploads`));
  await read(
    await fetch(house.apiUrl + place.url, {
      method: "PUT",
      headers: { ...(await maker.headers()), "content-type": "image/png" },
      body: new Uint8Array(await picture()),
    }),
  );
  return place.id;
}

export async function recordPaid(story: Place, maker: Owner, payout: PayoutView): Promise<Response> {
  const evidenceId = await uploadProof(story, maker, payout);
  return decidePayout(maker, payout, "record-paid", { attempt: payout.attempt, evidenceId });
}

export function payoutProcess({ core }: House, { participantId, period }: PayoutView) {
  return core.temporal.client.workflow.getHandle(payoutWorkflowId(participantId, period));
}

export function processHasEnded(house: House, payout: PayoutView): Promise<true> {
  return eventually(
    "the payout's process has ended",
    async () => (await payoutProcess(house, payout).describe()).status.name === "COMPLETED",
  );
}
