import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { platformShopId } from "../../db/accounts.ts";
import { copiedTables, shopColumn } from "../../db/inventory/copied-tables.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import { listColumns } from "../../db/inventory/list-columns.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ParticipantId, ShopId, SubjectId } from "../../domain/id.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { createFiller } from "./filled-tables.ts";
import type { Planted } from "./filled-tables.ts";
import { build, download } from "./package-world.ts";
import type { Archive } from "./package-world.ts";

let world: OwnerWorld;
let filler: Awaited<ReturnType<typeof createFiller>>;
beforeAll(async () => {
  world = await createOwnerWorld();
  filler = await createFiller(world);
}, 60_000);
afterAll(() => world.close());

/** Canaries that are not in the archive; with the column that each stands for. */
function missing(archive: Archive, planted: readonly Planted[]): string[] {
  const text = [...archive.values()].join("\n");
  return planted
    .filter(({ canary }) => !text.includes(canary))
    .map(({ table, column }) => `${table}.${column}`);
}

function found(archive: Archive, planted: readonly Planted[]): string[] {
  const absent = new Set(missing(archive, planted));
  return planted.map(({ table, column }) => `${table}.${column}`).filter((name) => !absent.has(name));
}

type Person = { shop: { shopId: ShopId }; customer: CustomerOf; planted: Planted[] };

/** A customer with a row in every table that can hold one of a customer. */
async function addFilledCustomer(shop?: { shopId: ShopId; pageId: CustomerOf["pageId"] }): Promise<Person> {
  const at = shop ?? (await world.addShop());
  const customer = await world.addCustomer(at);
  const owners = { shopId: at.shopId, customer: customer.customerId, shop: at.shopId };
  return {
    shop: at,
    customer,
    planted: await filler.fill("customer", owners, (table) => table === "conversations"),
  };
}

describe("the package of a customer", () => {
  let person: Person;
  let bystander: Person;
  let archive: Archive;
  beforeAll(async () => {
    const shop = await world.addShop();
    person = await addFilledCustomer(shop);
    bystander = await addFilledCustomer(shop);
    const { shopId, customerId: subjectId } = person.customer;
    archive = await download(world, (await build(world, { shopId, subjectId, kind: "access" })).code);
  });

  test("has all that is kept of them, and nothing of another customer of the shop", () => {
    expect(person.planted.length).toBeGreaterThan(30);
    expect(missing(archive, person.planted)).toEqual([]);
    expect(found(archive, bystander.planted)).toEqual([]);
  });

  test("has each column that the inventory says, or says why not", () => {
    const manifest = JSON.parse(archive.get("package.json") ?? "") as {
      leftOut: { table: string; column: string; reason: string }[];
    };
    const leftOut = new Set(manifest.leftOut.map(({ table, column }) => `${table}.${column}`));
    for (const table of copiedTables({ kind: "customer" })) {
      const file = JSON.parse(archive.get(`customer/${table}.json`) ?? "{}") as { rows: object[] };
      const given = Object.keys(file.rows[0] ?? {});
      const silent = listColumns(table)
        .map(({ name }) => name)
        .filter((name) => !given.includes(name) && !leftOut.has(`${table}.${name}`));
      expect({ [table]: silent }).toEqual({ [table]: [] });
    }
    expect(manifest.leftOut.map(({ reason }) => reason)).not.toContain("");
  });

  test("P:MIK-55 its JSON is as the published schema says", async () => {
    const { body } = await world.ask("GET", "/v1/privacy-package-schema");
    const schema = z.fromJSONSchema(body);
    const files = [...archive].filter(([name]) => name.endsWith(".json") && name !== "schema.json");
    expect(files.length).toBeGreaterThan(10);
    for (const [name, text] of files)
      expect([name, schema.safeParse(JSON.parse(text)).success]).toEqual([name, true]);
    const [row] = JSON.parse(archive.get("customer/orders.json") ?? "").rows as object[];
    expect(schema.safeParse({ table: "orders", rows: [{ ...row, customer_email: "x" }] }).success).toBe(
      false,
    );
  });

  test("has a page that a person can read, and pictures", () => {
    const page = archive.get("index.html") ?? "";
    expect(page).toContain("customer/orders");
    expect(page).toContain("To see that an order is paid");
    expect(page).not.toContain("<script");
    const picture = person.planted.find(({ table, column }) => table === "objects" && column === "id");
    expect([...archive].find(([name]) => name.startsWith("customer/files/"))?.[1]).toBe(picture?.canary);
  });
});

