import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { GraphResult } from "../../domain/ports/messenger-client.ts";
import { messengerWith } from "../activities/messenger-with.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { findForeignMarkup, hostileTexts } from "./hostile-texts.ts";

let world: ConsoleWorld;
let tenant: Tenant;
let name = "Second Page";
const metaPageId = "119900000000001";

beforeAll(async () => {
  world = await createConsoleWorld();
  const ok = <T>(value: T): Promise<GraphResult<T>> => Promise.resolve({ ok: true, value });
  Object.assign(world.deps, {
    messenger: messengerWith({
      getPage: () => ok({ metaPageId, name }),
      subscribe: () => ok(true as const),
      listSubscribedFields: () => ok([...subscribedFields]),
      unsubscribe: () => ok(true as const),
    }),
    metaLogin: {
      authoriseUrl: ({ state }: { state: string }) => `https://facebook.test/dialog?state=${state}`,
      redeem: () => ok({ personId: "30", pages: [{ metaPageId, name, token: "EAAsecret" }] }),
    },
  });
});
beforeEach(async () => {
  tenant = await world.addTenant();
  await world.buyPlan(tenant.shopId);
  await world.attest(tenant.shopId);
  // The Page goes from shop to shop with the tests.
  await world.owner.query("delete from pages where meta_page_id = $1", [metaPageId]);
});
afterAll(() => world.close());

const open = (path: string, session = tenant.owner) => world.visit("GET", path, { session });
const send = (path: string, form: Record<string, string> = {}, session = tenant.owner) =>
  world.visit("POST", path, { session, form });
const flashOf = ({ headers }: { headers: Headers }) =>
  decodeURIComponent(/console-flash=([^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "");

/** To Facebook and back; the page with the Pages to choose from. */
async function choices(): Promise<string> {
  const { html } = await send("/console/pages/connections");
  const state = /href="https:\/\/facebook\.test\/dialog\?state=([^"]+)"/.exec(html)?.[1] ?? "";
  const back = await open(`/console/pages/callback?state=${state}&code=abc`);
  return back.headers.get("location") ?? "";
}

test("a Page is connected, looked at, disconnected and connected again without a script", async () => {
  const path = await choices();
  expect((await open(path)).html).toContain("Second Page");
  expect((await open(path)).html).not.toContain("EAAsecret");
  expect(flashOf(await send(path, { metaPageId }))).toBe("done:pageConnected");
  const { html } = await open("/console/shop");
  const page = /action="(\/console\/pages\/page_[a-z0-9]+)\/check"[\s\S]*?$/.exec(
    html.slice(html.indexOf(metaPageId)),
  )?.[1];
  expect(html).toContain("Connected");
  expect(flashOf(await send(`${page}/check`))).toBe("done:pageChecked");
  expect(flashOf(await send(`${page}/disconnect`))).toBe("done:pageDisconnected");
  expect((await open("/console/shop")).html).toContain("Nothing is taken in or sent.");
  expect(flashOf(await send(await choices(), { metaPageId }))).toBe("done:pageConnected");
  expect((await open("/console/shop")).html).toContain(`${page}/check`);
});

test("a way back from Facebook that is not this session's leads to the shop, which says so", async () => {
  for (const query of ["", "?state=x&code=y", `?state=${"A".repeat(22)}&code=y`]) {
    const back = await open(`/console/pages/callback${query}`);
    expect(back.headers.get("location")).toBe("/console/shop");
    expect(flashOf(back)).toBe("problem:page.login_unknown");
  }
});

test("staff see how the Pages are, and cannot change them", async () => {
  const { html } = await open("/console/shop", tenant.staff);
  expect(html).toContain(tenant.metaPageId);
  expect(html).not.toContain("/console/pages/");
  expect(flashOf(await send("/console/pages/connections", {}, tenant.staff))).toBe("problem:scope.missing");
});

test("what is wrong with a Page is said in Burmese", async () => {
  await world.owner.query("update pages set state = 'broken', routing = 'theirs' where meta_page_id = $1", [
    tenant.metaPageId,
  ]);
  await send("/console/language", { language: "my" });
  const { html } = await open("/console/shop");
  expect(html).toContain("အလုပ်မလုပ်ပါ");
  expect(html).toContain("Conversation Routing မှာ");
});

test("shows a Page's name as text", async () => {
  for (const text of hostileTexts) {
    name = text;
    const path = await choices();
    expect(findForeignMarkup((await open(path)).html)).toEqual([]);
    await send(path, { metaPageId });
    expect(findForeignMarkup((await open("/console/shop")).html)).toEqual([]);
  }
  name = "Second Page";
});
