import { setTimeout as wait } from "node:timers/promises";

import { eventually } from "./eventually.ts";
import { postJson } from "./house.ts";

/** Where people find the product and its outside world: a test house, or an `npm start` that runs. */
export type World = { apiUrl: string; sim: { url: string } };
export type ShopInWorld = { metaPageId: string; owner: { email: string; password: string } };

/** One message of the conversation as Messenger's side sees it. */
export type SeenMessage = {
  mid: string;
  from: "customer" | "page";
  kind: string;
  text?: string;
  quickReplies?: { title: string; payload: string }[];
  metadata?: string;
  cards?: { title: string; subtitle?: string | null; imageUrl?: string | null }[];
  imageUrl?: string;
};

/** A customer of a shop's Page, on Messenger's side of the world. */
export class Customer {
  readonly psid: string;
  private readonly house: World;
  private readonly shop: ShopInWorld;

  constructor(
    house: World,
    shop: ShopInWorld,
    psid = `72${String(Math.floor(Math.random() * 1e14)).padStart(14, "0")}`,
  ) {
    this.house = house;
    this.shop = shop;
    this.psid = psid;
  }

  async send(body: Record<string, unknown>): Promise<void> {
    await postJson(this.url(), { ...body, pageId: this.shop.metaPageId });
  }

  say(text: string): Promise<void> {
    return this.send({ text });
  }

  tap(payload: string): Promise<void> {
    return this.send({ quickReply: { payload } });
  }

  /** Unsends a message of theirs, on every side of the conversation. */
  takeBack(mid: string): Promise<void> {
    return this.send({ raw: { message: { mid, is_deleted: true } } });
  }

  /** Sends the picture of a transfer slip. */
  async sendSlip(slip: Record<string, unknown>): Promise<void> {
    const response = await postJson(`${this.house.sim.url}/slips`, slip);
    await this.send({ imageBase64: Buffer.from(await response.arrayBuffer()).toString("base64") });
  }

  async messages(): Promise<SeenMessage[]> {
    const response = await fetch(`${this.url()}?pageId=${this.shop.metaPageId}`);
    return (await response.json()) as SeenMessage[];
  }

  async received(): Promise<SeenMessage[]> {
    return (await this.messages()).filter(({ from }) => from === "page");
  }

  /** The first message from the Page that fits, once it is there. */
  hears(what: string, fits: (message: SeenMessage) => boolean, timeoutMs?: number): Promise<SeenMessage> {
    return eventually(
      `the customer hears ${what}`,
      async () => (await this.received()).find(fits),
      timeoutMs,
    );
  }

  hearsText(part: string | RegExp, timeoutMs?: number): Promise<SeenMessage> {
    return this.hears(
      String(part),
      ({ text }) => (typeof part === "string" ? text?.includes(part) : part.test(text ?? "")) ?? false,
      timeoutMs,
    );
  }

  /** The payload of a quick reply that was offered, newest first. */
  async offered(prefix: string, timeoutMs?: number): Promise<string> {
    return eventually(
      `a quick reply ${prefix}… is offered`,
      async () =>
        (await this.received())
          .toReversed()
          .flatMap(({ quickReplies = [] }) => quickReplies)
          .find(({ payload }) => payload.startsWith(prefix))?.payload,
      timeoutMs,
    );
  }

  private url(): string {
    return `${this.house.sim.url}/customers/${this.psid}/messages`;
  }
}

/** From hello to a placed order in English, by transfer or by cash; answers when the order is placed. */
export async function placeAnOrder(
  customer: Customer,
  {
    quantity = 1,
    method = "KBZPay",
    product = "Red Dress",
  }: { quantity?: number; method?: string; product?: string } = {},
): Promise<void> {
  await customer.say(`I want to buy ${quantity} ${product}`);
  await customer.hearsText(/cart/i);
  await customer.say("Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road");
  const isSummary = ({ quickReplies = [] }: SeenMessage) =>
    quickReplies.some(({ payload }) => payload.startsWith("confirm:"));
  const asked = await customer.hears(
    "how to pay, or the summary",
    (message) => isSummary(message) || (message.text?.includes("like to pay") ?? false),
  );
  // With one way to pay nobody asks; whoever names it all the same gets a new summary, and the first is void.
  if (!isSummary(asked)) await customer.say(method);
  const confirm = await customer.offered("confirm:");
  await customer.tap(confirm);
  await customer.hearsText(/order #\S+ is placed/);
}

/** The owner, through the API. */
const mostOffers = 6;
const againMs = 500;

export class Owner {
  private readonly house: World;
  private readonly shop: ShopInWorld;
  private token: Promise<string> | undefined;

  constructor(house: World, shop: ShopInWorld) {
    this.house = house;
    this.shop = shop;
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch("GET", path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /**
   * POST with an Idempotency-Key; the answer as it is, refusals included. While it is not known whether it was done, or
   * nothing can be decided, the same key is offered again, as the API asks for: a busy machine is no failure.
   */
  async post(path: string, body: object = {}, key: string = crypto.randomUUID()): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.postOnce(path, body, key);
      if (attempt === mostOffers || (answer.status !== 503 && answer.status !== 504)) return answer;
      await wait(againMs);
    }
  }

  /** For a test of an outage: 503 and 504 are the answer. */
  postOnce(path: string, body: object = {}, key: string = crypto.randomUUID()): Promise<Response> {
    return this.fetch("POST", path, { body, key });
  }

  async fetch(
    method: string,
    path: string,
    { body, key }: { body?: object; key?: string } = {},
  ): Promise<Response> {
    return fetch(this.house.apiUrl + path, {
      method,
      headers: {
        ...(await this.headers()),
        ...(body ? { "content-type": "application/json" } : {}),
        ...(key ? { "idempotency-key": key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  /** For a request that is no JSON. */
  async headers(): Promise<{ authorization: string }> {
    this.token ??= this.signIn().catch((error: unknown) => {
      this.token = undefined; // the next one tries again
      throw error;
    });
    return { authorization: `Bearer ${await this.token}` };
  }

  private async signIn(): Promise<string> {
    const response = await postJson(`${this.house.apiUrl}/v1/sessions`, this.shop.owner);
    const { token } = (await response.json()) as { token: string };
    return token;
  }
}
