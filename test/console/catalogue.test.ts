import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import { jpeg } from "../api/owner-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { findForeignMarkup, hostileTexts } from "./hostile-texts.ts";

let world: ConsoleWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createConsoleWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

const open = (path: string, session = tenant.owner) => world.visit("GET", path, { session });
const send = (path: string, form: Record<string, string> | FormData, session = tenant.owner) =>
  world.visit("POST", path, { session, form });
const flashOf = ({ headers }: { headers: Headers }) =>
  decodeURIComponent(/console-flash=([^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "");

async function addProduct(name = "Shirt"): Promise<{ path: string; html: string }> {
  const answer = await send("/console/products", { name, price: "၅,၀၀၀", onHand: "3" });
  const path = answer.headers.get("location") ?? "";
  return { path, html: (await open(path)).html };
}

describe("a product", () => {
  test("is added with price and stock, and listed", async () => {
    const { html } = await addProduct();
    expect(html).toContain('value="5000"');
    const list = await open("/console/products");
    expect(list.html).toContain("5,000 MMK");
    expect(list.html).toContain("3 available");
  });

  test("is changed in name, price and state, if nobody else changed it meanwhile", async () => {
    const { path, html } = await addProduct();
    const version = /name="version" value="(\d+)"/.exec(html)?.[1] ?? "";
    const price = /name="(price\.var_[a-z0-9]+)"/.exec(html)?.[1] ?? "";
    const form = { version, name: "Longyi", description: "", state: "draft", [price]: "7500" };
    expect(flashOf(await send(path, form))).toBe("done:saved");
    const changed = await open(path);
    expect(changed.html).toContain('name="name" value="Longyi"');
    expect(changed.html).toContain('value="7500"');
    expect(changed.html).toMatch(/<option value="draft" selected/);
    expect(flashOf(await send(path, form))).toBe("problem:request.precondition_failed");
  });

  test("gains and loses stock once for each form", async () => {
    const { path, html } = await addProduct();
    const stock = /action="(\/console\/products\/[^"]+\/stock\/[^"]+)"/.exec(html)?.[1] ?? "";
    for (const delta of ["+10", "+10"]) {
      expect(flashOf(await send(stock, { key: "once", delta }))).toBe("done:stockChanged");
    }
    expect((await open(path)).html).toContain("13 available");
    expect(flashOf(await send(stock, { key: "more", delta: "-14" }))).toBe("problem:stock.below_reserved");
    expect(flashOf(await send(stock, { key: "less", delta: "many" }))).toBe("problem:form.bad_number");
  });

  test("gets a picture by upload, and nothing else is taken for one", async () => {
    const { path } = await addProduct();
    const upload = (bytes: Uint8Array<ArrayBuffer>) => {
      const form = new FormData();
      form.set("image", new File([bytes], "../../x.svg", { type: "image/svg+xml" }));
      return send(`${path}/image`, form);
    };
    expect(flashOf(await upload(new TextEncoder().encode("<svg onload=alert(1)>")))).toBe(
      "problem:image.unsupported_type",
    );
    expect(flashOf(await upload(new Uint8Array(await jpeg())))).toBe("done:imageStored");
    const picture = /class="product-image" src="([^"]+)"/.exec((await open(path)).html)?.[1] ?? "";
    expect((await open(picture)).headers.get("content-type")).toBe("image/jpeg");
  });

  test("of another shop is not found", async () => {
    const { path } = await addProduct();
    const other = await world.addTenant();
    expect((await open(path, other.owner)).status).toBe(404);
  });

  test("shows its texts as text", async () => {
    for (const name of hostileTexts) {
      const { path } = await addProduct(name);
      expect(findForeignMarkup((await open(path)).html)).toEqual([]);
    }
    expect(findForeignMarkup((await open("/console/products")).html)).toEqual([]);
  });
});

describe("the shop", () => {
  test("turns its agent off and on", async () => {
    expect(flashOf(await send("/console/shop/agent", { isEnabled: "false" }))).toBe("done:agentOff");
    expect((await open("/console/shop")).html).toContain("The agent is off: nobody answers but you.");
    expect((await open("/console/conversations")).html).toContain("The agent is off for the whole shop.");
    await send("/console/shop/agent", { isEnabled: "true" });
    expect((await open("/console/shop")).html).toContain("The agent answers your customers.");
  });

  test("changes what the agent may say, in both languages", async () => {
    const version = /name="version" value="(\d+)"/.exec((await open("/console/shop")).html)?.[1] ?? "";
    const policies = { "openHours.my": "၉ နာရီ", "openHours.en": "9 to 5", "returns.en": "3 days" };
    const form = { version, name: "Hla", agentName: "Aye", ...policies };
    expect(flashOf(await send("/console/shop", form))).toBe("done:saved");
    const { html } = await open("/console/shop");
    for (const text of ["Hla", "၉ နာရီ", "9 to 5", "3 days"]) expect(html).toContain(text);
    expect(flashOf(await send("/console/shop", form))).toBe("problem:request.precondition_failed");
  });

  test("is only looked at by staff", async () => {
    const { html } = await open("/console/shop", tenant.staff);
    expect(html).toContain("Only the owner can change this.");
    const refused = await send("/console/shop/agent", { isEnabled: "false" }, tenant.staff);
    expect(flashOf(refused)).toBe("problem:scope.missing");
    expect((await open("/console/shop")).html).toContain("The agent answers your customers.");
  });
});

describe("a notice", () => {
  test("leads to its order and is read by that", async () => {
    const customer = await world.addCustomer(tenant);
    const { orderId } = await world.addOrder(customer, {});
    const noticeId = "01936f3c-5b2e-7a41-9c3d-2f1e0b8a7c6d";
    await world.owner.query(
      `insert into owner_notices (shop_id, id, kind, business_key, order_id, data, created_at)
       values ($1, $2, 'order_placed', 'k', $3, '{"orderNumber":"1001","amountMinor":11000,"currency":"MMK"}', now())`,
      [tenant.shopId, noticeId, orderId],
    );
    const list = await open("/console/notices");
    expect(list.html).toContain("#1001 · 11,000 MMK · A customer placed an order.");
    expect(list.html).toContain('class="badge">1<');
    const path = `/console/notices/${toTypeId("ntc", noticeId)}/read`;
    const opened = await send(path, { open: "true" });
    expect(opened.headers.get("location")).toBe(`/console/orders/${toTypeId("ord", orderId)}`);
    expect((await open("/console/notices")).html).not.toContain('class="badge"');
  });

  test("of a slip without an order leads to the slips, where it can be linked", async () => {
    const { customerId } = await world.addCustomer(tenant);
    const noticeId = newId<string>();
    await world.owner.query(
      `insert into owner_notices (shop_id, id, kind, business_key, customer_id, data, created_at)
       values ($1, $2, 'unmatched_evidence', 'slip', $3, '{}', now())`,
      [tenant.shopId, noticeId, customerId],
    );
    const path = `/console/notices/${toTypeId("ntc", noticeId)}/read`;
    const opened = await send(path, { open: "true" });
    expect(opened.headers.get("location")).toBe("/console/evidence");
  });
});
