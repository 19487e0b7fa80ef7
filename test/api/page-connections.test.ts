import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";

import { deleteEndedConnections } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import { messageItem, envelope, newPsid, signedPost } from "./api-world.ts";
import type { Tenant } from "./owner-world.ts";
import { complete, connect, createPageWorld, signInAtFacebook, signedRequest, start } from "./page-world.ts";
import type { PageWorld } from "./page-world.ts";

let world: PageWorld;
let shop: Tenant;
beforeAll(async () => {
  world = await createPageWorld();
});
beforeEach(async () => {
  shop = await world.addTenant();
  await world.buyPlan(shop.shopId);
});
afterEach(() => world.facebook.calm());
afterAll(() => world.close());

const minute = 60_000;

async function stored(): Promise<{ found: Buffer | null; taken_at: Date | null }[]> {
  const sql = "select found, taken_at from page_connections where shop_id = $1 order by id";
  return (await world.owner.query<{ found: Buffer | null; taken_at: Date | null }>(sql, [shop.shopId])).rows;
}

/** A Page that its owner has connected. */
async function connected() {
  const person = await world.facebook.addPerson(1);
  const [metaPageId = ""] = person.pageIds;
  const { id } = await signInAtFacebook(world, shop.owner, person);
  const { body: page } = await connect(world, shop.owner, id, metaPageId);
  return { person, metaPageId, page: page as { id: string; state: string } };
}

describe("M:ONAMI-03 an owner", () => {
  test("connects several Pages by one login, subscribed and with sealed tokens", async () => {
    const person = await world.facebook.addPerson(2);
    const { id, pages } = await signInAtFacebook(world, shop.owner, person);
    expect(pages.map(({ metaPageId }) => metaPageId)).toEqual(person.pageIds);
    for (const metaPageId of person.pageIds) {
      const answer = await connect(world, shop.owner, id, metaPageId);
      expect(answer.body).toMatchObject({ metaPageId, state: "connected" });
      expect(await world.facebook.subscriptionsOf(metaPageId)).toHaveLength(1);
    }
    const { body } = await world.ask("GET", "/v1/pages", { token: shop.owner });
    expect(body.data.map((page: { metaPageId: string }) => page.metaPageId)).toEqual([
      shop.metaPageId,
      ...person.pageIds,
    ]);
    const { rows } = await world.owner.query<{ token: Buffer }>(
      "select token from pages where shop_id = $1",
      [shop.shopId],
    );
    const kept = [...rows.map(({ token }) => token), (await stored())[0]?.found];
    expect(kept).toHaveLength(4);
    for (const bytes of kept) expect(bytes?.toString("latin1")).not.toContain("EAA");
    expect(await world.auditOf(shop.shopId)).toEqual([
      "page_connection.started",
      "page.connected",
      "page.connected",
    ]);
  });

  test("disconnects a Page: unsubscribed, its token gone, and nothing of it taken in any more", async () => {
    const { metaPageId, page } = await connected();
    const ended = await world.ask("POST", `/v1/pages/${page.id}/disconnect`, { token: shop.owner });
    expect(ended.body).toMatchObject({ id: page.id, state: "disconnected" });
    expect(await world.facebook.subscriptionsOf(metaPageId)).toEqual([]);
    const item = messageItem({ ...shop, metaPageId }, newPsid(), { text: "Hello" });
    const body = envelope({ metaPageId, items: [item] });
    const door = await world.api.app.request("/webhooks/messenger", signedPost(body));
    expect(door.status).toBe(200);
    const { rows } = await world.owner.query("select 1 from intake where shop_id = $1", [shop.shopId]);
    expect(rows).toEqual([]);
  });

  test("connects a Page again: the same row, with its history, and once more after the answer was lost", async () => {
    const { person, metaPageId, page } = await connected();
    await world.ask("POST", `/v1/pages/${page.id}/disconnect`, { token: shop.owner });
    const { id } = await signInAtFacebook(world, shop.owner, person);
    for (let times = 0; times < 2; times += 1) {
      const again = await connect(world, shop.owner, id, metaPageId);
      expect(again.body).toMatchObject({ id: page.id, state: "connected" });
    }
  });
});

