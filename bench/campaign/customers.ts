import { setTimeout as wait } from "node:timers/promises";

import type { TestShop } from "../../test/support/house.ts";
import { Customer } from "../../test/support/people.ts";
import { waitUntil } from "../../runtime/wait-until.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";
import { Wallet, byCode, readCode } from "./wallet.ts";

/** What a customer did, as far as the oracles must know it. */
export type CustomerDiary = {
  psid: string;
  pageId: string;
  /** Stands in their address, and is their number: neither may lie in clear anywhere. */
  canary: string;
  phone: string;
  /** Payloads of buttons that confirm an order. */
  confirmed: string[];
  /** When they said yes in words, which confirms the summary before it. */
  yesAt: number[];
  slips: { reference: string; amountMinor: number }[];
  /** Messages that they unsent: our copy goes. */
  takenBack: string[];
  stories: string[];
};

export type Person = {
  customer: Customer;
  diary: CustomerDiary;
  random: Random;
  wallet: Wallet;
  /** Codes that they have not paid yet, and will when it is too late. */
  forgotten: string[];
};
type Story = (person: Person) => Promise<void>;

const patienceMs = 25_000;

/** Lives through one story after the other until it is over; whatever does not come is not waited for for ever. */
export async function liveAsCustomer(person: Person, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const [name, story] = person.random.weighted(stories);
    person.diary.stories.push(name);
    await story(person);
    await think(person, 500, 4_000);
  }
}

export function meetCustomer(
  town: Town,
  shop: TestShop,
  { index, random }: { index: number; random: Random },
): Person {
  const psid = `72${String(index).padStart(4, "0")}${String(random.int(0, 2 ** 31 - 1)).padStart(10, "0")}`;
  const canary = `Canary${random.int(10 ** 8, 10 ** 9)}Road`;
  const phone = `0979${random.int(1_000_000, 9_999_999)}`;
  return {
    customer: new Customer(town, shop, psid),
    random,
    wallet: new Wallet(town),
    forgotten: [],
    diary: {
      psid,
      pageId: shop.metaPageId,
      canary,
      phone,
      confirmed: [],
      yesAt: [],
      slips: [],
      takenBack: [],
      stories: [],
    },
  };
}

const asks: Story = async ({ customer, random }) => {
  const before = await countHeard(customer);
  await customer.say(
    random.pick([
      "What are your opening hours?",
      "Do you have a Red Dress?",
      "How much is delivery to Sanchaung?",
    ]),
  );
  if (random.chance(0.4)) await customer.say("Can I exchange it?");
  await hearsMore(customer, before);
};

const buysByTransfer: Story = async (person) => {
  if (!(await placesAnOrder(person, "KBZPay"))) return;
  await think(person, 300, 3_000);
  const { random } = person;
  const amountMinor = random.weighted([
    [7, 47_500],
    [1, 40_000],
    [1, 50_000],
  ]);
  const sent = await sendsSlip(person, amountMinor);
  if (random.chance(0.2)) await sendsSlip(person, amountMinor, sent.reference); // the same photograph again
  if (random.chance(0.3)) await person.customer.say("Did you get my payment?");
  await waitsFor(person.customer, /payment received|delivered/i);
};

const buysByCash: Story = async (person) => {
  if (await placesAnOrder(person, "Cash on delivery")) await waitsFor(person.customer, /delivered/i);
};

const buysByCode: Story = async (person) => {
  const { customer, wallet, random, forgotten } = person;
  for (const late of forgotten.splice(0)) await wallet.pay(late, { isForced: true });
  const known = (await pictures(customer)).length;
  if (!(await placesAnOrder(person, byCode))) return;
  const code = await patiently(async () => {
    for (const url of (await pictures(customer)).slice(known)) {
      const read = await readCode(url);
      if (read !== undefined) return read;
    }
    return undefined;
  });
  if (code === undefined) return;
  await think(person, 300, 3_000);
  if (random.chance(0.25)) {
    forgotten.push(code);
    return;
  }
  await wallet.pay(code);
  if (random.chance(0.2)) await wallet.pay(code); // an impatient thumb
  await waitsFor(customer, /paid:|delivered/i);
};

const ordersAndForgets: Story = async (person) => {
  await placesAnOrder(person, "KBZPay");
};

