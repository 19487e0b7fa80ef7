import { createHmac } from "node:crypto";
import sharp from "sharp";
import { expect } from "vitest";

import { toZawgyi } from "../../domain/text/burmese.ts";
import type { Canary } from "../../runtime/canary-forms.ts";
import { eventually } from "../support/eventually.ts";
import { postJson } from "../support/house.ts";
import { Customer, Owner } from "../support/people.ts";
import type { World } from "../support/people.ts";
import { runProgram } from "../support/running-system.ts";
import type { RunningSystem } from "../support/running-system.ts";
import { shortConversationTimings } from "../support/short-timings.ts";
import { Canaries, burmeseSentence, digits, pieces } from "./canaries.ts";

type Listed<T> = { data: T[] };
type OrderView = { id: string; paymentState: string; fulfilmentState: string };
type EvidenceView = { id: string; picture: { url: string } };

/** A shop made by the commands, and everything that an owner and a customer can write, send or spoil. */
export class LeakyStory {
  readonly canaries = new Canaries();
  /** Pieces of the pictures, as they were sent and as they are stored. */
  readonly pictures: Canary[] = [];
  orderId = "";
  shopId = "";
  private readonly system: RunningSystem;

  constructor(system: RunningSystem) {
    this.system = system;
  }

  async tell(): Promise<void> {
    const { world, shop, owner } = await this.openShop();
    const customer = new Customer(world, shop, this.canaries.plant("PSID", `72${digits(14)}`));
    await customer.say(`Hello ${this.canaries.plant("text")}`);
    await customer.say(this.canaries.plant("Burmese text", burmeseSentence()));
    await customer.say(toZawgyi(this.canaries.plant("Zawgyi text", burmeseSentence())));
    await customer.hearsText(/./);
    await this.order(customer);
    const first = await this.slip(customer, world);
    const orderView = await orderInState(owner, "under_review");
    this.orderId = orderView.id;
    await this.breakThings(world, customer, shop.metaPageId);
    const evidence = await owner.get<Listed<{ id: string }>>("/v1/payment-evidence");
    const evidenceId = evidence.data[0]?.id ?? "";
    await this.seePicture(world, owner, evidenceId);
    this.pictures.push(...pieces("slip as it was sent", first));
    await decide(owner, `${orderView.id}/refuse-payment`, {
      evidenceId,
      reason: this.canaries.plant("reason"),
    });
    await customer.hearsText(this.canaries.texts().at(-1) ?? "");
    await this.slip(customer, world);
    await orderInState(owner, "under_review");
    await decide(owner, `${orderView.id}/confirm-payment`, {
      reference: this.canaries.plant("corrected reference"),
    });
    await customer.hearsText("Payment received");
    await decide(owner, `${orderView.id}/ship`, { tracking: this.canaries.plant("tracking") });
    await customer.hearsText(this.canaries.texts().at(-1) ?? "");
    await this.takeOver(owner, customer);
  }

