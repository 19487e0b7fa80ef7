import { setTimeout as wait } from "node:timers/promises";

import { waitUntil } from "../../runtime/wait-until.ts";
import type { TestShop } from "../../test/support/house.ts";
import { Owner } from "../../test/support/people.ts";
import { decide, isOutage } from "./ask-again.ts";
import type { AskedDecision } from "./ask-again.ts";
import { mindThePage } from "./pages.ts";
import { mindThePlan } from "./plans.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";
import { Wallet } from "./wallet.ts";

/** From the answer to the take-over until giving back was asked for. */
export type Silence = { customerId: string; from: number; until: number | undefined };
export type OwnerDiary = { decisions: AskedDecision[]; silences: Silence[] };

export type ShopKeeper = {
  owner: Owner;
  shop: TestShop;
  diary: OwnerDiary;
  random: Random;
  apiUrl: string;
  wallet: Wallet;
};

type OrderSeen = {
  id: string;
  orderState: string;
  paymentState: string;
  fulfilmentState: string;
  paymentKind: string;
  isCodAccepted: boolean;
  refundOwed: { amountMinor: number };
};
type EvidenceSeen = { id: string; orderId: string | null; state: string; verdict: string | null };

/** With a phone, to which pushes go. */
export async function meetOwner(town: Town, shop: TestShop, random: Random): Promise<ShopKeeper> {
  const owner = new Owner(town, shop);
  const answer = await owner.postOnce("/v1/devices", { token: `fcm-${shop.shopId}` });
  if (answer.status !== 201) throw new Error(`the owner's phone: ${answer.status}`);
  const diary = { decisions: [], silences: [] };
  return { owner, shop, random, apiUrl: town.apiUrl, wallet: new Wallet(town), diary };
}

/** Now and then nobody is in the shop, until reminders come and deadlines pass. */
const awayMs = 40_000;

/** Looks at the day's work and decides, again and again; what the API cannot answer now is asked again with its key. */
export async function keepShop(keeper: ShopKeeper, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await lookOnce(keeper, isOver);
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    await wait(keeper.random.int(400, 1_500));
    if (keeper.random.chance(0.04))
      await waitUntil(() => isOver() || undefined, { timeoutMs: awayMs, everyMs: 500 });
  }
}

async function lookOnce(keeper: ShopKeeper, isOver: () => boolean): Promise<void> {
  const { owner, random } = keeper;
  const { data: orders } = await owner.get<{ data: OrderSeen[] }>("/v1/orders?limit=100");
  for (const order of orders) {
    if (isOver()) return;
    const step = nextStep(order, random);
    if (step) await decide(keeper, { path: `/v1/orders/${order.id}/${step}`, isOver });
  }
  const { data: slips } = await owner.get<{ data: EvidenceSeen[] }>("/v1/payment-evidence?state=unmatched");
  for (const slip of slips) {
    if (isOver() || !random.chance(0.3)) continue;
    const verb = random.pick(["return", "refuse"]);
    const body = verb === "return" ? { amountMinor: 10_000 } : {};
    await decide(keeper, { path: `/v1/payment-evidence/${slip.id}/${verb}`, body, isOver });
  }
  if (random.chance(0.1)) await takeOverForAWhile(keeper, isOver);
  if (random.chance(0.3)) await mindThePlan(keeper, isOver);
  await mindThePage(keeper);
}

function nextStep(order: OrderSeen, random: Random): string | undefined {
  if (order.refundOwed.amountMinor > 0) return random.chance(0.5) ? "refund" : undefined;
  if (order.orderState !== "placed") return undefined;
  if (order.paymentState === "under_review") {
    return random.weighted([
      [6, "confirm-payment"],
      [1, "refuse-payment"],
      [1, "request-evidence-again"],
      [4, undefined],
    ]);
  }
  if (order.paymentKind === "cod" && !order.isCodAccepted) {
    return random.weighted([
      [4, "accept-cash-on-delivery"],
      [1, "cancel"],
      [3, undefined],
    ]);
  }
  if (order.paymentState !== "paid" && order.paymentState !== "cod_due") return undefined;
  if (random.chance(0.4)) return undefined; // tomorrow
  if (random.chance(0.05) && order.fulfilmentState === "pending") return "cancel";
  return ({ pending: "pack", packed: "ship", shipped: "deliver" } as Record<string, string>)[
    order.fulfilmentState
  ];
}

/** How every message of an owner begins. */
export const ownersWords = "I am the owner.";

/** A person of the shop writes themselves; until they give back, the agent must be silent. */
async function takeOverForAWhile(keeper: ShopKeeper, isOver: () => boolean): Promise<void> {
  const { owner, random, diary } = keeper;
  const { data } = await owner.get<{ data: { customerId: string }[] }>("/v1/conversations");
  if (data.length === 0) return;
  const { customerId } = random.pick(data);
  const path = `/v1/conversations/${customerId}`;
  if ((await decide(keeper, { path: `${path}/take-over`, isOver })) !== 200) return;
  const silence: Silence = { customerId, from: Date.now(), until: undefined };
  diary.silences.push(silence);
  const text = `${ownersWords} ${random.int(1_000, 9_999)}`;
  await decide(keeper, { path: `${path}/messages`, body: { text }, isOver });
  await wait(random.int(1_000, 6_000));
  silence.until = Date.now();
  await decide(keeper, { path: `${path}/give-back`, isOver: () => false });
}

/** In the end no person has a conversation: the model, too, may have handed one over. */
export async function giveEverybodyBack(keeper: ShopKeeper): Promise<void> {
  const path = "/v1/conversations";
  const { data } = await keeper.owner.get<{ data: { customerId: string }[] }>(`${path}?mode=human&limit=100`);
  for (const { customerId } of data)
    await decide(keeper, { path: `${path}/${customerId}/give-back`, isOver: () => false });
}
