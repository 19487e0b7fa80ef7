import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { openAgeReport } from "../../db/age-reports.ts";
import type { PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { AgeReportId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { createAccountWorld } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import type { CustomerOf } from "./owner-rows.ts";
import type { Tenant } from "./owner-world.ts";

let world: AccountWorld;
let tenant: Tenant;
let customer: CustomerOf;
let metaPageId: string;
beforeAll(async () => {
  world = await createAccountWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  const { rows } = await world.owner.query<{ id: string }>(
    "select meta_page_id as id from pages where shop_id = $1",
    [tenant.shopId],
  );
  metaPageId = rows[0]?.id ?? "";
});
afterAll(() => world.close());

const text = "My daughter Hla wrote to this shop last Monday. She is 12.";

async function reported(): Promise<string> {
  const answer = await world.post("/v1/child-data-reports", { metaPageId, text });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { state: "received" } });
  const listed = await eventually("the report is there", async () => {
    const { body } = await world.ask("GET", "/v1/age-reports", { token: tenant.owner });
    return body.data.length > 0 && body.data;
  });
  expect(listed).toMatchObject([{ door: "form", state: "open", customerId: null, text, eraseBy: null }]);
  return String(listed[0].id);
}

function decide(id: string, body: object, token = tenant.owner) {
  return world.ask("POST", `/v1/age-reports/${id}/decide`, { token, body });
}

async function stateOf({ customerId }: CustomerOf): Promise<string | undefined> {
  const { rows } = await world.owner.query<{ state: string }>("select state from subjects where id = $1", [
    customerId,
  ]);
  return rows[0]?.state;
}

async function deletionOf({ shopId, customerId }: CustomerOf) {
  const query = "select * from privacy_requests where shop_id = $1 and subject_id = $2 and kind = 'deletion'";
  const { rows } = await world.owner.query<PrivacyRequestRow>(query, [shopId, customerId]);
  return rows[0];
}

const named = () => ({ customerId: toTypeId("cus", customer.customerId) });

test("a report erases and freezes nobody until a person of the shop has found who it is, and then at once", async () => {
  const id = await reported();
  const { rows } = await world.owner.query<{ body: Buffer }>(
    "select body from age_reports where body is not null",
  );
  expect(rows.some(({ body }) => body.includes("Hla"))).toBe(false);
  expect(await stateOf(customer)).toBe("active");
  expect(await decide(id, { isChild: true })).toMatchObject({
    status: 422,
    body: { code: "age_report.customer_needed" },
  });
  const stranger = await world.addCustomer(await world.addTenant());
  const theirs = { isChild: true, customerId: toTypeId("cus", stranger.customerId) };
  expect((await decide(id, theirs)).status).toBe(404);
  expect(await decide(id, { isChild: true, ...named() }, tenant.key)).toMatchObject({
    status: 403,
    body: { code: "age_report.needs_person" },
  });
  expect([await stateOf(customer), await stateOf(stranger)]).toEqual(["active", "active"]);

  const { status, body } = await decide(id, { isChild: true, ...named() });
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { state: "verified", text: null, ...named() },
  });
  expect(Date.parse(body.eraseBy) - Date.parse(body.decidedAt)).toBe(24 * 60 * 60_000);
  expect(await stateOf(customer)).toBe("frozen");
  const deletion = await deletionOf(customer);
  expect(deletion).toMatchObject({ state: "verified", door: "age_report", proof: "owner", tell: null });
  expect(deletion?.due_at.toISOString()).toBe(body.eraseBy);
  expect(await decide(id, { isChild: false })).toMatchObject({ status: 409 });
  expect(await stateOf(customer)).toBe("frozen");
});

test("who said so in the chat is frozen until the shop finds that it was no child", async () => {
  const { shopId, customerId: subjectId } = customer;
  const [id, now] = [newId<AgeReportId>(), new Date()];
  const codeHash = Buffer.from(id);
  await world.worker.withShop(shopId, (trx) => openAgeReport(trx, { shopId, subjectId, id, codeHash, now }));
  expect(await stateOf(customer)).toBe("frozen");
  expect(await deletionOf(customer)).toMatchObject({
    state: "verified",
    door: "age_report",
    proof: "thread",
  });
  const { body } = await world.ask("GET", "/v1/age-reports", { token: tenant.owner });
  expect(body.data).toMatchObject([{ door: "chat", state: "open", ...named() }]);
  expect(await decide(body.data[0].id, { isChild: false })).toMatchObject({
    status: 200,
    body: { state: "dismissed", eraseBy: null },
  });
  expect(await deletionOf(customer)).toMatchObject({ state: "cancelled", tell: null });
  expect(await stateOf(customer)).toBe("active");
});

test("anybody may report, and few times an hour; of a Page that we do not serve nothing is kept or told", async () => {
  const unknown = await world.post("/v1/child-data-reports", { metaPageId: "999999999999", text });
  expect(unknown).toMatchObject({ status: 202, body: { state: "received" } });
  const from = "10.9.9.9";
  const answers = [];
  for (let times = 0; times < 6; times += 1)
    answers.push((await world.post("/v1/child-data-reports", { metaPageId, text }, { from })).status);
  expect(answers).toEqual([202, 202, 202, 202, 202, 429]);
});