/** Meta answers with much more than it was asked for. */
function metaIsTalkative(canary: string): void {
  const more = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field_${index}`, canary]));
  const withMore = (json: { data?: unknown }) => {
    const { data } = json;
    return {
      ...more,
      ...json,
      ...(Array.isArray(data) ? { data: data.map((one) => ({ ...more, ...one })) } : {}),
    };
  };
  const real = globalThis.fetch;
  const fetching = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const response = await real(input, init);
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return isJson ? Response.json(withMore((await response.json()) as object), response) : response;
  });
  onTestFinished(() => fetching.mockRestore());
}

test("P:ONA-03 a Page is connected by Meta's consent alone; its id, name and sealed token are kept, and nothing else", async () => {
  const person = await world.facebook.addPerson(1);
  const { authoriseUrl } = await start(world, shop.owner);
  const back = await world.facebook.answer(authoriseUrl, person);
  metaIsTalkative("CANARY");
  const foreign = await world.signIn(shop.shopId, "owner");
  expect((await complete(world, foreign, back)).status).toBe(404);
  const { id } = (await complete(world, shop.owner, back)).body;
  expect((await complete(world, shop.owner, back)).status).toBe(404);
  const { body: page } = await connect(world, shop.owner, id, person.pageIds[0] ?? "");
  expect(page.state).toBe("connected");

  const { rows } = await world.owner.query<{ row: string; token: Buffer }>(
    `select p::text as row, token from pages p where shop_id = $1
      union all select c::text, found from page_connections c where shop_id = $1`,
    [shop.shopId],
  );
  expect(rows).toHaveLength(3);
  for (const { row, token } of rows) expect(row + token.toString("latin1")).not.toMatch(/CANARY|EAA/);
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = Object.entries(body.paths).filter(([path]) => path.startsWith("/v1/page"));
  expect(paths.length).toBeGreaterThan(5);
  expect(JSON.stringify(paths)).not.toMatch(/password/i);
});

describe("a state", () => {
  test("is worth nothing a second time, and its code is not offered to Meta again", async () => {
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, await world.facebook.addPerson(1));
    expect((await complete(world, shop.owner, back)).status).toBe(200);
    await world.facebook.arm({ to: "graph", match: "oauth/access_token", status: 500, times: null });
    expect((await complete(world, shop.owner, back)).status).toBe(404);
  });

  test("is taken once by two that come with it at the same time", async () => {
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, await world.facebook.addPerson(1));
    const both = await Promise.all([complete(world, shop.owner, back), complete(world, shop.owner, back)]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 404]));
    expect((await stored()).filter(({ found }) => found !== null)).toHaveLength(1);
  });

  test("is worth nothing to another session of the shop, or to the same person in another shop", async () => {
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, await world.facebook.addPerson(1));
    const other = await world.signIn(shop.shopId, "owner");
    expect((await complete(world, other, back)).status).toBe(404);
    const elsewhere = await world.addTenant();
    await world.buyPlan(elsewhere.shopId);
    expect((await complete(world, elsewhere.owner, back)).status).toBe(404);
    expect((await complete(world, shop.owner, back)).status).toBe(200);
  });

  test("is worth nothing after ten minutes", async () => {
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, await world.facebook.addPerson(1));
    world.passTime(10 * minute);
    expect((await complete(world, shop.owner, back)).status).toBe(404);
  });

  test("is given to nobody's key and to no staff, and none of it is stored", async () => {
    expect((await world.ask("POST", "/v1/page-connections", { token: shop.key })).body.code).toBe(
      "session.required",
    );
    expect((await world.ask("POST", "/v1/page-connections", { token: shop.staff })).status).toBe(403);
    const { authoriseUrl } = await start(world, shop.owner);
    const state = new URL(authoriseUrl).searchParams.get("state") ?? "";
    expect(Buffer.from(state, "base64url")).toHaveLength(16);
    const { rows } = await world.owner.query("select * from page_connections where shop_id = $1", [
      shop.shopId,
    ]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(state);
  });
});

describe("a login", () => {
  test("that the person refuses changes nothing, and says so", async () => {
    const { id, authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, "refuse");
    expect((await complete(world, shop.owner, back)).body).toMatchObject({
      id,
      state: "failed",
      problem: "page.login_refused",
      pages: [],
    });
  });

  test("in which no Page is chosen says so", async () => {
    const person = await world.facebook.addPerson(1);
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, { ...person, pageIds: [] });
    expect((await complete(world, shop.owner, back)).body.problem).toBe("page.none_granted");
  });

  test("whose code Meta has taken before, or that nobody gave, fails", async () => {
    const { authoriseUrl } = await start(world, shop.owner);
    const back = await world.facebook.answer(authoriseUrl, await world.facebook.addPerson(1));
    await complete(world, shop.owner, back);
    const second = await start(world, shop.owner);
    const stolen = new URLSearchParams(back);
    stolen.set("state", new URL(second.authoriseUrl).searchParams.get("state") ?? "");
    expect((await complete(world, shop.owner, stolen)).body.problem).toBe("page.login_failed");
  });

  test.each(["code=", "fb_exchange_token=", "/me?", "me/accounts"])(
    "keeps nothing when Meta fails at %s, or answers nobody after the work, and the next one works",
    async (match) => {
      const person = await world.facebook.addPerson(1);
      for (const fault of [{ status: 500 }, { dropAfter: true }]) {
        await world.facebook.arm({ to: "graph", match, times: 1, ...fault });
        const failed = (await signInAtFacebook(world, shop.owner, person)) as { problem?: string };
        expect(failed).toMatchObject({ state: "failed", problem: "messenger.away", pages: [] });
      }
      expect((await stored()).map(({ found }) => found)).toEqual([null, null]);
      expect((await signInAtFacebook(world, shop.owner, person)).pages).toHaveLength(1);
    },
  );

  test("offers its Pages for half an hour, to its own session, and then its tokens are gone", async () => {
    const person = await world.facebook.addPerson(1);
    const { id } = await signInAtFacebook(world, shop.owner, person);
    const other = await world.signIn(shop.shopId, "owner");
    const path = `/v1/page-connections/${id}`;
    expect((await world.ask("GET", path, { token: other })).status).toBe(404);
    expect((await connect(world, other, id, person.pageIds[0] ?? "")).status).toBe(404);
    expect((await connect(world, shop.owner, id, "110000000000001")).status).toBe(404);
    world.passTime(30 * minute);
    expect((await world.ask("GET", path, { token: shop.owner })).status).toBe(404);
    expect((await stored()).length).toBe(1);
    await deleteEndedConnections(world.deps.system, world.deps.clock.now());
    expect(await stored()).toEqual([]);
  });
});

/** Neither of two requests stores its Page before both have looked whether it is there. */
function sealsTokensTogether(): void {
  const { sealer } = world.deps;
  let sealing = 0;
  let go = () => {};
  const both = new Promise<void>((resolve) => {
    go = resolve;
  });
  const seal: typeof sealer.seal = async (items) => {
    if (items[0]?.place.field === "page.token") {
      sealing += 1;
      if (sealing === 2) go();
      await both;
    }
    return sealer.seal(items);
  };
  world.deps.sealer = { ...sealer, seal };
  onTestFinished(() => {
    world.deps.sealer = sealer;
  });
}

describe("connecting", () => {
  test.each([
    ["the name", String.raw`/^GET \/v26\.0\/1199\d+\?/`],
    ["the subscription", "/^POST .*subscribed_apps/"],
    ["reading it back", "/^GET .*subscribed_apps/"],
  ])(
    "is 503 when Meta fails at %s, or answers nobody after the work, and is done by asking again",
    async (_, match) => {
      const person = await world.facebook.addPerson(1);
      const [metaPageId = ""] = person.pageIds;
      const { id } = await signInAtFacebook(world, shop.owner, person);
      for (const fault of [{ status: 500 }, { dropAfter: true }]) {
        await world.facebook.arm({ to: "graph", match, times: 1, ...fault });
        const answer = await connect(world, shop.owner, id, metaPageId);
        expect(answer).toMatchObject({ status: 503, body: { code: "messenger.away" } });
      }
      expect((await connect(world, shop.owner, id, metaPageId)).body.state).toBe("connected");
    },
  );

  test("a Page of another shop is refused before Meta is asked, without telling whose it is", async () => {
    const { person, metaPageId } = await connected();
    const other = await world.addTenant();
    await world.buyPlan(other.shopId);
    const { id } = await signInAtFacebook(world, other.owner, person);
    await world.facebook.arm({ to: "graph", match: metaPageId, status: 500, times: null });
    const refused = await connect(world, other.owner, id, metaPageId);
    expect(refused).toMatchObject({ status: 409, body: { code: "page.taken" } });
    expect(JSON.stringify(refused.body)).not.toContain(toTypeId("shop", shop.shopId));
  });

  test("the same new Page by two requests at the same time connects it once", async () => {
    const person = await world.facebook.addPerson(1);
    const { id } = await signInAtFacebook(world, shop.owner, person);
    sealsTokensTogether();
    const ask = () => connect(world, shop.owner, id, person.pageIds[0] ?? "");
    const both = await Promise.all([ask(), ask()]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(both.map(({ body }) => body.id)).size).toBe(1);
  });

  const gapOf = async (metaPageId: string) => {
    const sql = "select gap from pages where meta_page_id = $1";
    return (await world.owner.query<{ gap: object | null }>(sql, [metaPageId])).rows[0]?.gap;
  };

  test.each([
    ["was broken", true],
    ["Meta had unsubscribed", false],
  ])("a Page that %s marks what it missed before it is subscribed", async (_, wasBroken) => {
    const { person, metaPageId } = await connected();
    const { id } = await signInAtFacebook(world, shop.owner, person);
    if (wasBroken)
      await world.owner.query("update pages set state = 'broken' where meta_page_id = $1", [metaPageId]);
    else await world.facebook.post(`/pages/${metaPageId}/drop-subscription`);
    const { messenger } = world.deps;
    let gap: object | null | undefined;
    const subscribe: typeof messenger.subscribe = async (page, fields) => {
      gap = await gapOf(metaPageId);
      return messenger.subscribe(page, fields);
    };
    world.deps.messenger = { ...messenger, subscribe };
    onTestFinished(() => {
      world.deps.messenger = messenger;
    });
    await connect(world, shop.owner, id, metaPageId);
    expect(gap).toMatchObject({ cursor: null });
    expect(await gapOf(metaPageId)).toEqual({ ...gap, wasBroken });
  });

  test("a Page that was disconnected leaves nothing to read back", async () => {
    const { person, metaPageId, page } = await connected();
    const { id } = await signInAtFacebook(world, shop.owner, person);
    await world.ask("POST", `/v1/pages/${page.id}/disconnect`, { token: shop.owner });
    await connect(world, shop.owner, id, metaPageId);
    expect(await gapOf(metaPageId)).toBeNull();
  });
});

describe("a person who removes the app", () => {
  const signed = (personId: string | number, agoMs = 0) =>
    signedRequest(personId, { issuedAt: new Date(world.deps.clock.now().getTime() - agoMs) });
  const tell = async (body: URLSearchParams) =>
    (await world.api.app.request("/webhooks/messenger/deauthorize", { method: "POST", body })).status;
  const stateOf = async (pageId: string) =>
    (await world.ask("GET", `/v1/pages/${pageId}`, { token: shop.owner })).body.state;

  test.each([
    ["text", (id: string) => id],
    ["a number", Number],
  ])("disconnects the Pages of their login and no others, told by an id that is %s", async (_, toId) => {
    const mine = await connected();
    const other = await connected();
    expect(await tell(signed(toId(mine.person.personId)))).toBe(200);
    expect(await stateOf(mine.page.id)).toBe("disconnected");
    expect(await stateOf(other.page.id)).toBe("connected");
    expect(await tell(signed(toId(mine.person.personId)))).toBe(200);
    const { body } = await world.ask("GET", "/v1/notices", { token: shop.owner });
    expect(body.data.map(({ kind }: { kind: string }) => kind)).toEqual(["page_broken"]);
  });

  test("ends nothing that they have connected since, however late Meta says it", async () => {
    const { person, page } = await connected();
    expect(await tell(signed(person.personId, 5 * minute))).toBe(200);
    expect(await stateOf(page.id)).toBe("connected");
  });

  test("is not believed without the app's signature", async () => {
    const { person, page } = await connected();
    expect(await tell(signedRequest(person.personId, { secret: "another-secret" }))).toBe(403);
    expect(await tell(new URLSearchParams({ signed_request: "x.y" }))).toBe(403);
    expect(await stateOf(page.id)).toBe("connected");
  });
});
