import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { fillTenant, listOperations, pathOf, sweepTimes } from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let mine: Tenant;
let ids: Ids;
let lists: Operation[];
/** Of the other shop: no list of mine may say one of them. */
let foreign: RegExp;
/** Of a first page of each list of the other shop that has a second one. */
let foreignCursors: string[];
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  mine = await world.addTenant();
  ids = await fillTenant(world, mine);
  lists = (await listOperations(world)).filter(({ query }) => query.includes("cursor"));
  const other = await world.addTenant();
  const otherIds = await fillTenant(world, other);
  await fillTwice(other);
  await fillTwice(mine);
  foreign = new RegExp(
    Object.values(otherIds)
      .map((id) => id.split("?")[0])
      .join("|"),
  );
  foreignCursors = [];
  for (const list of lists) {
    const { body } = await world.ask("GET", `${pathOf(list, otherIds)}?limit=1`, { token: other.owner });
    if (body.nextCursor !== null) foreignCursors.push(body.nextCursor);
  }
});
afterAll(() => world.close());

/** A second one of what is listed. */
async function fillTwice(tenant: Tenant): Promise<void> {
  const customer = await world.addCustomer(tenant);
  await world.addOrder(customer);
  await world.addEvidence(customer, { picture: await jpeg() });
  const product = { name: "Another", variants: [{ price: { amountMinor: 1, currency: "MMK" } }] };
  await world.ask("POST", "/v1/products", { token: tenant.owner, body: product });
  const method = { kind: "cod", name: "Another" };
  await world.ask("POST", "/v1/payment-methods", { token: tenant.owner, body: method });
}

function list(operation: Operation, query: string) {
  return world.ask("GET", `${pathOf(operation, ids)}?${query}`, { token: mine.owner });
}

const encode = (place: string) => Buffer.from(place, "utf8").toString("base64url");
const uuid = "01936f3c-5b2e-7a41-9c3d-2f1e0b8a7c6d";

test("M:ONAMI-35 a limit is a whole number from 1 to 100, on every list", async () => {
  expect(lists.length).toBeGreaterThan(10);
  const wrong = [
    "0",
    "-1",
    "101",
    "1000000000",
    "1e9",
    "1e1",
    "NaN",
    "Infinity",
    "1.5",
    "0x10",
    "+5",
    "05",
    "%205",
  ];
  for (const operation of lists) {
    for (const limit of [
      ...wrong,
      "",
      "null",
      "true",
      "၅",
      "1%00",
      "[1]",
      "1;drop",
      "1&limit=2",
      "1&limit=1",
    ]) {
      const answer = await list(operation, `limit=${limit}`);
      const name = `${operation.operationId} ${limit}`;
      expect({ [name]: [answer.status, answer.body.code] }).toEqual({ [name]: [422, "request.invalid"] });
    }
    for (const limit of ["1", "100"]) expect((await list(operation, `limit=${limit}`)).status).toBe(200);
  }
}, 60_000);

test("M:ONAMI-35 what was never given out as a cursor is refused, on every list", async () => {
  const plain = ["", "x", "null", "0", "....", "%00", "\u{1f64f}", "' or 1=1 --", "a".repeat(10_240)];
  const ids = ["", "x", uuid.slice(1), `${uuid} `, `${uuid}'; select pg_sleep(5) --`, `{"id":"${uuid}"}`];
  const times = ["-1", "1e3", "NaN", "9999999999999999"].map((ms) => `${ms}.${uuid}`);
  const cursors = [...plain, ...[...ids, ...times, `0.${uuid.toUpperCase()}`].map(encode)];
  for (const operation of lists) {
    for (const cursor of cursors) {
      const answer = await list(operation, `cursor=${encodeURIComponent(cursor)}`);
      const name = `${operation.operationId} ${cursor.slice(0, 80)}`;
      expect({ [name]: answer.status }).toEqual({ [name]: 422 });
    }
  }
});

test("M:ONAMI-35 a cursor of another shop or list is refused, or a place in what is one's own", async () => {
  expect(foreignCursors.length).toBeGreaterThan(4);
  const places = [uuid, `0.${uuid}`, `999999999999999.${uuid}`, "ffffffff-ffff-ffff-ffff-ffffffffffff"].map(
    encode,
  );
  for (const operation of lists) {
    for (const cursor of [...foreignCursors, ...places]) {
      const answer = await list(operation, `limit=100&cursor=${cursor}`);
      const name = `${operation.operationId} ${cursor}`;
      expect({ [name]: [200, 422].includes(answer.status) }).toEqual({ [name]: true });
      expect(answer.bytes.toString("utf8"), name).not.toMatch(foreign);
    }
  }
});

test("M:ONAMI-35 no list knows other filters, orders or shapes than it describes", async () => {
  const unknown = [
    "sort=created_at",
    "order=desc",
    "fields=*",
    "expand=shop",
    "shopId=x",
    "offset=1",
    "where=1",
  ];
  for (const operation of lists) {
    for (const query of [...unknown, "filter[total_minor][gte]=1", "limit[$gt]=1", "cursor[]=x"]) {
      const answer = await list(operation, query);
      const name = `${operation.operationId} ${query}`;
      expect({ [name]: [answer.status, answer.body.code] }).toEqual({ [name]: [422, "request.invalid"] });
    }
  }
});
