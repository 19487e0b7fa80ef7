import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

const price = { amountMinor: 15_000, currency: "MMK" };

async function addProduct(token: string, body: object = {}) {
  const answer = await world.ask("POST", "/v1/products", {
    token,
    body: { name: "Shirt", variants: [{ price, onHand: 5 }], ...body },
  });
  expect(answer.status).toBe(201);
  return answer.body;
}

const adjust = (token: string, variantId: string, delta: number, headers: Record<string, string> = {}) =>
  world.ask("POST", `/v1/variants/${variantId}/adjust-stock`, { token, body: { delta }, headers });

describe("products", () => {
  test("makes a product with its variants, whose first stock is a move of the ledger", async () => {
    const { key, shopId } = await world.addTenant();
    const product = await addProduct(key, {
      description: "ချည်သား",
      variants: [
        { name: "Red", price, onHand: 5 },
        { name: "Blue", price: { ...price, amountMinor: 16_000 } },
      ],
    });
    expect(product).toMatchObject({
      name: "Shirt",
      description: "ချည်သား",
      state: "published",
      imageUrl: null,
      variants: [
        { name: "Red", price, onHand: 5, reserved: 0, available: 5, position: 0 },
        { name: "Blue", onHand: 0, position: 1 },
      ],
    });
    const { rows } = await world.owner.query(
      "select kind, on_hand_delta from stock_moves where shop_id = $1",
      [shopId],
    );
    expect(rows).toEqual([{ kind: "initial", on_hand_delta: 5 }]);
    expect(await world.auditOf(shopId)).toEqual(["product.created"]);
  });

  test("lists newest first, page by page, by state", async () => {
    const { key } = await world.addTenant();
    const names = ["A", "B", "C", "D", "E"];
    for (const name of names) await addProduct(key, { name, state: name === "C" ? "draft" : "published" });
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await world.ask("GET", `/v1/products?limit=2${cursor}`, { token: key });
      expect(body.hasMore).toBe(body.nextCursor !== null);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(["E", "D", "C", "B", "A"]);
    const drafts = await world.ask("GET", "/v1/products?state=draft", { token: key });
    expect(drafts.body.data).toMatchObject([{ name: "C", variants: [{ onHand: 5 }] }]);
  });

  test("refuses a page that nobody gave, a limit out of range and an unknown filter", async () => {
    const { key } = await world.addTenant();
    for (const query of ["cursor=bm9uc2Vuc2U", "limit=0", "limit=101", "limit=ten", "stat=draft"]) {
      const answer = await world.ask("GET", `/v1/products?${query}`, { token: key });
      expect(answer.status, query).toBe(422);
    }
  });

  test("changes what is named, of the product and of its variants, and adds new ones", async () => {
    const { key } = await world.addTenant();
    const { id, variants } = await addProduct(key);
    const answer = await world.ask("PATCH", `/v1/products/${id}`, {
      token: key,
      headers: { "if-match": '"1"' },
      body: {
        state: "draft",
        variants: [{ id: variants[0].id, price: { ...price, amountMinor: 9_000 }, isActive: false }],
        addVariants: [{ name: "XL", price, onHand: 2 }],
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(answer.body).toMatchObject({
      name: "Shirt",
      state: "draft",
      variants: [
        { id: variants[0].id, price: { amountMinor: 9_000 }, isActive: false, onHand: 5 },
        { name: "XL", onHand: 2, position: 1, isActive: true },
      ],
    });
    const read = await world.ask("GET", `/v1/products/${id}`, { token: key });
    expect(read.body).toEqual(answer.body);
  });

  test("lets one of two changes of the same version win", async () => {
    const { key } = await world.addTenant();
    const { id } = await addProduct(key);
    const change = (name: string) =>
      world.ask("PATCH", `/v1/products/${id}`, {
        token: key,
        headers: { "if-match": '"1"' },
        body: { name },
      });
    const answers = await Promise.all([change("One"), change("Two")]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test("applies a change without If-Match to whatever is there", async () => {
    const { key } = await world.addTenant();
    const { id } = await addProduct(key);
    for (const name of ["One", "Two"]) {
      const answer = await world.ask("PATCH", `/v1/products/${id}`, { token: key, body: { name } });
      expect(answer.body.name).toBe(name);
    }
  });

  test.each([
    ["an unknown field", { nme: "Shirt" }],
    ["no variant", { variants: [] }],
    ["a fraction", { variants: [{ price: { ...price, amountMinor: 1.5 } }] }],
    ["a negative price", { variants: [{ price: { ...price, amountMinor: -1 } }] }],
    ["a price beyond reason", { variants: [{ price: { ...price, amountMinor: 1e15 } }] }],
    ["a foreign currency", { variants: [{ price: { ...price, currency: "USD" } }] }],
    ["a name of spaces", { name: "   " }],
    ["a NUL", { description: "a\u0000b" }],
  ])("refuses %s", async (_what, body) => {
    const { key } = await world.addTenant();
    const full = { name: "Shirt", variants: [{ price }], ...body };
    const answer = await world.ask("POST", "/v1/products", { token: key, body: full });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect((await world.ask("GET", "/v1/products", { token: key })).body.data).toEqual([]);
  });

  test("refuses a variant of another product, and changes nothing", async () => {
    const { key } = await world.addTenant();
    const [mine, other] = [await addProduct(key), await addProduct(key)];
    const answer = await world.ask("PATCH", `/v1/products/${mine.id}`, {
      token: key,
      body: { name: "Changed", variants: [{ id: other.variants[0].id, isActive: false }] },
    });
    expect(answer.status).toBe(422);
    expect((await world.ask("GET", `/v1/products/${mine.id}`, { token: key })).body.name).toBe("Shirt");
  });

  test("answers 404 for another shop's product, and lists none of them", async () => {
    const [mine, other] = [await world.addTenant(), await world.addTenant()];
    const { id, variants } = await addProduct(mine.key);
    const asked = [
      await world.ask("GET", `/v1/products/${id}`, { token: other.key }),
      await world.ask("PATCH", `/v1/products/${id}`, { token: other.key, body: { name: "Mine" } }),
      await world.ask("PUT", `/v1/products/${id}/image`, {
        token: other.key,
        raw: await jpeg(),
        headers: { "content-type": "image/jpeg" },
      }),
      await adjust(other.key, variants[0].id, 1),
      await world.ask("GET", "/v1/products/prd_nonsense", { token: mine.key }),
      await world.ask("GET", `/v1/products/${variants[0].id}`, { token: mine.key }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await world.ask("GET", "/v1/products", { token: other.key })).body.data).toEqual([]);
  });
});

describe("stock", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await world.addTenant();
  });

  test("moves stock by the ledger, once for each Idempotency-Key", async () => {
    const { variants } = await addProduct(tenant.key);
    const headers = { "idempotency-key": randomUUID() };
    const first = await adjust(tenant.key, variants[0].id, -2, headers);
    expect(first.body).toMatchObject({ onHand: 3, available: 3 });
    const again = await adjust(tenant.key, variants[0].id, -2, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    const { rows } = await world.owner.query(
      "select sum(on_hand_delta) from stock_moves where variant_id = $1",
      [await uuidOf(variants[0].id)],
    );
    expect(Number(rows[0].sum)).toBe(3);
  });

  test("demands an Idempotency-Key, and refuses it for another move", async () => {
    const { variants } = await addProduct(tenant.key);
    const path = `/v1/variants/${variants[0].id}/adjust-stock`;
    const without = await world.api.app.request(path, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" },
      body: JSON.stringify({ delta: 1 }),
    });
    expect(without.status).toBe(400);
    const headers = { "idempotency-key": randomUUID() };
    await adjust(tenant.key, variants[0].id, 1, headers);
    const other = await adjust(tenant.key, variants[0].id, 2, headers);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe("idempotency.key_reused");
  });

  test("moves once, though the process died before the answer was kept", async () => {
    const { variants } = await addProduct(tenant.key);
    const headers = { "idempotency-key": randomUUID() };
    const first = await adjust(tenant.key, variants[0].id, 7, headers);
    await world.owner.query(
      "update idempotency_keys set status = null, response = null, lease_until = now() - interval '1 hour' where shop_id = $1",
      [tenant.shopId],
    );
    const again = await adjust(tenant.key, variants[0].id, 7, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body.onHand).toBe(first.body.onHand);
  });

  test("never falls below what is reserved, however many take at once", async () => {
    const { variants } = await addProduct(tenant.key);
    const id = await uuidOf(variants[0].id);
    await world.owner.query("update variants set reserved = 2 where id = $1", [id]);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => adjust(tenant.key, variants[0].id, -1)),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("stock.below_reserved");
    const { rows } = await world.owner.query("select on_hand, reserved from variants where id = $1", [id]);
    expect(rows).toEqual([{ on_hand: 2, reserved: 2 }]);
  });

  test("refuses no move at all", async () => {
    const { variants } = await addProduct(tenant.key);
    for (const delta of [0, 1.5]) {
      expect((await adjust(tenant.key, variants[0].id, delta)).status).toBe(422);
    }
  });

  test("shows the ledger, newest first, to the own shop only", async () => {
    const { variants } = await addProduct(tenant.key);
    await adjust(tenant.owner, variants[0].id, -2);
    const path = `/v1/variants/${variants[0].id}/stock-moves`;
    const { body } = await world.ask("GET", path, { token: tenant.staff });
    expect(body.data).toMatchObject([
      { kind: "adjust", onHandDelta: -2, accountId: expect.stringMatching(/^acc_/) },
      { kind: "initial", onHandDelta: 5, accountId: null, orderId: null },
    ]);
    const other = await world.addTenant();
    expect((await world.ask("GET", path, { token: other.key })).status).toBe(404);
  });

  async function uuidOf(variantId: string): Promise<string> {
    const { fromTypeId } = await import("../../domain/id.ts");
    return fromTypeId("var", variantId) ?? "";
  }
});

describe("pictures of products", () => {
  test("takes a picture as body or as form, and serves it to anybody by its signed link", async () => {
    const { key } = await world.addTenant();
    const { id } = await addProduct(key);
    const raw = await world.ask("PUT", `/v1/products/${id}/image`, {
      token: key,
      raw: await jpeg(),
      headers: { "content-type": "image/jpeg" },
    });
    expect(raw.status).toBe(200);
    expect(raw.body.version).toBe(2);
    const form = new FormData();
    form.set("image", new Blob([new Uint8Array(await jpeg())]), "p.jpg");
    const second = await world.ask("PUT", `/v1/products/${id}/image`, { token: key, raw: form });
    expect(second.status).toBe(200);
    expect(second.body.imageUrl).not.toBe(raw.body.imageUrl);

    const picture = await world.ask("GET", second.body.imageUrl);
    expect(picture.status).toBe(200);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect(picture.headers.get("x-content-type-options")).toBe("nosniff");
    expect(picture.headers.get("content-security-policy")).toContain("sandbox");
    expect(picture.headers.get("cache-control")).toContain("public");
    expect([...picture.bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  test("serves nothing by a link that was changed in any part", async () => {
    const { key } = await world.addTenant();
    const [one, two] = [await addProduct(key), await addProduct(key)];
    const put = async (id: string) => {
      const asking = { token: key, raw: await jpeg(), headers: { "content-type": "image/jpeg" } };
      return (await world.ask("PUT", `/v1/products/${id}/image`, asking)).body.imageUrl as string;
    };
    const [urlOne, urlTwo] = [await put(one.id), await put(two.id)];
    const [, , , objectOne, signatureOne] = urlOne.split("/");
    const [, , , objectTwo] = urlTwo.split("/");
    for (const path of [
      `${objectTwo}/${signatureOne}`,
      `${objectOne}/${"A".repeat(43)}.jpg`,
      `${objectOne}/x.jpg`,
      `obj_nonsense/${signatureOne}`,
    ]) {
      expect((await world.ask("GET", `/media/products/${path}`)).status, path).toBe(404);
    }
  });

  test("keeps no bytes of a picture whose change is refused", async () => {
    const { key } = await world.addTenant();
    const { id } = await addProduct(key);
    const files = async () =>
      (await readdir(world.folder, { recursive: true })).filter((name) => name.includes("."));
    const before = await files();
    const answer = await world.ask("PUT", `/v1/products/${id}/image`, {
      token: key,
      raw: await jpeg(),
      headers: { "content-type": "image/jpeg", "if-match": '"7"' },
    });
    expect(answer.status).toBe(412);
    expect(await files()).toEqual(before);
  });

  test("refuses what is not a picture, too large, or missing, and keeps nothing of it", async () => {
    const { key, shopId } = await world.addTenant();
    const { id } = await addProduct(key);
    const words = new FormData();
    words.set("image", "words");
    const put = (raw: Buffer | FormData) =>
      world.ask("PUT", `/v1/products/${id}/image`, {
        token: key,
        raw,
        ...(raw instanceof FormData ? {} : { headers: { "content-type": "image/png" } }),
      });
    const answers = [
      await put(Buffer.from("<svg onload=alert(1)>")),
      await put(Buffer.alloc(10 * 1024 * 1024 + 1, 0xff)),
      await put(Buffer.from([0xff, 0xd8, 0xff, 0x00])),
      await put(Buffer.alloc(0)),
      await put(words),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [415, "image.unsupported_type"],
      [413, "image.too_large"],
      [422, "image.damaged"],
      [422, "image.empty"],
      [422, "image.missing"],
    ]);
    const { rowCount } = await world.owner.query("select 1 from objects where shop_id = $1", [shopId]);
    expect(rowCount).toBe(0);
  });
});

test("lets staff keep the catalogue", async () => {
  const { staff } = await world.addTenant();
  expect((await addProduct(staff)).name).toBe("Shirt");
});
