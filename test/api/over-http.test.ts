import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import { createApiWorld, envelope, messageItem, newPsid, signedPost } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";
import { openDoor } from "./door.ts";

let world: ApiWorld;
let server: ServerType;
let address: string;
beforeAll(async () => {
  world = await createApiWorld();
  const settings = { ...world.deps.settings, trustedProxies: 1 };
  const { app } = createApi({ ...world.deps, settings });
  server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

test("a signed webhook is taken in from the wire", async () => {
  const shop = await world.addShop();
  const items = [messageItem(shop, newPsid(), { text: "မင်္ဂလာပါ 🙏" })];
  const response = await fetch(`${address}/webhooks/messenger`, {
    ...signedPost(envelope({ metaPageId: shop.metaPageId, items })),
  });
  expect([response.status, await response.text()]).toEqual([200, "EVENT_RECEIVED"]);
  expect(await openDoor(world).bodiesOf(shop)).toEqual([{ text: "မင်္ဂလာပါ 🙏" }]);
});

test("a body without a length is cut off at 2 MB", async () => {
  const status = await new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    const sending = request(`${address}/webhooks/messenger`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on("error", reject);
    for (let sent = 0; sent < 5; sent += 1) sending.write(Buffer.alloc(512 * 1024, "a"));
    sending.end();
  });
  expect(status).toBe(413);
});

test("no body of the owner's API is read beyond 12 MB, whoever sends it", async () => {
  const body = JSON.stringify({ email: "a@b.example", password: "x".repeat(12 * 1024 * 1024) });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${address}/v1/sessions`, { method: "POST", headers, body });
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: "request.too_large" }]);
});

test("ten wrong guesses shut out their own network, not the owner", async () => {
  const { email, password } = await world.addAccount();
  const signIn = async (from: string, given: string) => {
    const response = await fetch(`${address}/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": from },
      body: JSON.stringify({ email, password: given }),
    });
    return response.status;
  };
  for (let guess = 0; guess < 10; guess += 1) expect(await signIn("192.0.2.1", `guess ${guess}`)).toBe(401);
  expect(await signIn("192.0.2.9", password)).toBe(429);
  expect(await signIn("198.51.100.20", password)).toBe(201);
});

test("guesses from one network are limited together, at whatever account", async () => {
  const guess = async (from: string) => {
    const response = await fetch(`${address}/v1/sessions`, {
      method: "POST",
      // The last hop was written by our proxy; what stands before it is the client's invention.
      headers: { "content-type": "application/json", "x-forwarded-for": `6.6.6.6, ${from}` },
      body: JSON.stringify({ email: `${Math.random()}@example.com`, password: "x" }),
    });
    return response.status;
  };
  const statuses = [];
  for (let host = 0; host < 101; host += 1) statuses.push(guess(`203.0.113.${host}`));
  const answers = await Promise.all(statuses);
  expect(answers.filter((status) => status === 401).length).toBe(100);
  expect(answers.filter((status) => status === 429).length).toBe(1);
  expect(await guess("198.51.100.7")).toBe(401);
}, 60_000);
