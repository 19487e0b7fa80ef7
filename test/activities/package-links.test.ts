import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { removeLooseObjects } from "../../activities/upkeep/remove-loose-objects.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld, Tenant } from "../api/owner-world.ts";
import { build, download } from "./package-world.ts";
import { upkeepDeps } from "./upkeep-deps.ts";

const day = 24 * 60 * 60_000;

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

const asked = () => ({
  shopId: customer.shopId,
  subjectId: customer.customerId,
  kind: "access" as const,
});
const get = (code: string) => world.ask("GET", `/v1/privacy-packages/${code}`);

async function afterTime<T>(ms: number, fn: () => Promise<T>): Promise<T> {
  world.passTime(ms);
  try {
    return await fn();
  } finally {
    world.passTime(-ms);
  }
}

async function listStored(): Promise<string[]> {
  const names = readdirSync(world.folder, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ name }) => name.slice(0, 36));
}

async function listPieces(): Promise<string[]> {
  const { rows } = await world.owner.query<{ id: ObjectId }>(
    "select object_id as id from privacy_package_parts where shop_id = $1",
    [customer.shopId],
  );
  return rows.map(({ id }) => id);
}

describe("a package's link", () => {
  test("gives the same archive each time, counted and written down", async () => {
    await world.addMessage(customer, { body: { text: "cnry_words" }, at: new Date() });
    const { packageId, code } = await build(world, asked());
    const first = await get(code);
    expect(first.status).toBe(200);
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(first.bytes.equals((await get(code)).bytes)).toBe(true);
    const { rows } = await world.owner.query("select downloads from privacy_packages where id = $1", [
      packageId,
    ]);
    expect(rows).toEqual([{ downloads: 2 }]);
    const { rows: audit } = await world.owner.query(
      `select action, actor_kind, data from audit_events where subject_id = $1 and action like 'package.%' order by id`,
      [customer.customerId],
    );
    expect(audit).toEqual([
      { action: "package.built", actor_kind: "system", data: { kind: "access" } },
      { action: "package.downloaded", actor_kind: "customer", data: { downloads: 1 } },
      { action: "package.downloaded", actor_kind: "customer", data: { downloads: 2 } },
    ]);
    expect((await download(world, code)).get("customer/messages.json")).toContain("cnry_words");
  });

  test("ends after seven days, and its bytes with it", async () => {
    const { code } = await build(world, asked());
    const pieces = await listPieces();
    expect(await listStored()).toEqual(expect.arrayContaining(pieces));
    await afterTime(7 * day - 1_000, async () => {
      await removeLooseObjects(upkeepDeps(world));
      expect((await get(code)).status).toBe(200);
    });
    await afterTime(7 * day, async () => {
      expect((await get(code)).body).toMatchObject({ status: 410, code: "package.gone" });
      await removeLooseObjects(upkeepDeps(world));
    });
    expect((await listStored()).filter((id) => pieces.includes(id))).toEqual([]);
  });

  test("is of no use with another code, and what lies on disk is sealed", async () => {
    const { code } = await build(world, asked());
    const other = `pkg_${code.slice(4).split("").toReversed().join("")}`;
    expect((await get(other)).body).toMatchObject({ status: 404, code: "package.not_found" });
    expect((await get("pkg_short")).status).toBe(422);
    const pieces = await listPieces();
    const files = readdirSync(world.folder, { recursive: true, encoding: "utf8" });
    const paths = files.filter((path) => pieces.some((id) => path.includes(id)));
    expect(paths).toHaveLength(pieces.length);
    for (const path of paths)
      expect(readFileSync(join(world.folder, path)).includes("PK\u0003\u0004")).toBe(false);
    expect((await get(code)).bytes.includes("PK\u0003\u0004")).toBe(true);
    const { rows } = await world.owner.query("select p::text as row from privacy_packages p");
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  test("is dead once the person is erased, and none is built for who is being erased", async () => {
    const { code } = await build(world, asked());
    await world.owner.query("update subjects set state = 'erasing' where id = $1", [customer.customerId]);
    await expect(build(world, asked())).rejects.toThrow("package.no_subject");
    await world.owner.query("delete from subject_keys where subject_id = $1", [customer.customerId]);
    world.deps.sealer.forget(customer.customerId);
    expect((await get(code)).body).toMatchObject({ status: 410, code: "package.gone" });
  });
});

describe("building a package", () => {
  test("again after a crash between pieces and row makes one, and what the first left goes", async () => {
    const request = { ...asked(), requestId: newId<string>() };
    const before = await listStored();
    const crash = () => Promise.reject(new AppError("internal", "test.crash", { internal: "as planned" }));
    const atStep = (step: string) => (step === "package.pieces_sealed" ? crash() : Promise.resolve());
    await expect(build(world, request, { atStep })).rejects.toThrow("test.crash");
    const left = (await listStored()).filter((id) => !before.includes(id));
    expect(left).toHaveLength(1);
    expect(await listPieces()).toEqual([]);
    const { packageId, code } = await build(world, request);
    expect((await build(world, request)).packageId).toBe(packageId);
    await afterTime(day, () => removeLooseObjects(upkeepDeps(world)));
    const stored = await listStored();
    expect(stored.filter((id) => left.includes(id))).toEqual([]);
    expect(stored).toEqual(expect.arrayContaining(await listPieces()));
    expect((await get(code)).status).toBe(200);
  });

  test("two at once make one package of one request", async () => {
    const request = { ...asked(), requestId: newId<string>() };
    const [one, other] = await Promise.all([build(world, request), build(world, request)]);
    expect(one.packageId).toBe(other.packageId);
    expect(await listPieces()).toHaveLength(1);
  });

  test("a damaged value does not keep somebody from the others, and is counted", async () => {
    const damaged = await world.addMessage(customer, { body: { text: "one" }, at: new Date() });
    await world.addMessage(customer, { body: { text: "other" }, at: new Date() });
    await world.owner.query(
      "update messages set body = set_byte(body, 40, get_byte(body, 40) # 1) where id = $1",
      [damaged],
    );
    const archive = await download(world, (await build(world, asked())).code);
    const { rows } = JSON.parse(archive.get("customer/messages.json") ?? "") as { rows: { body: unknown }[] };
    expect(rows.map(({ body }) => body)).toEqual([null, { text: "other" }]);
    expect(JSON.parse(archive.get("package.json") ?? "").tables).toContainEqual(
      expect.objectContaining({ table: "messages", rows: 2, unreadable: 1 }),
    );
  });

  test("a large shop goes out page by page: pieces are stored while rows are still to be read", async () => {
    const { shopId } = tenant;
    await world.owner.query(
      `insert into products (shop_id, id, name, description, state, created_at, updated_at)
       select $1, gen_random_uuid(), 'Product ' || n, (select string_agg(md5(n::text || m), '') from generate_series(1, 70) m),
         'draft', now(), now() from generate_series(1, 4100) n`,
      [shopId],
    );
    const steps: string[] = [];
    const { sealer, objects } = world.deps;
    const { code } = await build(
      world,
      { shopId, subjectId: shopSubject(shopId), kind: "portability" },
      {
        sealer: { ...sealer, open: (items) => (steps.push("read"), sealer.open(items)) },
        objects: { ...objects, put: (id, bytes) => (steps.push("stored"), objects.put(id, bytes)) },
      },
    );
    expect(steps.indexOf("stored")).toBeGreaterThan(-1);
    expect(steps.indexOf("stored")).toBeLessThan(steps.lastIndexOf("read"));
    const archive = await download(world, code);
    const rows = ["", "-2", "-3"].flatMap(
      (part) => JSON.parse(archive.get(`shop-${shopId}/products${part}.json`) ?? "").rows as { id: string }[],
    );
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4_100);
    expect([...archive.keys()]).not.toContain(`shop-${shopId}/products-4.json`);
  });
});

describe("the report in a package", () => {
  const report = async () => {
    const archive = await download(world, (await build(world, asked())).code);
    return JSON.parse(archive.get("package.json") ?? "") as Record<string, unknown>;
  };

  test("P:MIK-60 names categories, purposes, sources, and exactly the recipients that got data", async () => {
    expect(await report()).toMatchObject({ recipients: [] });
    await world.addMessage(customer, { body: { text: "hello" }, at: new Date() });
    await world.addMessage(customer, {
      body: { content: { kind: "text", text: "Welcome", quickReplies: [] } },
      at: new Date(),
      outbox: { state: "queued" },
    });
    expect(await report()).toMatchObject({ recipients: ["shop"] });
    await world.owner.query("update outbox set state = 'sent', sent_at = now() where customer_id = $1", [
      customer.customerId,
    ]);
    await world.owner.query(
      `insert into turns (shop_id, id, customer_id, seq, state, claimed_at, stored_at, outcome, input_tokens)
       values ($1, gen_random_uuid(), $2, 1, 'stored', now(), now(), 'answered', 10)`,
      [customer.shopId, customer.customerId],
    );
    expect(await report()).toMatchObject({
      categories: expect.arrayContaining(["conversation"]),
      purposes: expect.arrayContaining(["conversation", "follow_up"]),
      sources: ["the person, by Messenger", "the shop", "records of our own work"],
      recipients: ["messenger", "model_provider", "shop"],
    });
  });
});
