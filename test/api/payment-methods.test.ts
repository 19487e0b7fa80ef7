import { afterAll, beforeAll, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import { joinedDigits, recordSeals } from "../support/recorded-seals.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

const details = { accountName: "Daw Mya", accountNumber: "09 7777 1234", bank: "KBZ" };

async function addMethod(token: string, body: object = {}) {
  const answer = await world.ask("POST", "/v1/payment-methods", {
    token,
    body: { kind: "transfer", name: "KBZPay", details, ...body },
  });
  expect(answer.status).toBe(201);
  return answer.body;
}

test("keeps the account sealed and hidden from customers until the owner shows it", async () => {
  const { key, shopId } = await world.addTenant();
  const method = await addMethod(key);
  expect(method).toMatchObject({ details, isVisibleToCustomer: false, isEnabled: true, qrPicture: null });
  const { rows } = await world.owner.query("select details from payment_methods where shop_id = $1", [
    shopId,
  ]);
  expect(rows[0].details.toString("latin1")).not.toContain("7777");
  const shown = await world.ask("PATCH", `/v1/payment-methods/${method.id}`, {
    token: key,
    headers: { "if-match": '"1"' },
    body: { isVisibleToCustomer: true },
  });
  expect(shown.body).toMatchObject({ details, isVisibleToCustomer: true, version: 2 });
  expect(shown.headers.get("etag")).toBe('"2"');
  expect(await world.auditOf(shopId)).toEqual(["payment_method.created", "payment_method.updated"]);
});

test("changes the account", async () => {
  const { key } = await world.addTenant();
  const { id } = await addMethod(key);
  const changed = { ...details, accountNumber: "09 8888 4321" };
  await world.ask("PATCH", `/v1/payment-methods/${id}`, { token: key, body: { details: changed } });
  const list = await world.ask("GET", "/v1/payment-methods", { token: key });
  expect(list.body.data).toMatchObject([{ id, details: changed }]);
});

test("lists page by page, oldest first", async () => {
  const { key } = await world.addTenant();
  for (const name of ["A", "B", "C"]) await addMethod(key, { name });
  const first = await world.ask("GET", "/v1/payment-methods?limit=2", { token: key });
  expect(first.body.data.map(({ name }: { name: string }) => name)).toEqual(["A", "B"]);
  const path = `/v1/payment-methods?limit=2&cursor=${first.body.nextCursor}`;
  const second = await world.ask("GET", path, { token: key });
  expect(second.body).toMatchObject({ data: [{ name: "C" }], hasMore: false, nextCursor: null });
});

test("shows the QR code by a link of the session", async () => {
  const { owner } = await world.addTenant();
  const { id } = await addMethod(owner);
  const put = await world.ask("PUT", `/v1/payment-methods/${id}/qr`, {
    token: owner,
    raw: await jpeg(),
    headers: { "content-type": "image/jpeg" },
  });
  expect(put.status).toBe(200);
  const picture = await world.ask("GET", put.body.qrPicture.url, { token: owner });
  expect(picture.status).toBe(200);
  expect(picture.headers.get("content-type")).toBe("image/jpeg");
});

test.each([
  ["a transfer without an account", { details: undefined }],
  ["cash on delivery with an account", { kind: "cod" }],
  ["an unknown kind", { kind: "barter" }],
  ["an unknown field", { isHidden: true }],
  ["an account without a number", { details: { ...details, accountNumber: " " } }],
])("refuses %s", async (_what, body) => {
  const { key } = await world.addTenant();
  const full = { kind: "transfer", name: "KBZPay", details, ...body };
  const answer = await world.ask("POST", "/v1/payment-methods", { token: key, body: full });
  expect(answer.status).toBe(422);
});

test("refuses an account for cash on delivery afterwards too", async () => {
  const { key } = await world.addTenant();
  const { id } = await addMethod(key, { kind: "cod", name: "Cash", details: undefined });
  const answer = await world.ask("PATCH", `/v1/payment-methods/${id}`, { token: key, body: { details } });
  expect(answer.status).toBe(422);
});

test("refuses a change of a version that is gone", async () => {
  const { key } = await world.addTenant();
  const { id } = await addMethod(key);
  const change = () =>
    world.ask("PATCH", `/v1/payment-methods/${id}`, {
      token: key,
      headers: { "if-match": '"1"' },
      body: { name: "New" },
    });
  expect([(await change()).status, (await change()).status]).toEqual([200, 412]);
});

test("answers 404 for another shop's method", async () => {
  const [mine, other] = [await world.addTenant(), await world.addTenant()];
  const { id } = await addMethod(mine.key);
  const path = `/v1/payment-methods/${id}`;
  const patched = await world.ask("PATCH", path, { token: other.key, body: { name: "Mine" } });
  const headers = { "content-type": "image/jpeg" };
  const put = await world.ask("PUT", `${path}/qr`, { token: other.key, raw: await jpeg(), headers });
  expect([patched.status, put.status]).toEqual([404, 404]);
  expect((await world.ask("GET", "/v1/payment-methods", { token: other.key })).body.data).toEqual([]);
});

test("lets staff see the methods and not change them", async () => {
  const { key, staff } = await world.addTenant();
  const { id } = await addMethod(key);
  expect((await world.ask("GET", "/v1/payment-methods", { token: staff })).status).toBe(200);
  const body = { kind: "transfer", name: "Mine", details };
  const posted = await world.ask("POST", "/v1/payment-methods", { token: staff, body });
  const patched = await world.ask("PATCH", `/v1/payment-methods/${id}`, {
    token: staff,
    body: { isEnabled: false },
  });
  expect([posted.status, patched.status]).toEqual([403, 403]);
});

const gateway = { provider: "kbzpay", appId: "kp-1", merchantCode: "200001", merchantKey: "secret-of-kbz" };

test("keeps a gateway's key sealed, and shows it to nobody again", async () => {
  const { key, shopId } = await world.addTenant();
  const body = { kind: "gateway", name: "MMQR", details: undefined, gateway };
  const method = await addMethod(key, body);
  const shown = { provider: "kbzpay", appId: "kp-1", merchantCode: "200001" };
  expect(method).toMatchObject({ kind: "gateway", details: null, gateway: shown });
  const other = { ...gateway, merchantKey: "another-secret" };
  const patched = await world.ask("PATCH", `/v1/payment-methods/${method.id}`, {
    token: key,
    body: { gateway: other },
  });
  expect(patched.body).toMatchObject({ gateway: shown });
  const list = await world.ask("GET", "/v1/payment-methods", { token: key });
  const { rows } = await world.owner.query(
    `select encode(m.merchant, 'escape') || coalesce((select string_agg(data::text, '') from audit_events a
       where a.shop_id = m.shop_id), '') as kept from payment_methods m where shop_id = $1`,
    [shopId],
  );
  const all = JSON.stringify([method, patched.body, list.body, rows]);
  expect(all).not.toMatch(/secret-of-kbz|another-secret/u);
});

test.each([
  ["a gateway without an account", { kind: "gateway", details: undefined }],
  ["a gateway with a bank account", { kind: "gateway", gateway }],
  ["a transfer with an account at a provider", { gateway }],
  [
    "an unknown provider",
    { kind: "gateway", details: undefined, gateway: { ...gateway, provider: "other" } },
  ],
])("refuses %s", async (_what, body) => {
  const { key } = await world.addTenant();
  const full = { kind: "transfer", name: "KBZPay", details, ...body };
  expect((await world.ask("POST", "/v1/payment-methods", { token: key, body: full })).status).toBe(422);
});

test("a gateway's key can be changed, its account cannot: open payments are asked after there", async () => {
  const { key } = await world.addTenant();
  const method = await addMethod(key, { kind: "gateway", name: "MMQR", details: undefined, gateway });
  for (const other of [{ merchantCode: "200002" }, { appId: "kp-2" }]) {
    const answer = await world.ask("PATCH", `/v1/payment-methods/${method.id}`, {
      token: key,
      body: { gateway: { ...gateway, ...other } },
    });
    expect([answer.status, answer.body.code]).toEqual([409, "payment_method.other_account"]);
  }
});

test("refuses a gateway for money that the provider does not take", async () => {
  const { key, shopId } = await world.addTenant();
  await world.owner.query("update shops set currency = 'THB' where id = $1", [shopId]);
  const body = { kind: "gateway", name: "MMQR", gateway };
  const answer = await world.ask("POST", "/v1/payment-methods", { token: key, body });
  expect(answer).toMatchObject({ status: 422, body: { code: "payment_method.currency" } });
});

test("refuses an account at a provider for a transfer afterwards too", async () => {
  const { key } = await world.addTenant();
  const { id } = await addMethod(key);
  const answer = await world.ask("PATCH", `/v1/payment-methods/${id}`, { token: key, body: { gateway } });
  expect(answer.status).toBe(422);
});

test("M:MIKY-05 takes and keeps no card, whatever the field: a transfer's account, a provider's own, and numbers of payments", async () => {
  const { owner: token } = await world.addTenant();
  const sealed: string[] = [];
  recordSeals(world.deps.sealer, sealed);
  const card = "4111 1111 1111 1111";
  const { body: request } = await world.ask("POST", "/v1/upgrade-requests", {
    token,
    body: { planCode: "starter" },
  });
  const transfer = { kind: "transfer", name: "KBZPay", details };
  const atProvider = { kind: "gateway", name: "MMQR", gateway };
  const methods = [
    { ...transfer, name: card },
    { ...transfer, details: { ...details, accountNumber: card } },
    { ...transfer, details: { ...details, accountName: card } },
    { ...transfer, cardNumber: card },
    { ...transfer, details: { ...details, cvc: "123" } },
    { ...atProvider, gateway: { ...gateway, merchantCode: card } },
    { ...atProvider, gateway: { ...gateway, card } },
    { kind: "card", name: "Visa", card: { number: card, cvc: "123" } },
  ];
  const proof = { uploadId: toTypeId("upl", newId<string>()), reference: card };
  const asked: [string, object][] = [
    ...methods.map((body): [string, object] => ["/v1/payment-methods", body]),
    [`/v1/upgrade-requests/${request.id}/submit`, proof],
  ];
  for (const [path, body] of asked) {
    const { status } = await world.ask("POST", path, { token, body });
    expect([JSON.stringify(body), status]).toEqual([JSON.stringify(body), 422]);
  }
  expect(sealed.map(joinedDigits).filter((text) => text.includes("4111111111111111"))).toEqual([]);
  expect((await world.ask("GET", "/v1/payment-methods", { token })).body.data).toEqual([]);
  // What there is to keep of a payment: numbers of ours, and of the provider's number its index.
  const { rows } = await world.owner.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_name in ('payment_methods', 'gateway_payments', 'gateway_refunds', 'plan_payments', 'top_up_payments')
        and (data_type in ('bytea', 'json', 'jsonb') or column_name ~ 'card|cvc|token|holder')`,
  );
  expect(rows.map(({ name }) => name).toSorted()).toEqual([
    "gateway_payments.provider_index",
    "payment_methods.details",
    "payment_methods.merchant",
  ]);
});
