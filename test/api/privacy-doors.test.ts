import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { personIndexOf } from "../../api/pages/page-login.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import type { Tenant } from "./owner-world.ts";
import { signedRequest } from "./page-world.ts";
import { createPrivacyWorld } from "./privacy-world.ts";
import type { PrivacyWorld } from "./privacy-world.ts";

let world: PrivacyWorld;
let shop: Tenant;
beforeAll(async () => {
  world = await createPrivacyWorld();
  shop = await world.addTenant();
});
afterAll(() => world.close());

const request = (path: string, init: RequestInit = {}) => world.api.app.request(path, init);
const pathOf = (url: string) => new URL(url).pathname;

/** A Page that the person's login has connected, and a login from which more could be chosen. */
async function connectedBy(personId: string): Promise<Tenant> {
  const tenant = await world.addTenant();
  const index = await personIndexOf(world.deps, personId);
  await world.owner.query("update pages set person_index = $2, token_at = now() where id = $1", [
    tenant.pageId,
    index,
  ]);
  await world.owner.query(
    `insert into page_connections (shop_id, id, session_id, state_hash, state_ends_at, created_at, ends_at, person_index)
      values ($1, $2::uuid, $2::uuid, decode(md5($2::text), 'hex'), now(), now(), now() + interval '1 hour', $3)`,
    [tenant.shopId, newId<string>(), index],
  );
  return tenant;
}

async function heldOf(tenant: Tenant, personId: string) {
  const index = await personIndexOf(world.deps, personId);
  const { rows } = await world.owner.query(
    `select (select state from pages where id = $1) as page,
      (select count(*)::int from pages where person_index = $2)
        + (select count(*)::int from page_connections where person_index = $2) as indexes`,
    [tenant.pageId, index],
  );
  return rows[0] as { page: string; indexes: number };
}

describe("Meta's callback for the deletion of a login's data", () => {
  const tell = (body: URLSearchParams) =>
    request("/webhooks/messenger/data-deletion", { method: "POST", body });

  test("P:ONA-53 forgets the login, answers with a page and a code, which work without signing in, and again the same", async () => {
    const [mine, other] = [await connectedBy("10203"), await connectedBy("40506")];
    const first = await tell(signedRequest("10203"));
    expect(first.status).toBe(200);
    const said = (await first.json()) as { url: string; confirmation_code: string };
    expect(said).toEqual({
      url: expect.stringContaining(`/privacy/requests/${said.confirmation_code}`),
      confirmation_code: expect.stringMatching(/^(?:\w{4}-){3}\w{4}$/),
    });
    expect(said.confirmation_code).not.toContain("10203");
    expect(await heldOf(mine, "10203")).toEqual({ page: "disconnected", indexes: 0 });
    expect(await heldOf(other, "40506")).toEqual({ page: "connected", indexes: 2 });
    const page = await request(pathOf(said.url));
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain("What your Facebook login gave us is deleted");
    expect(text).toMatch(/[\u1000-\u109f]{10}/);
    expect(await (await tell(signedRequest("10203"))).json()).toEqual(said);
    const policy = await request("/privacy/request");
    expect([policy.status, await policy.text()]).toEqual([
      200,
      expect.stringContaining("Deleted is what can be"),
    ]);
    const forged = await tell(signedRequest("40506", { secret: "another-secret" }));
    expect([forged.status, (await tell(new URLSearchParams({ signed_request: "x.y" }))).status]).toEqual([
      400, 400,
    ]);
    expect(await heldOf(other, "40506")).toEqual({ page: "connected", indexes: 2 });
  });

  test("answers a person of whom nothing is kept likewise, whatever Meta writes the id as", async () => {
    const [asText, asNumber] = [await tell(signedRequest("998877")), await tell(signedRequest(998877))];
    expect([asText.status, asNumber.status]).toEqual([200, 200]);
    expect(await asText.json()).toEqual(await asNumber.json());
  });
});

