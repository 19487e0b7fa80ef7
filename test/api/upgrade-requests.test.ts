import { randomUUID } from "node:crypto";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createUpgradeWorld, newReference, upload } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";
import { jpeg } from "./owner-world.ts";
import type { Tenant } from "./owner-world.ts";

let world: UpgradeWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
});
afterAll(() => world.close());

const requestPlan = (tenant: Tenant, planCode = "starter") =>
  world.ask("POST", "/v1/upgrade-requests", { token: tenant.owner, body: { planCode } });
const get = (tenant: Tenant, path: string) => world.ask("GET", path, { token: tenant.owner });

describe("plans", () => {
  test("are listed with their names and prices, and a new shop has a trial of a month in its time zone", async () => {
    const tenant = await world.addTenant();
    const { body } = await get(tenant, "/v1/plans");
    expect(body.data.map(({ code }: { code: string }) => code)).toEqual([
      "trial",
      "starter",
      "growth",
      "business",
    ]);
    expect(body.data[1]).toMatchObject({
      names: { en: "Starter", my: "အခြေခံ" },
      prices: [
        { amountMinor: 45_000, currency: "MMK" },
        { amountMinor: 1_200, currency: "USD" },
      ],
    });
    const subscription = await get(tenant, "/v1/subscription");
    expect(subscription.body).toMatchObject({ planCode: "trial", state: "trial" });
    const days = (Date.parse(subscription.body.endsAt) - Date.parse(subscription.body.startsAt)) / 86_400_000;
    expect([28, 29, 30, 31]).toContain(days);
  });

  test("a published version never changes, by whichever login", async () => {
    const change = world.owner.query("update plan_prices set amount_minor = 1 where plan_code = 'starter'");
    await expect(change).rejects.toThrow("a published plan version never changes");
  });

  test("a newer version is what is offered; a request keeps the price of its own", async () => {
    const tenant = await world.addTenant();
    const before = await requestPlan(tenant, "business");
    await world.owner.query(
      `insert into plans select code, 2, names, period_months, credits_per_period, limits from plans where code = 'business'`,
    );
    await world.owner.query("insert into plan_prices values ('business', 2, 'MMK', 400000)");
    const request = await get(tenant, `/v1/upgrade-requests/${before.body.id}`);
    expect(request.body).toMatchObject({ planVersion: 1, price: { amountMinor: 350_000 } });
    const other = await requestPlan(await world.addTenant(), "business");
    expect(other.body).toMatchObject({ planVersion: 2, price: { amountMinor: 400_000, currency: "MMK" } });
  });
});

describe("packages of credits", () => {
  const requestTopUp = (tenant: Tenant, topUpCode: string) =>
    world.ask("POST", "/v1/top-up-requests", { token: tenant.owner, body: { topUpCode } });

  test("are listed, and asked for at their price as a plan is, one request of either kind at a time", async () => {
    const tenant = await world.addTenant();
    const { body } = await get(tenant, "/v1/top-ups");
    expect(body.data[0]).toEqual({
      code: "small",
      version: 1,
      names: { en: "500 credits", my: "ခရက်ဒစ် ၅၀၀" },
      credits: 500,
      validDays: 365,
      prices: [
        { amountMinor: 20_000, currency: "MMK" },
        { amountMinor: 550, currency: "USD" },
      ],
    });
    expect(await requestTopUp(tenant, "huge")).toMatchObject({
      status: 404,
      body: { code: "top_up.not_offered" },
    });
    const asked = await requestTopUp(tenant, "medium");
    expect(asked).toMatchObject({
      status: 201,
      body: {
        planCode: null,
        topUpCode: "medium",
        topUpVersion: 1,
        state: "draft",
        price: { amountMinor: 70_000, currency: "MMK" },
      },
    });
    expect((await requestPlan(tenant)).body.code).toBe("upgrade.already_open");
  });

  test("a published version never changes", async () => {
    const change = world.owner.query("update top_up_prices set amount_minor = 1");
    await expect(change).rejects.toThrow("a published version in top_up_prices never changes");
  });

  test("the table takes no request for both or for nothing", async () => {
    const tenant = await world.addTenant();
    await requestTopUp(tenant, "small");
    for (const set of [
      "plan_code = 'starter', plan_version = 1",
      "top_up_code = null, top_up_version = null",
    ])
      await expect(
        world.owner.query(`update upgrade_requests set ${set} where shop_id = $1`, [tenant.shopId]),
        set,
      ).rejects.toThrow("upgrade_requests_bought");
  });
});