  private async openShop() {
    const { facts } = this.system;
    const world: World = { apiUrl: facts.api, sim: { url: facts.sim ?? "" } };
    const account = {
      email: `${this.canaries.plant("owner's e-mail")}@shop.example`,
      password: this.canaries.plant("owner's password"),
    };
    const made = await runProgram(
      "shop-command",
      ["create", "--name", "Leaky", "--owner-email", account.email, "--languages", "en,my"],
      { env: { SHOPTHREAD_HOME: this.system.home }, input: `${account.password}\n` },
    );
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining("docs/connect-messenger.md") });
    this.shopId = made.out.trim();
    const metaPageId = `11${digits(13)}`;
    const accessToken = `EAA${this.canaries.plant("Page's token")}`;
    await postJson(`${world.sim.url}/pages`, { id: metaPageId, name: "Leaky Page", accessToken });
    const connected = await runProgram(
      "page-command",
      ["connect", "--shop", this.shopId, "--page", metaPageId],
      {
        env: { SHOPTHREAD_HOME: this.system.home },
        input: `${accessToken}\n`,
      },
    );
    expect(connected).toMatchObject({ code: 0, err: "" });
    await this.system.query("update shops set conversation_timings = $1 where name = 'Leaky'", [
      shortConversationTimings,
    ]);
    const shop = { metaPageId, owner: account };
    const owner = new Owner(world, shop);
    await this.stock(owner);
    return { world, shop, owner };
  }

  private async stock(owner: Owner): Promise<void> {
    const price = (amountMinor: number) => ({ amountMinor, currency: "MMK" });
    const zone = { name: "Yangon", townships: ["Sanchaung"], fee: price(2_500), acceptsCashOnDelivery: true };
    const made = [
      await owner.fetch("PATCH", "/v1/shop", { body: { policies: { zones: [zone] } } }),
      await owner.post("/v1/products", {
        name: "Red Dress",
        variants: [{ name: "M", price: price(45_000), onHand: 5 }],
      }),
      await owner.post("/v1/payment-methods", {
        kind: "transfer",
        name: "KBZPay",
        details: {
          accountName: "Daw Thiri",
          accountNumber: this.canaries.plant("account", `09 7${digits(8)}`),
          bank: "KBZPay",
        },
        isVisibleToCustomer: true,
      }),
      await owner.post("/v1/devices", { token: this.canaries.plant("device token") }),
    ];
    expect(made.map(({ status }) => status)).toEqual([200, 201, 201, 201]);
  }

  private async order(customer: Customer): Promise<void> {
    const name = this.canaries.plant("name");
    const phone = this.canaries.plant("phone", `09 7${digits(8)}`);
    const address = this.canaries.plant("address");
    await customer.say("I want to buy 1 Red Dress");
    await customer.hearsText(/cart/i);
    await customer.say(
      `Name: Ma ${name}\nPhone: ${phone}\nTownship: Sanchaung\nAddress: No 12 ${address} Road`,
    );
    await customer.hearsText(/pay/i);
    await customer.say("KBZPay");
    const summary = await customer.hearsText(address);
    expect(summary.text).toContain(name);
    await customer.tap(await customer.offered("confirm:"));
    await customer.hearsText(/order #\S+ is placed/);
  }

  /** A slip with a canary in its reference, which the model reads, and one in its EXIF data; answers the sent bytes. */
  private async slip(customer: Customer, world: World): Promise<Buffer> {
    const drawn = await postJson(`${world.sim.url}/slips`, {
      amountMinor: 47_500,
      currency: "MMK",
      reference: this.canaries.plant(`reference ${this.canaries.texts().length}`).toUpperCase(),
      paidAt: new Date().toISOString(),
      payee: "Daw Thiri",
    });
    const ImageDescription = this.canaries.plant(`EXIF ${this.canaries.texts().length}`);
    const picture = await sharp(Buffer.from(await drawn.arrayBuffer()))
      .withExif({ IFD0: { ImageDescription } })
      .jpeg({ quality: 95 })
      .toBuffer();
    expect(picture.includes(ImageDescription)).toBe(true);
    await customer.send({ imageBase64: picture.toString("base64") });
    return picture;
  }

  /** What is stored is another picture than what was sent, so its bytes are searched too. */
  private async seePicture(world: World, owner: Owner, evidenceId: string): Promise<void> {
    const { picture } = await owner.get<EvidenceView>(`/v1/payment-evidence/${evidenceId}`);
    const answer = await owner.fetch("GET", picture.url);
    expect(answer.status).toBe(200);
    this.pictures.push(...pieces("slip as it is stored", Buffer.from(await answer.arrayBuffer())));
  }

  /** Failures quote what they failed on, if nobody stops them: in logs, in Temporal's failures, in dead letters. */
  private async breakThings(world: World, customer: Customer, metaPageId: string): Promise<void> {
    const error = (name: string) => ({
      error: { message: this.canaries.plant(name), type: "OAuthException", code: 100 },
    });
    const fault = (body: object) => postJson(`${world.sim.url}/faults`, body);
    await fault({ to: "graph", match: '"text":', status: 400, body: error("Graph's error"), times: 1 });
    await fault({ to: "model", status: 500, body: error("model's error"), times: 1 });
    await fault({ to: "push", status: 500, body: error("push error"), times: 1 });
    await customer.say(`Where is my order? ${this.canaries.plant("text of a turn that fails")}`);
    await eventually("the faults were used", async () => {
      const armed = (await (await fetch(`${world.sim.url}/faults`)).json()) as { to: string }[];
      return armed.every(({ to }) => to === "push");
    });
    await fetch(`${world.sim.url}/faults`, { method: "DELETE" });
    await customer.hearsText(/./);
    await this.spoilWebhooks(world, metaPageId);
    await this.spoilRequests(world);
  }

  private async spoilWebhooks(world: World, metaPageId: string): Promise<void> {
    const secret = this.system.facts.demo?.page.appSecret ?? "";
    const post = (body: string, key = secret) =>
      fetch(`${world.apiUrl}/webhooks/messenger`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-hub-signature-256": `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
        },
        body,
      });
    const item = (message: unknown) => ({
      sender: { id: this.canaries.plant(`PSID ${this.canaries.texts().length}`, `72${digits(14)}`) },
      recipient: { id: metaPageId },
      timestamp: Date.now(),
      message,
    });
    const webhook = (...messaging: unknown[]) =>
      JSON.stringify({ object: "page", entry: [{ id: metaPageId, time: Date.now(), messaging }] });
    expect((await post(`{"text": "${this.canaries.plant("text of no JSON")}`)).status).toBeLessThan(500);
    const forged = await post(
      webhook(item({ mid: "m_x", text: this.canaries.plant("forged text") })),
      "wrong",
    );
    expect(forged.status).toBe(401);
    const crippled = item({
      text: this.canaries.plant("text without a mid"),
      attachments: this.canaries.plant("no attachments"),
    });
    const nonsense = item(this.canaries.plant("message that is no object"));
    expect((await post(webhook(crippled, nonsense))).status).toBe(200);
  }

  private async spoilRequests(world: World): Promise<void> {
    const body = JSON.stringify({
      email: this.canaries.plant("e-mail nobody has"),
      password: this.canaries.plant("wrong password"),
    });
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${this.canaries.plant("wrong token")}`,
    };
    const agent = {
      "user-agent": this.canaries.plant("user agent"),
      "x-request-id": this.canaries.plant("request id"),
    };
    await fetch(`${world.apiUrl}/v1/sessions`, { method: "POST", headers: { ...headers, ...agent }, body });
    await fetch(`${world.apiUrl}/v1/sessions`, {
      method: "POST",
      headers,
      body: `${body}${this.canaries.plant("broken body")}`,
    });
    await fetch(
      `${world.apiUrl}/v1/orders/${this.canaries.plant("path")}?q=${this.canaries.plant("query")}`,
      {
        headers,
      },
    );
  }

  private async takeOver(owner: Owner, customer: Customer): Promise<void> {
    const { data } = await owner.get<Listed<{ customerId: string }>>("/v1/conversations");
    const path = `/v1/conversations/${data[0]?.customerId ?? ""}`;
    expect((await owner.post(`${path}/take-over`)).status).toBe(200);
    const text = this.canaries.plant("owner's message");
    expect((await owner.post(`${path}/messages`, { text })).status).toBeLessThan(300);
    await customer.hearsText(text);
    await customer.say(this.canaries.plant("text to a person"));
    expect((await owner.post(`${path}/give-back`)).status).toBe(200);
  }
}

async function decide(owner: Owner, path: string, body: object): Promise<void> {
  const answer = await owner.post(`/v1/orders/${path}`, body);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
}

function orderInState(owner: Owner, payment: string): Promise<OrderView> {
  return eventually(`an order is ${payment}`, async () =>
    (await owner.get<Listed<OrderView>>("/v1/orders")).data.find(
      ({ paymentState }) => paymentState === payment,
    ),
  );
}