type Owner = {
  accountId: AccountId;
  shopId: ShopId;
  own: Planted[];
  business: Planted[];
  customers: Planted[];
};

/** An owner with a shop and its customer, who takes part in the referral programme: a row in every table for each. */
async function addFilledOwner(): Promise<Owner> {
  const shop = await world.addShop();
  const { shopId } = shop;
  const { accountId } = await world.addAccount();
  await world.addMember(shopId, accountId, "owner");
  const participant = newId<ParticipantId>();
  const keys = await world.deps.sealer.makeKeys([
    { shopId: platformShopId, subjectId: participant, kind: "participant" },
  ]);
  const subjects = [{ id: participant, kind: "participant" as const }];
  await world.deps.db.withShop(platformShopId, (trx) =>
    insertSubjects(trx, { shopId: platformShopId, subjects, keys, now: new Date() }),
  );
  await world.owner.query(
    "insert into referral_participants (id, account_id, state, created_at) values ($1, $2, 'active', now())",
    [participant, accountId],
  );
  const given = (table: string) => table === "memberships" || table === "referral_participants";
  const own = await filler.fill("account", { shopId, account: accountId }, given);
  const taking = await filler.fill("participant", { shopId: platformShopId, participant });
  // What an account or a customer has besides is filled for those.
  const business = await filler.fill("shop", { shopId, shop: shopId }, (table) => {
    const { of } = tableInventory[table];
    return given(table) || table === "subscriptions" || of.account !== undefined || of.customer !== undefined;
  });
  const { planted } = await addFilledCustomer(shop);
  return { accountId, shopId, own: [...own, ...taking], business, customers: planted };
}

describe("the package of an owner", () => {
  let owner: Owner;
  let bystander: Owner;
  const asked = (kind: "access" | "portability") => ({
    shopId: platformShopId,
    // Safe: the subject of an account has the account's id.
    subjectId: owner.accountId as string as SubjectId,
    kind,
  });
  beforeAll(async () => {
    owner = await addFilledOwner();
    bystander = await addFilledOwner();
    await filler.fill(
      "account",
      { shopId: owner.shopId, account: bystander.accountId },
      (table) => shopColumn(table) === undefined || table === "memberships",
    );
  });

  test("M:ONAMI-57 has all that is kept of them and of their shops' business, and nothing of a bystander", async () => {
    const archive = await download(world, (await build(world, asked("access"))).code);
    expect(owner.own.length + owner.business.length).toBeGreaterThan(75);
    expect(missing(archive, [...owner.own, ...owner.business])).toEqual([]);
    expect(found(archive, [...bystander.own, ...bystander.business, ...bystander.customers])).toEqual([]);
    const sealed = owner.customers.filter(({ table }) => table === "messages" || table === "carts");
    expect(found(archive, sealed)).toEqual([]);
  });

  test("M:ONAMI-60 is for another house with all that the shops have: catalogue, orders, customers, conversations", async () => {
    const archive = await download(world, (await build(world, asked("portability"))).code);
    expect(missing(archive, [...owner.own, ...owner.business, ...owner.customers])).toEqual([]);
    expect(found(archive, [...bystander.own, ...bystander.business, ...bystander.customers])).toEqual([]);
    const folder = `shop-${owner.shopId}`;
    for (const table of ["products", "variants", "orders", "customers", "messages", "shops"])
      for (const format of ["json", "csv"])
        expect([...archive.keys()]).toContain(`${folder}/${table}.${format}`);
    expect([...archive.keys()].filter((name) => name.startsWith(`${folder}/files/`))).not.toEqual([]);
  });
});