describe("a request for a plan", () => {
  test("is made once for one key, and one at a time", async () => {
    const tenant = await world.addTenant();
    const headers = { "idempotency-key": randomUUID() };
    const ask = () =>
      world.ask("POST", "/v1/upgrade-requests", {
        token: tenant.owner,
        body: { planCode: "growth" },
        headers,
      });
    const [first, again] = [await ask(), await ask()];
    expect(first).toMatchObject({ status: 201, body: { state: "draft", price: { amountMinor: 120_000 } } });
    expect(again.body).toEqual(first.body);
    const second = await requestPlan(tenant);
    expect({ status: second.status, code: second.body.code }).toEqual({
      status: 409,
      code: "upgrade.already_open",
    });
    expect((await get(tenant, "/v1/upgrade-requests")).body.data).toHaveLength(1);
  });

  test("is refused for a plan that has no price, by staff, and by a key", async () => {
    const tenant = await world.addTenant();
    expect((await requestPlan(tenant, "trial")).body.code).toBe("plan.not_offered");
    for (const token of [tenant.staff, tenant.key]) {
      const answer = await world.ask("POST", "/v1/upgrade-requests", {
        token,
        body: { planCode: "starter" },
      });
      expect(answer.body.code).toBe("scope.missing");
    }
  });

  test("M:ONAMI-08 takes its evidence in two steps, and shows its owner what was handed in and where it stands", async () => {
    const tenant = await world.addTenant();
    const { body: request } = await requestPlan(tenant);
    const uploadId = await upload(world, tenant.owner, request.id);
    const reference = newReference();
    const submitted = await world.ask("POST", `/v1/upgrade-requests/${request.id}/submit`, {
      token: tenant.owner,
      body: { uploadId, reference },
    });
    expect(submitted).toMatchObject({ status: 200, body: { state: "submitted", evidenceId: uploadId } });
    const detail = await get(tenant, `/v1/upgrade-requests/${request.id}`);
    const picture = await get(tenant, detail.body.picture.url);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect((await sharp(picture.bytes).metadata()).width).toBe(32);
    const { rows } = await world.owner.query<{ row: string }>(
      `select to_jsonb(r)::text || coalesce((select string_agg(encode(n.body, 'escape'), ' ') from upgrade_notes n
        where n.shop_id = r.shop_id and n.request_id = r.id), '') as row from upgrade_requests r where shop_id = $1`,
      [tenant.shopId],
    );
    expect(rows[0]?.row).not.toContain(reference.slice(4));
  });

  test("is cancelled by its owner, who can ask anew then", async () => {
    const tenant = await world.addTenant();
    const { body: request } = await requestPlan(tenant);
    const answer = await world.ask("POST", `/v1/upgrade-requests/${request.id}/cancel`, {
      token: tenant.owner,
    });
    expect(answer).toMatchObject({ status: 200, body: { state: "cancelled" } });
    expect((await requestPlan(tenant)).status).toBe(201);
  });

  test("takes no reference that cannot tell two payments apart, and no picture of another request", async () => {
    const [tenant, other] = [await world.addTenant(), await world.addTenant()];
    const { body: request } = await requestPlan(tenant);
    const { body: theirs } = await requestPlan(other);
    const uploadId = await upload(world, tenant.owner, request.id);
    const foreign = await upload(world, other.owner, theirs.id);
    const submit = (body: object) =>
      world.ask("POST", `/v1/upgrade-requests/${request.id}/submit`, { token: tenant.owner, body });
    expect((await submit({ uploadId, reference: "12" })).body.code).toBe("upgrade.reference_unusable");
    expect((await submit({ uploadId: foreign, reference: newReference() })).body.code).toBe(
      "upgrade.evidence_missing",
    );
  });
});

describe("an upload", () => {
  async function place(tenant: Tenant) {
    const { body: request } = await requestPlan(tenant);
    const answer = await world.ask("POST", "/v1/uploads", {
      token: tenant.owner,
      body: { upgradeRequestId: request.id },
    });
    return { request, url: String(answer.body.url) };
  }
  const put = (url: string, token: string, raw: Buffer) =>
    world.ask("PUT", url, { token, raw, headers: { "content-type": "image/jpeg" } });

  test("is drawn anew: what the camera wrote into it is gone", async () => {
    const tenant = await world.addTenant();
    const { request, url } = await place(tenant);
    const withExif = await sharp(await jpeg())
      .withExif({ IFD0: { Copyright: "who-took-it" } })
      .jpeg()
      .toBuffer();
    expect(withExif.includes("who-took-it")).toBe(true);
    expect((await put(url, tenant.owner, withExif)).status).toBe(200);
    const uploadId = /upl_\w+/.exec(url)?.[0];
    await world.ask("POST", `/v1/upgrade-requests/${request.id}/submit`, {
      token: tenant.owner,
      body: { uploadId, reference: newReference() },
    });
    const detail = await get(tenant, `/v1/upgrade-requests/${request.id}`);
    const picture = await get(tenant, detail.body.picture.url);
    expect(picture.bytes.includes("who-took-it")).toBe(false);
    expect((await sharp(picture.bytes).metadata()).exif).toBeUndefined();
  });

  test("is refused when it is no JPEG, PNG or WebP by its content, or larger than 10 MB", async () => {
    const tenant = await world.addTenant();
    const { url } = await place(tenant);
    const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
    for (const raw of [gif, Buffer.from("<svg/>"), Buffer.from("%PDF-1.7")])
      expect((await put(url, tenant.owner, raw)).status).toBe(415);
    expect((await put(url, tenant.owner, Buffer.alloc(10 * 1024 * 1024 + 1, 1))).status).toBe(413);
  });

  test("opens once, for the session that asked, and for five minutes", async () => {
    const tenant = await world.addTenant();
    const { request, url } = await place(tenant);
    const otherSession = await world.openSession(await world.requesterOf(tenant, request));
    expect((await put(url, otherSession, await jpeg())).body.code).toBe("upload.link_expired");
    expect((await put(url.replace(/expires=\d/, "expires=9"), tenant.owner, await jpeg())).status).toBe(403);
    expect((await put(url, tenant.owner, await jpeg())).status).toBe(200);
    expect((await put(url, tenant.owner, await jpeg())).body.code).toBe("upload.received");
    const second = await world.ask("POST", "/v1/uploads", {
      token: tenant.owner,
      body: { upgradeRequestId: request.id },
    });
    world.passTime(5 * 60_000 + 1);
    const late = await put(second.body.url, tenant.owner, await jpeg());
    world.passTime(-5 * 60_000 - 1);
    expect(late.body.code).toBe("upload.link_expired");
  });
});
