import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf } from "./owner-rows.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
});
afterAll(() => world.close());

const reading = {
  amountMinor: 11_000,
  currency: "MMK",
  reference: "TX0012345678",
  paidAt: "2026-11-25T03:00:00.000Z",
  payee: "Daw Mya",
};

async function addSlip(options: { isMatched?: boolean } = {}) {
  const { orderId } = await world.addOrder(customer);
  const link = options.isMatched === false ? {} : { orderId };
  const picture = await jpeg();
  const slip = await world.addEvidence(customer, { picture, reading, ...link });
  return { ...slip, orderId, picture, path: `/v1/payment-evidence/${toTypeId("evd", slip.evidenceId)}` };
}

describe("payment evidence", () => {
  test("shows what was read from the slip, the verdict, and the picture", async () => {
    const slip = await addSlip();
    const answer = await world.ask("GET", slip.path, { token: tenant.key });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      orderId: toTypeId("ord", slip.orderId),
      state: "undecided",
      verdict: "matches",
      reading: { isLegible: true, ...reading },
    });
    const picture = await world.ask("GET", answer.body.picture.url, { token: tenant.key });
    expect(picture.status).toBe(200);
    expect(picture.bytes.equals(slip.picture)).toBe(true);
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "content-disposition": 'attachment; filename="picture.jpg"',
      "cache-control": "private, no-store",
    });
    expect(await world.auditOf(tenant.shopId)).toEqual(["evidence.viewed", "picture.viewed"]);
  });

  test("lists slips by state, those without an order too, and opens nothing", async () => {
    const matched = await addSlip();
    const unmatched = await addSlip({ isMatched: false });
    const list = async (query: string) => {
      const { body } = await world.ask("GET", `/v1/payment-evidence?${query}`, { token: tenant.key });
      return body.data.map(({ id }: { id: string }) => id);
    };
    const [first, second] = [matched, unmatched].map(({ evidenceId }) => toTypeId("evd", evidenceId));
    expect(await list("")).toEqual([second, first]);
    expect(await list("state=unmatched")).toEqual([second]);
    expect(await list(`orderId=${toTypeId("ord", matched.orderId)}`)).toEqual([first]);
    expect(await list(`customerId=${toTypeId("cus", customer.customerId)}`)).toEqual([second, first]);
    expect(await world.auditOf(tenant.shopId)).toEqual([]);
  });

  test("refuses an unknown state and an id of another kind", async () => {
    for (const query of ["state=lost", "orderId=cus_01h455vb4pex5vsknk084sn02q", "orderId=x"]) {
      const answer = await world.ask("GET", `/v1/payment-evidence?${query}`, { token: tenant.key });
      expect(answer.status, query).toBe(422);
    }
  });

  test("says that the reading was erased when its key is gone, and serves no picture", async () => {
    const slip = await addSlip();
    await world.owner.query("delete from subject_keys where subject_id = $1", [customer.customerId]);
    world.deps.sealer.forget(customer.customerId);
    const answer = await world.ask("GET", slip.path, { token: tenant.key });
    expect(answer.body.reading).toBeNull();
    expect((await world.ask("GET", answer.body.picture.url, { token: tenant.key })).status).toBe(404);
  });
});

describe("P:ONA-12 a slip's picture", () => {
  test("P:ONA-12 is 401 for whoever is not signed in, 404 for another shop, 403 by an expired link", async () => {
    const slip = await addSlip();
    const other = await world.addTenant();
    const { body } = await world.ask("GET", slip.path, { token: tenant.key });
    const { url } = body.picture;
    expect((await world.ask("GET", url)).status).toBe(401);
    expect((await world.ask("GET", slip.path)).status).toBe(401);
    expect((await world.ask("GET", url, { token: other.key })).status).toBe(404);
    expect((await world.ask("GET", slip.path, { token: other.key })).status).toBe(404);
    world.passTime(5 * 60_000);
    const late = await world.ask("GET", url, { token: tenant.key });
    world.passTime(-5 * 60_000);
    expect(late.status).toBe(403);
    expect(late.body.code).toBe("picture.link_expired");
    expect((await world.ask("GET", url, { token: tenant.key })).status).toBe(200);
  });

  test("is 403 for another session of the same shop, and by a link that was changed", async () => {
    const slip = await addSlip();
    const { body } = await world.ask("GET", slip.path, { token: tenant.owner });
    const url = new URL(body.picture.url, "http://shop.test");
    for (const token of [tenant.staff, tenant.key]) {
      expect((await world.ask("GET", body.picture.url, { token })).status).toBe(403);
    }
    const longer = new URL(url);
    longer.searchParams.set("expires", String(Number(url.searchParams.get("expires")) + 60_000));
    const unsigned = new URL(url);
    unsigned.searchParams.set("signature", "");
    for (const changed of [longer, unsigned]) {
      const answer = await world.ask("GET", changed.pathname + changed.search, { token: tenant.owner });
      expect(answer.status).toBe(403);
    }
  });

  test("P:ONA-12 is no image on the disk", async () => {
    const slip = await addSlip();
    const names = await readdir(world.folder, { recursive: true });
    const files = names.filter((name) => name.includes(slip.objectId));
    expect(files).toHaveLength(1);
    const bytes = await readFile(join(world.folder, files[0] ?? ""));
    await expect(sharp(bytes).metadata()).rejects.toThrow();
    expect(bytes.includes(slip.picture.subarray(100, 132))).toBe(false);
  });
});