describe("the public page", () => {
  const ask = (form: Record<string, string>) =>
    request("/privacy/request", { method: "POST", body: new URLSearchParams(form) });
  const shopOf = (shopId: ShopId) => toTypeId("shop", shopId);
  const unproven = async () => {
    const { rows } = await world.owner.query(
      "select state, subject_id from privacy_requests where shop_id = $1 and door = 'page'",
      [shop.shopId],
    );
    return rows;
  };

  test("takes a request of nobody's, which nobody sees, that lapses unless it is shown whose it is", async () => {
    const form = await request(`/privacy/request?shop=${shopOf(shop.shopId)}`);
    expect(await form.text()).toContain('name="kind" value="deletion"');
    const made = await ask({ shop: shopOf(shop.shopId), kind: "deletion" });
    expect(made.status).toBe(201);
    const [, code = ""] = /<strong>((?:\w{4}-){3}\w{4})<\/strong>/.exec(await made.text()) ?? [];
    expect(await unproven()).toEqual([{ state: "received", subject_id: null }]);
    expect((await world.ask("GET", "/v1/privacy-requests", { token: shop.owner })).body.data).toEqual([]);
    expect(await world.noticesOf(shop.shopId)).toEqual([]);
    const status = async () => (await request(`/privacy/requests/${code.toLowerCase()}`)).text();
    expect(await status()).toContain("It is not confirmed yet");
    const { rows } = await world.owner.query<{ id: string }>(
      "select id from privacy_requests where shop_id = $1",
      [shop.shopId],
    );
    world.passTime(72 * 3_600_000);
    await world.serve(shop.shopId, toTypeId("pvr", rows[0]?.id ?? ""));
    expect(await unproven()).toEqual([{ state: "lapsed", subject_id: null }]);
    expect(await status()).toContain("nothing was done");
  });

  test("tells of no person, to no search engine, in no address that another site sees; of a wrong code, nothing", async () => {
    const unknown = await request("/privacy/requests/ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining("no request with this code"),
    ]);
    expect(Object.fromEntries(unknown.headers)).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    });
    const customer = await world.addCustomer(shop);
    const token = await world.signIn(shop.shopId, "owner");
    const body = {
      customerId: toTypeId("cus", customer.customerId),
      kind: "correction",
      note: "Ma Hla moved.",
    };
    const { body: made } = await world.ask("POST", "/v1/privacy-requests", { token, body });
    const page = await (await request(pathOf(made.statusUrl))).text();
    expect(page).toContain("It is accepted");
    for (const hidden of ["Ma Hla", "cus_", "pvr_", "shop_"]) expect(page).not.toContain(hidden);
  });

  test("says who to turn to when it was denied", async () => {
    const customer = await world.addCustomer(shop);
    const token = await world.signIn(shop.shopId, "owner");
    const body = { customerId: toTypeId("cus", customer.customerId), kind: "correction" };
    const { body: made } = await world.ask("POST", "/v1/privacy-requests", { token, body });
    await world.serve(shop.shopId, made.id);
    const denial = { denial: "data_is_right", reason: "Checked with the courier." };
    await world.ask("POST", `/v1/privacy-requests/${made.id}/deny`, { token, body: denial });
    const page = await (await request(pathOf(made.statusUrl))).text();
    expect(page).toContain("The data was checked and found right");
    expect(page).toContain("somebody else looks at it");
    expect(page).not.toContain("courier");
  });

  test("refuses what is no request, and more than ten an hour from one network", async () => {
    expect((await ask({ shop: shopOf(newId()), kind: "deletion" })).status).toBe(422);
    expect((await ask({ shop: shopOf(shop.shopId), kind: "everything" })).status).toBe(422);
    const statuses: number[] = [];
    for (let index = 0; index < 11; index += 1) {
      statuses.push((await ask({ shop: shopOf(shop.shopId), kind: "access" })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses.at(-1)).toBe(429);
  });
});
