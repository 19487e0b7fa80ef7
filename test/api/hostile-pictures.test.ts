import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import { bombs, disguises, kinds } from "../support/pictures/hostile-pictures.ts";
import type { HostilePicture } from "../support/pictures/hostile-pictures.ts";
import { jpegMarkers } from "../support/pictures/jpeg.ts";

let world: OwnerWorld;
let tenant: Tenant;
let path: string;
beforeAll(async () => {
  world = await createOwnerWorld();
  tenant = await world.addTenant();
  const price = { amountMinor: 10_000, currency: "MMK" };
  const product = { name: "Shirt", variants: [{ price, onHand: 3 }] };
  const { body } = await world.ask("POST", "/v1/products", { token: tenant.key, body: product });
  path = `/v1/products/${body.id}/image`;
});
afterAll(() => world.close());

const statusOf = {
  empty: 422,
  damaged: 422,
  too_many_pixels: 422,
  unsupported_type: 415,
  too_large: 413,
  too_slow: 503,
} as const;

const corpus: HostilePicture[] = [...bombs, ...disguises, ...kinds];
const drawn = corpus.filter(({ outcome }) => outcome === "drawn");
const refused = corpus.filter(({ outcome }) => outcome !== "drawn");

/** Files with sealed bytes, and rows that name them. */
async function kept() {
  const entries = await readdir(world.folder, { recursive: true, withFileTypes: true });
  const { rowCount } = await world.owner.query("select 1 from objects where shop_id = $1", [tenant.shopId]);
  return { files: entries.filter((entry) => entry.isFile()).length, rows: rowCount };
}

describe("an owner's upload", () => {
  test.each(refused)("$name is refused, and nothing of it is kept", async ({ bytes, outcome }) => {
    const before = await kept();
    const raw = await bytes();
    const headers = { "content-type": "image/png" };
    const answer = await world.ask("PUT", path, { token: tenant.key, raw, headers });
    // Beyond 12 MB the request itself is refused.
    expect(answer.body.code).toMatch(new RegExp(`^(image|request)\\.${outcome}$`));
    expect(answer.status).toBe(outcome === "drawn" ? 200 : statusOf[outcome]);
    expect(answer.bytes.includes("CANARY")).toBe(false);
    expect(await kept()).toEqual(before);
  });

  test.each(drawn)("$name comes back as pixels alone, under any name and type", async ({ bytes }) => {
    const source = await bytes();
    const form = new FormData();
    form.set("image", new File([new Uint8Array(source)], "../../x.svg\r\n.html", { type: "image/svg+xml" }));
    const stored = await world.ask("PUT", path, { token: tenant.key, raw: form });
    expect(stored.status).toBe(200);
    const picture = await world.ask("GET", stored.body.imageUrl);
    expect(picture.status).toBe(200);
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    const { markers, trailing } = jpegMarkers(picture.bytes);
    expect(markers.filter((marker) => !["db", "c0", "c4", "da"].includes(marker))).toEqual([]);
    expect(trailing).toBe(0);
    expect(picture.bytes.includes("CANARY")).toBe(false);
  });

  test("is served as a picture whatever the request asks for", async () => {
    const raw = await jpeg();
    const headers = { "content-type": "image/gif" };
    const stored = await world.ask("PUT", path, { token: tenant.key, raw, headers });
    expect(stored.status).toBe(200);
    const asks = [{ accept: "text/html" }, { range: "bytes=0-10" }, { "if-none-match": "*" }];
    for (const asked of asks) {
      const picture = await world.ask("GET", `${stored.body.imageUrl}?type=text/html`, { headers: asked });
      expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
      expect(picture.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});
