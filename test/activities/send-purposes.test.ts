import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { sealParts, textContent } from "../../activities/outbox/seal-message.ts";
import { insertConsent } from "../../db/consents.ts";
import type { Consent } from "../../db/consents.ts";
import { lockConversation } from "../../db/conversations.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { liftProcessingLimit, setProcessingLimit } from "../../db/processing-limits.ts";
import { listConversationsToSend } from "../../db/system-sweeps.ts";
import type { LegalBasis } from "../../domain/privacy/data-purpose.ts";
import type { ProcessingLimit } from "../../domain/privacy/processing-limit.ts";
import type { SendPurpose } from "../../domain/privacy/send-purpose.ts";
import type { ShopPurpose } from "../../domain/privacy/shop-purpose.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { Halt, createSendWorld } from "./send-world.ts";
import type { SendWorld } from "./send-world.ts";

let world: SendWorld;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createSendWorld();
});
/** With a part of the conversation in the outbox. */
beforeEach(async () => {
  customer = await world.addQueued(await world.addTenant(), ["chat"]);
});
afterAll(() => world.close());

async function queue(purpose: SendPurpose): Promise<void> {
  const parts = await sealParts(world.deps.sealer, customer, [textContent(purpose)]);
  await world.worker.withShop(customer.shopId, async (trx) => {
    await lockConversation(trx, customer);
    const message = { audience: "order", author: "system", businessKey: purpose, parts, purpose } as const;
    await enqueueMessage(trx, { ...customer, ...message, now: new Date() });
  });
}

async function change(limit: ProcessingLimit, verb: typeof setProcessingLimit): Promise<void> {
  const { shopId, customerId: subjectId } = customer;
  const wanted = { shopId, subjectId, limit, requestId: null, now: new Date() };
  await world.worker.withShop(shopId, (trx) => verb(trx, wanted));
}

async function say(
  decision: "given" | "withdrawn",
  { purpose = "marketing", channel = "messenger" }: Partial<Pick<Consent, "purpose" | "channel">> = {},
): Promise<void> {
  const { shopId, customerId: subjectId } = customer;
  const said = { purpose, channel, decision, door: "chat", now: new Date() } as const;
  await world.worker.withShop(shopId, (trx) => insertConsent(trx, { shopId, subjectId, ...said }));
}

async function rest(purpose: ShopPurpose, basis: LegalBasis | null): Promise<void> {
  const { shopId } = customer;
  await world.owner.query(
    `insert into shop_purposes (shop_id, purpose, basis, set_at) values ($1, $2, $3, now())
      on conflict (shop_id, purpose) do update set basis = excluded.basis`,
    [shopId, purpose, basis],
  );
}

async function isDue(): Promise<boolean> {
  const soon = { now: new Date(Date.now() + 1_000), leaseMs: 60_000, limit: 1_000 };
  const due = await listConversationsToSend(world.deps.system, soon);
  return due.some(({ customerId }) => customerId === customer.customerId);
}

test.each([
  ["no_follow_up", "follow_up"],
  ["no_marketing", "marketing"],
] as const)("what is queued when %s is set is not sent, and all else is", async (limit, purpose) => {
  await say("given");
  await queue(purpose);
  await queue("privacy_rights");
  await change(limit, setProcessingLimit);
  const sender = world.sender("sender");
  await sender.drain(customer);
  expect(sender.sent).toEqual(["chat", "privacy_rights"]);
  expect(await world.statesOf(customer)).toEqual(["sent", "dropped", "sent"]);

  await change(limit, liftProcessingLimit);
  await world.owner.query("update outbox set state = 'queued' where purpose = $1", [purpose]);
  await sender.drain(customer);
  expect(sender.sent).toEqual(["chat", "privacy_rights", purpose]);
});

test.each([
  ["nothing was said", []],
  ["it was taken back", ["given", "withdrawn"]],
] as const)(
  "P:MMSO-59 P:MIK-25 sends no promotion when %s, and one after a yes of that purpose and way",
  async (_why, said) => {
    for (const decision of said) await say(decision);
    await say("given", { channel: "email" });
    await say("given", { purpose: "improvement" });
    await queue("marketing");
    const sender = world.sender("sender");
    await sender.drain(customer);
    expect(sender.sent).toEqual(["chat"]);
    expect(await world.statesOf(customer)).toEqual(["sent", "dropped"]);

    await say("given");
    await world.owner.query("update outbox set state = 'queued' where purpose = 'marketing'");
    await sender.drain(customer);
    expect(sender.sent).toEqual(["chat", "marketing"]);
  },
);

test("P:UMA-55 a promotion that waits in the queue is not sent once the consent is taken back, until the claim of it", async () => {
  await say("given");
  await queue("marketing");
  const afterLook = new Halt();
  const sender = world.sender("sender", { afterLook });
  const ended = sender.drain(customer);
  await afterLook.reached; // the sender has read the queue
  await say("withdrawn");
  afterLook.end();
  await ended;
  expect(sender.sent).toEqual(["chat"]);
  expect(await world.statesOf(customer)).toEqual(["sent", "dropped"]);
});

test.each([
  ["follow_up", "legitimate_interest"],
  ["marketing", "consent"],
  ["improvement", "consent"],
] as const)("M:ONAMI-53 sends nothing for %s that the shop rests on nothing", async (purpose, basis) => {
  await say("given");
  await say("given", { purpose: "improvement" });
  await rest(purpose, null);
  await queue(purpose);
  const sender = world.sender("sender");
  await sender.drain(customer);
  expect(sender.sent).toEqual(["chat"]);
  await rest(purpose, basis);
  await world.owner.query("update outbox set state = 'queued' where purpose = $1", [purpose]);
  await sender.drain(customer);
  expect(sender.sent).toEqual(["chat", purpose]);
});

test("what a frozen person is owed of their own data is sent past all that waits for the end of that", async () => {
  await change("restricted", setProcessingLimit);
  expect(await isDue()).toBe(false);
  await queue("privacy_rights");
  expect(await isDue()).toBe(true);
  const sender = world.sender("sender");
  await sender.drain(customer);
  expect(sender.sent).toEqual(["privacy_rights"]);
  expect(await world.statesOf(customer)).toEqual(["queued", "sent"]);
  expect(await isDue()).toBe(false);

  await change("restricted", liftProcessingLimit);
  await sender.drain(customer);
  expect(sender.sent).toEqual(["privacy_rights", "chat"]);
});
