import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { createIntakeDoor } from "../../runtime/intake-door.ts";
import { envelope, messageItem, newPsid, signedPost } from "./api-world.ts";
import type { Tenant } from "./owner-world.ts";
import { connect, createPageWorld, signInAtFacebook } from "./page-world.ts";
import type { PageWorld } from "./page-world.ts";

let world: PageWorld;
let from: Tenant;
let to: Tenant;
let person: { personId: string; pageIds: string[] };
let metaPageId: string;
let pageId: string;
beforeAll(async () => {
  world = await createPageWorld();
});
beforeEach(async () => {
  [from, to] = await Promise.all([shop(), shop()]);
  person = await world.facebook.addPerson(1);
  [metaPageId = ""] = person.pageIds;
  pageId = (await connectFrom(from)).body.id;
});
afterAll(() => world.close());

async function shop(): Promise<Tenant> {
  const tenant = await world.addTenant();
  await world.buyPlan(tenant.shopId);
  return tenant;
}

async function connectFrom({ owner }: Tenant) {
  const { id } = await signInAtFacebook(world, owner, person);
  return connect(world, owner, id, metaPageId);
}

const disconnect = ({ owner }: Tenant, id: string) =>
  world.ask("POST", `/v1/pages/${id}/disconnect`, { token: owner });

async function customerSays(psid: string): Promise<void> {
  const item = messageItem({ ...from, metaPageId }, psid, { text: "Hello" });
  const answer = await world.api.app.request(
    "/webhooks/messenger",
    signedPost(envelope({ metaPageId, items: [item] })),
  );
  expect(answer.status).toBe(200);
}

/** Customers who wrote to this Page, as this shop knows them. */
async function heardIn({ shopId }: Tenant): Promise<string[]> {
  const sql = "select customer_id as id from intake where shop_id = $1 order by received_at";
  return (await world.owner.query<{ id: string }>(sql, [shopId])).rows.map(({ id }) => id);
}

describe("a Page that its shop has disconnected", () => {
  beforeEach(async () => {
    await customerSays("1234500000000017");
    await disconnect(from, pageId);
  });

  test("may be connected by another: the history stays, and its customers are new subjects there", async () => {
    const moved = await connectFrom(to);
    expect(moved.body).toMatchObject({ metaPageId, state: "connected" });
    expect(moved.body.id).not.toBe(pageId);
    await customerSays("1234500000000017");
    const [[before, ...more], [after]] = [await heardIn(from), await heardIn(to)];
    expect(more).toEqual([]);
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
    const left = await world.ask("GET", `/v1/pages/${pageId}`, { token: from.owner });
    expect(left.body).toMatchObject({ metaPageId, state: "disconnected" });
  });

  test("comes back to its row when the other has let it go as well, and not before", async () => {
    const { body } = await connectFrom(to);
    expect(await connectFrom(from)).toMatchObject({ status: 409, body: { code: "page.taken" } });
    await disconnect(to, body.id);
    expect((await connectFrom(from)).body).toMatchObject({ id: pageId, metaPageId, state: "connected" });
    expect(await connectFrom(to)).toMatchObject({ status: 409, body: { code: "page.taken" } });
  });

  test("is one shop's when two connect it at the same time", async () => {
    const answers = await Promise.all([connectFrom(to), connectFrom(await shop())]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const { rows } = await world.owner.query(
      "select 1 from pages where meta_page_id = $1 and state = 'connected'",
      [metaPageId],
    );
    expect(rows).toHaveLength(1);
  });

  test("brings the new shop nothing that was read back for the old one", async () => {
    await connectFrom(to);
    const door = createIntakeDoor({
      ...world.deps,
      processes: { ringConversation: () => Promise.resolve() },
    });
    const items = [messageItem({ ...from, metaPageId }, newPsid(), { text: "Before" })];
    const read = { metaPageId, items, answerFrom: new Date(0) };
    expect(await door.receive({ ...read, shopId: from.shopId })).toBe(0);
    expect(await heardIn(to)).toEqual([]);
    expect(await door.receive({ ...read, shopId: to.shopId })).toBe(1);
  });
});

test("a Page is connected whatever letters its name has", async () => {
  const { messenger } = world.deps;
  const name = "Ma\u0000 Hla \ud800";
  const getPage: typeof messenger.getPage = () => Promise.resolve({ ok: true, value: { metaPageId, name } });
  world.deps.messenger = { ...messenger, getPage };
  onTestFinished(() => {
    world.deps.messenger = messenger;
  });
  const { status, body } = await connectFrom(from);
  expect({ status, name: body.name.slice(0, 2) }).toEqual({ status: 200, name: "Ma" });
});

test("a broken Page stays its shop's: only who has it lets it go", async () => {
  await world.owner.query("update pages set state = 'broken' where meta_page_id = $1", [metaPageId]);
  expect(await connectFrom(to)).toMatchObject({ status: 409, body: { code: "page.taken" } });
});
