import { expect } from "vitest";

import { fromTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import type { OrderTimings } from "../../domain/order/timings.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import { eventually } from "./eventually.ts";
import { openTestShop } from "./house.ts";
import type { House, TestShop, TestShopOptions } from "./house.ts";
import { rowsOf } from "./outside.ts";
import { Customer, Owner } from "./people.ts";
import { shortOrderTimings } from "./short-timings.ts";

export type Money = { amountMinor: number; currency: string };
export type OrderView = {
  id: string;
  number: string;
  orderState: string;
  paymentState: string;
  fulfilmentState: string;
  total: Money;
  received: Money;
  balance: Money;
  refundOwed: Money;
  isCodAccepted: boolean;
  cancelReason: string | null;
  tracking: string | null;
  events: { type: string; actor: { kind: string }; note: string | null }[];
  evidence: { id: string; state: string; verdict: string | null }[];
  payments: { kind: string; amount: Money }[];
};
export type EvidenceView = {
  id: string;
  orderId: string | null;
  state: string;
  reading: { amountMinor: number | null; reference: string | null } | null;
  picture: { url: string };
};

/** A fresh shop, its owner with a device, and one customer. One Red Dress to Sanchaung is 45,000 + 2,500. */
export type Story = { house: House; shop: TestShop; owner: Owner; customer: Customer; device: string };

export async function openStory(
  house: House,
  { timings = {}, ...shopOptions }: TestShopOptions & { timings?: Partial<OrderTimings> } = {},
): Promise<Story> {
  const shop = await openTestShop(house, {
    orderTimings: { ...shortOrderTimings, ...timings },
    ...shopOptions,
  });
  const owner = new Owner(house, shop);
  const device = await addDevice(owner);
  return { house, shop, owner, customer: new Customer(house, shop), device };
}

/** A phone of the owner; its token. */
export async function addDevice(owner: Owner): Promise<string> {
  const token = `fcm-${crypto.randomUUID()}`;
  const answer = await owner.fetch("POST", "/v1/devices", { body: { token } });
  expect(answer.status).toBe(201);
  return token;
}

export const contact = "Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road";

/** From the first word to the summary with its button; the payload that confirms exactly this. */
export async function askForSummary(
  customer: Customer,
  { quantity = 1, method = "KBZPay", product = "Red Dress" } = {},
): Promise<string> {
  const before = (await customer.received()).length;
  const news = async () => (await customer.received()).slice(before);
  const offered = async () =>
    (await news()).flatMap(({ quickReplies = [] }) => quickReplies).find(isConfirm)?.payload;
  await customer.say(`I want to buy ${quantity} ${product}\n${contact}`);
  const isAsked = async () => (await news()).some(({ text = "" }) => text.includes("like to pay"));
  // Whoever has ordered before is not asked again.
  const payload = await eventually("the cart is full", async () => (await offered()) ?? (await isAsked()));
  if (typeof payload === "string") return payload;
  await customer.say(method);
  return eventually("a new summary is offered", offered);
}

const isConfirm = ({ payload }: { payload: string }) => payload.startsWith("confirm:");

/** Places an order and answers with it; another order of the same customer may be there before. */
export async function place(
  { owner, customer }: Story,
  wanted: { quantity?: number; method?: string; product?: string } = {},
): Promise<OrderView> {
  const known = new Set((await listOrders(owner)).map(({ id }) => id));
  await customer.tap(await askForSummary(customer, wanted));
  const placed = await eventually("the order is placed", async () =>
    (await listOrders(owner)).find(({ id }) => !known.has(id)),
  );
  await customer.hearsText(`#${placed.number} is placed`);
  return placed;
}

export async function listOrders(owner: Owner): Promise<OrderView[]> {
  return (await owner.get<{ data: OrderView[] }>("/v1/orders")).data;
}

export function getOrder(owner: Owner, id: string): Promise<OrderView> {
  return owner.get<OrderView>(`/v1/orders/${id}`);
}

export function orderBecomes(
  owner: Owner,
  id: string,
  wanted: Partial<OrderView>,
  timeoutMs?: number,
): Promise<OrderView> {
  return eventually(
    `the order becomes ${JSON.stringify(wanted)}`,
    async () => {
      const order = await getOrder(owner, id);
      return Object.entries(wanted).every(([key, value]) => order[key as keyof OrderView] === value) && order;
    },
    timeoutMs,
  );
}

let references = 0;
/** A slip of its own reference, for the full amount of one dress. */
export function slip({
  amountMinor = 47_500,
  ...rest
}: Partial<{ amountMinor: number; reference: string; payee: string; blurred: boolean }> = {}) {
  references += 1;
  return {
    amountMinor,
    currency: "MMK",
    reference: `0100423${String(Date.now() % 1e6)}${references}`,
    paidAt: new Date().toISOString(),
    payee: "Daw Thiri",
    ...rest,
  };
}

/** The order with a judged slip that nobody decided about, once there are so many. */
export function underReview(owner: Owner, id: string, undecided = 1): Promise<OrderView> {
  return eventually(`${undecided} slip(s) wait for a decision`, async () => {
    const order = await getOrder(owner, id);
    const waiting = order.evidence.filter(({ state, verdict }) => state === "undecided" && verdict !== null);
    return waiting.length === undecided && order;
  });
}

/** The newest slip that belongs to no order, once there is one. */
export function unmatchedSlip({ owner }: Story): Promise<EvidenceView> {
  return eventually("a slip belongs to no order", async () => {
    const { data } = await owner.get<{ data: EvidenceView[] }>("/v1/payment-evidence?state=unmatched");
    return data[0];
  });
}

/** What was said, by a part of its text. */
export async function countHeard(customer: Customer, part: string): Promise<number> {
  return (await customer.received()).filter(({ text }) => text?.includes(part) === true).length;
}

export async function hearsOnce(customer: Customer, part: string): Promise<void> {
  await customer.hearsText(part);
  expect(await countHeard(customer, part), part).toBe(1);
}

export type Push = {
  token: string;
  notification: { title: string; body: string };
  data: { noticeId: string; path: string };
};

/** The pushes that were delivered to a device, oldest first. */
export async function pushesTo(house: House, device: string): Promise<Push[]> {
  const response = await fetch(`${house.sim.url}/calls?to=push`);
  const calls = (await response.json()) as { path: string; status: number; body: { message?: Push } }[];
  return calls.flatMap(({ status, body }) =>
    status === 200 && body?.message?.token === device ? [body.message] : [],
  );
}

export function isPushed({ house, device }: Pick<Story, "house" | "device">, title: string): Promise<Push> {
  return eventually(`the owner's phone shows “${title}”`, async () =>
    (await pushesTo(house, device)).find(({ notification }) => notification.title === title),
  );
}

export type Stock = { onHand: number; reserved: number };

/** Of the shop's first product; fails when the ledger does not sum up to it. */
export async function stockOf({ house, shop }: Pick<Story, "house" | "shop">): Promise<Stock> {
  const [stock] = await rowsOf(
    house,
    `select v.on_hand as "onHand", v.reserved,
       (select sum(on_hand_delta)::int from stock_moves m where m.variant_id = v.id) as "ledgerOnHand",
       (select sum(reserved_delta)::int from stock_moves m where m.variant_id = v.id) as "ledgerReserved"
     from variants v where v.id = $1`,
    [shop.products[0]?.variantIds[0]],
  );
  const { ledgerOnHand, ledgerReserved, ...kept } = stock as Stock & {
    ledgerOnHand: number;
    ledgerReserved: number;
  };
  expect(kept, "the ledger sums up to the stock").toEqual({ onHand: ledgerOnHand, reserved: ledgerReserved });
  return kept;
}

/** The decision that the API answers 200 to; the order as it is then. */
export async function decide(
  owner: Owner,
  { id }: { id: string },
  verb: string,
  body: object = {},
): Promise<OrderView> {
  const answer = await owner.post(`/v1/orders/${id}/${verb}`, body);
  const text = await answer.text();
  expect(answer.status, `${verb}: ${text}`).toBe(200);
  return JSON.parse(text) as OrderView;
}

/** The code of a refusal. */
export async function refusal(answer: Response): Promise<{ status: number; code: string }> {
  const { code } = (await answer.json()) as { code: string };
  return { status: answer.status, code };
}

/** The dates and counters of an order that no API shows. */
export async function clockOf(
  { house }: Story,
  order: { id: string },
): Promise<{ dueAt: Date; stoppedAt: Date | null; stops: number; hardEndAt: Date }> {
  const [row] = await rowsOf(
    house,
    `select payment_due_at as "dueAt", clock_stopped_at as "stoppedAt", clock_stops as stops,
       evidence_hard_end_at as "hardEndAt" from orders where id = $1`,
    [fromTypeId("ord", order.id)],
  );
  return row as Awaited<ReturnType<typeof clockOf>>;
}

/** Places an order for somebody else in the same shop and waits until it expires: so long has passed. */
export async function untilAnotherExpires(story: Story): Promise<void> {
  const other = { ...story, customer: new Customer(story.house, story.shop) };
  const { id } = await place(other);
  await orderBecomes(story.owner, id, { orderState: "cancelled" }, 30_000);
}

/** As if its time had run out, its customer warned: however long the story before it took. */
export async function letExpire({ house, shop }: Story, { id }: OrderView): Promise<void> {
  const orderId = fromTypeId<OrderId>("ord", id);
  if (orderId === undefined) throw new TypeError("not an order's id");
  await rowsOf(
    house,
    "update orders set payment_due_at = now() - interval '1 second', expiry_warned_at = now() - interval '1 day' where id = $1",
    [orderId],
  );
  const processes = createProcesses(house.core.temporal, house.temporal.taskQueue, () => undefined);
  await processes.ringOrder({ shopId: shop.shopId, orderId });
}
