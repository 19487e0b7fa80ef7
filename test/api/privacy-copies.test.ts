import { afterAll, beforeAll, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { packageLifeMs } from "../../domain/privacy/package.ts";
import { toTypeId } from "../../domain/id.ts";
import { createPrivacyWorld } from "./privacy-world.ts";
import type { PrivacyWorld, RequestView } from "./privacy-world.ts";

let world: PrivacyWorld;
beforeAll(async () => {
  world = await createPrivacyWorld();
});
afterAll(() => world.close());

const pathOf = (url: string) => new URL(url).pathname;

/** What the page of a request shows to whoever has its code. */
async function pageOf({ statusUrl }: RequestView): Promise<{ text: string; link: string | undefined }> {
  const text = await (await world.api.app.request(pathOf(statusUrl))).text();
  return { text, link: /href="([^"]*privacy-packages[^"]*)"/.exec(text)?.[1] };
}

test("a person's copy waits behind the page of their request, for seven days and for nobody else", async () => {
  const shop = await world.addTenant();
  const [mine, other] = [await world.addCustomer(shop), await world.addCustomer(shop)];
  const ask = async (customerId: typeof mine.customerId, kind: string) => {
    const request = await world.ask201(shop, { customerId: toTypeId("cus", customerId), kind });
    await world.serve(shop.shopId, request.id);
    return request;
  };
  const [request, elses] = [await ask(mine.customerId, "access"), await ask(other.customerId, "access")];
  const { link = "" } = await pageOf(request);
  const { body } = await world.ask("GET", `/v1/privacy-requests/${request.id}`, { token: shop.owner });
  expect(body.package.url).toBe(link);
  expect((await pageOf(elses)).link).not.toBe(link);
  const archive = await world.ask("GET", pathOf(link));
  expect([archive.status, archive.headers.get("content-type")]).toEqual([200, "application/zip"]);
  expect(archive.bytes.subarray(0, 2).toString()).toBe("PK");

  world.passTime(packageLifeMs);
  expect(await pageOf(request)).toMatchObject({
    link: undefined,
    text: expect.stringContaining("Ask again"),
  });
  expect((await world.ask("GET", pathOf(link))).status).toBe(410);
});

test("an owner's own copy stands in their request, and in no other", async () => {
  const shop = await world.addTenant();
  const { body: made } = await world.ask("POST", "/v1/privacy-requests", {
    token: shop.owner,
    body: { kind: "portability" },
  });
  await world.serve(platformShopId, made.id);
  const { body } = await world.ask("GET", `/v1/privacy-requests/${made.id}`, { token: shop.owner });
  expect((await world.ask("GET", pathOf(body.package.url))).status).toBe(200);
  const stranger = await world.addTenant();
  const foreign = await world.ask("GET", `/v1/privacy-requests/${made.id}`, { token: stranger.owner });
  expect(foreign.status).toBe(404);
});