const ordersAndCancels: Story = async (person) => {
  if (!(await placesAnOrder(person, "KBZPay"))) return;
  await person.customer.say("I want to cancel my order");
  const payload = await offered(person.customer, "cancel");
  if (payload !== undefined) await person.customer.tap(payload);
};

const paysForNothing: Story = async (person) => {
  await sendsSlip(person, 10_000);
  await think(person, 1_000, 3_000);
};

const takesBack: Story = async ({ customer, diary }) => {
  await customer.say("My other number is 09 791 000 111");
  const last = (await customer.messages()).findLast(({ from }) => from === "customer");
  if (!last) return;
  diary.takenBack.push(last.mid);
  await customer.takeBack(last.mid);
};

const stories: readonly (readonly [number, readonly [string, Story]])[] = [
  [5, ["asks", asks]],
  [8, ["buysByTransfer", buysByTransfer]],
  [4, ["buysByCash", buysByCash]],
  [5, ["buysByCode", buysByCode]],
  [2, ["ordersAndForgets", ordersAndForgets]],
  [2, ["ordersAndCancels", ordersAndCancels]],
  [1, ["paysForNothing", paysForNothing]],
  [1, ["takesBack", takesBack]],
];

/** True when an order was placed; every tap is written into the diary before it is made. */
async function placesAnOrder(person: Person, method: string): Promise<boolean> {
  const { customer, diary, random } = person;
  const known = new Set(await confirmPayloads(customer));
  const news = async () => (await confirmPayloads(customer)).find((payload) => !known.has(payload));
  await customer.say(
    `I want to buy 1 Red Dress\nName: Ma Hla\nPhone: ${diary.phone}\nTownship: Sanchaung\nAddress: No 12 ${diary.canary}`,
  );
  const asked = await countHeard(customer);
  await patiently(async () => (await news()) ?? ((await countHeard(customer)) > asked || undefined));
  if ((await news()) === undefined) await customer.say(method);
  const payload = await patiently(news);
  if (payload === undefined) return false;
  await think(person, 200, 2_000);
  diary.confirmed.push(payload);
  await customer.tap(payload);
  if (random.chance(0.25)) await customer.tap(payload); // an impatient thumb
  if (random.chance(0.15)) {
    await customer.say("yes");
    diary.yesAt.push(Date.now());
  }
  const placed = await patiently(
    async () =>
      (await customer.received()).some(({ text = "" }) => (text ?? "").includes("is placed")) || undefined,
  );
  return placed !== undefined;
}

async function sendsSlip({ customer, diary, random }: Person, amountMinor: number, again?: string) {
  const reference = again ?? `01${random.int(10 ** 8, 10 ** 9)}${diary.slips.length}`;
  diary.slips.push({ reference, amountMinor });
  const paidAt = new Date().toISOString();
  await customer.sendSlip({ amountMinor, currency: "MMK", reference, paidAt, payee: "Daw Thiri" });
  return { reference };
}

async function confirmPayloads(customer: Customer): Promise<string[]> {
  const heard = await customer.received();
  return heard
    .flatMap(({ quickReplies = [] }) => quickReplies)
    .map(({ payload }) => payload)
    .filter((payload) => payload.startsWith("confirm:"));
}

function offered(customer: Customer, prefix: string): Promise<string | undefined> {
  return patiently(
    async () =>
      (await customer.received())
        .toReversed()
        .flatMap(({ quickReplies = [] }) => quickReplies)
        .find(({ payload }) => payload.startsWith(prefix))?.payload,
  );
}

async function pictures(customer: Customer): Promise<string[]> {
  return (await customer.received()).flatMap(({ imageUrl }) => imageUrl ?? []);
}

async function countHeard(customer: Customer): Promise<number> {
  return (await customer.received()).length;
}

function hearsMore(customer: Customer, than: number): Promise<true | undefined> {
  return patiently(async () => (await countHeard(customer)) > than || undefined);
}

async function waitsFor(customer: Customer, words: RegExp): Promise<void> {
  const before = await countHeard(customer);
  await patiently(
    async () =>
      (await customer.received()).slice(before).some(({ text }) => words.test(text ?? "")) || undefined,
  );
}

function patiently<T>(check: () => Promise<T | undefined>): Promise<T | undefined> {
  return waitUntil(check, { timeoutMs: patienceMs, everyMs: 250 });
}

async function think({ random }: Person, from: number, to: number): Promise<void> {
  await wait(random.int(from, to));
}
