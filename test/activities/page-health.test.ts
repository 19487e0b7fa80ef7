import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { drainOutbox } from "../../activities/outbox/drain-outbox.ts";
import { checkPages } from "../../activities/upkeep/check-pages.ts";
import { tendPage } from "../../activities/upkeep/tend-page.ts";
import { disconnectPage, pageTokenPlace, putPage } from "../../db/pages.ts";
import { listPagesToCheck } from "../../db/system-sweeps.ts";
import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { GraphFailure, GraphResult, HeardConversation } from "../../domain/ports/messenger-client.ts";
import { newPsid, ownAppId } from "../api/api-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import { activityDeps } from "./activity-deps.ts";
import { messengerWith } from "./messenger-with.ts";
import { Halt, createSendWorld } from "./send-world.ts";
import type { SendWorld } from "./send-world.ts";
import { upkeepDeps } from "./upkeep-deps.ts";

let world: SendWorld;
let shop: Tenant;
beforeAll(async () => {
  world = await createSendWorld();
});
beforeEach(async () => {
  shop = await world.addTenant();
  const since = new Date(world.deps.clock.now().getTime() - 3 * hour);
  await world.owner.query("update pages set created_at = $2 where id = $1", [shop.pageId, since]);
});
afterAll(() => world.close());

const minute = 60_000;
const hour = 60 * minute;
const tokenState = { isValid: true, appId: ownAppId, scopes: ["pages_messaging"], expiresAt: null };

/** Meta, as far as a Page's health goes. */
class Meta {
  isSubscribed = true;
  isDead = false;
  /** Null: it has no time to list them. */
  conversations: HeardConversation[] | null = [];
  /** What is asked for is limited, and for how long. */
  limited: { what: "subscription" | "conversations"; afterMs: number } | null = null;
  /** While it is asked what is subscribed. */
  whileAsked: () => Promise<unknown> = () => Promise.resolve();

  tend() {
    return tendPage(upkeepDeps(world, { messenger: this.messenger() }), shop);
  }

  private messenger() {
    return messengerWith({
      listSubscribedFields: async () => {
        await this.whileAsked();
        if (this.limited?.what === "subscription") return this.limit();
        return this.answer(this.isSubscribed ? [...subscribedFields] : []);
      },
      subscribe: () => {
        this.isSubscribed = true;
        return this.answer(true as const);
      },
      findThreadOwner: () => this.answer("unknown" as const),
      probeToken: () => this.answer({ ...tokenState, isValid: !this.isDead }),
      listConversations: () => {
        if (this.limited?.what === "conversations") return Promise.resolve(this.limit());
        if (this.conversations === null) return Promise.resolve({ ok: false, action: "retry" });
        return this.answer({ conversations: this.conversations, next: null });
      },
    });
  }

  private limit(): GraphFailure {
    return { ok: false, action: "retry", code: 80_006, afterMs: this.limited?.afterMs ?? 0 };
  }

  private answer<T>(value: T): Promise<GraphResult<T>> {
    return Promise.resolve(
      this.isDead ? { ok: false, action: "page_broken", code: 190 } : { ok: true, value },
    );
  }
}

/** Said a minute ago by somebody whom no webhook brought. */
function missedWords(mid: string): HeardConversation {
  const at = new Date(world.deps.clock.now().getTime() - minute);
  const message = { mid, psid: newPsid(), isFromPage: false, at, text: "Hello", attachments: [] };
  return { movedAt: at, messages: [message] };
}

async function notices(): Promise<string[]> {
  const sql = "select kind from owner_notices where shop_id = $1 order by created_at, id";
  return (await world.owner.query<{ kind: string }>(sql, [shop.shopId])).rows.map(({ kind }) => kind);
}

async function disconnect(): Promise<void> {
  const { shopId, pageId: id } = shop;
  const [noToken] = await world.deps.sealer.seal([{ place: pageTokenPlace(shopId, id), plaintext: "" }]);
  if (noToken === undefined) throw new Error("nothing was sealed");
  await world.worker.withShop(shopId, (trx) => disconnectPage(trx, { shopId, id, noToken }));
}

async function connectAgain(): Promise<void> {
  const { shopId, pageId: id, metaPageId } = shop;
  const [token] = await world.deps.sealer.seal([{ place: pageTokenPlace(shopId, id), plaintext: "EAAnew" }]);
  if (token === undefined) throw new Error("nothing was sealed");
  const page = { shopId, id, metaPageId, name: "Page", token, now: world.deps.clock.now() };
  await world.deps.db.withShop(shopId, (trx) => putPage(trx, page));
}

test("an owner is told of each lost subscription that cost messages, once", async () => {
  const meta = new Meta();
  for (const mid of ["m_first", "m_second"]) {
    meta.isSubscribed = false;
    meta.conversations = [missedWords(mid)];
    expect(await meta.tend()).toMatchObject({ isDone: true });
    expect(await meta.tend()).toMatchObject({ isDone: true });
  }
  expect(await notices()).toEqual(["page_restored", "page_restored"]);
});

test("an owner is told each time that a Page breaks and works again, though what it missed is not read yet", async () => {
  const meta = new Meta();
  meta.conversations = null;
  for (let times = 0; times < 2; times += 1) {
    for (const isDead of [true, false]) {
      meta.isDead = isDead;
      world.passTime(3 * minute);
      await meta.tend();
      await meta.tend();
    }
  }
  expect(await notices()).toEqual(["page_broken", "page_restored", "page_broken", "page_restored"]);
});

test.each(["subscription", "conversations"] as const)(
  "a Page whose %s Meta limits is left alone for as long as it says",
  async (what) => {
    const meta = new Meta();
    await meta.tend();
    meta.isSubscribed = false;
    meta.limited = { what, afterMs: 20 * minute };
    expect(await meta.tend()).toMatchObject({ isDone: false, waitMs: 20 * minute });
  },
);

test("the hourly look asks about several Pages at once, and about the broken ones last", async () => {
  const others = [await world.addTenant(), await world.addTenant()];
  await world.owner.query("update pages set state = 'disconnected' where shop_id <> all ($1)", [
    [shop, ...others].map(({ shopId }) => shopId),
  ]);
  await world.owner.query("update pages set state = 'broken', checked_at = null where shop_id = $1", [
    shop.shopId,
  ]);
  const pages = await listPagesToCheck(world.deps.system);
  expect(pages.map(({ shopId }) => shopId).at(-1)).toBe(shop.shopId);
  const all = new Halt();
  let asked = 0;
  const messenger = messengerWith({
    listSubscribedFields: async () => {
      asked += 1;
      if (asked === pages.length) all.end();
      await all.here();
      return { ok: false, action: "retry" };
    },
  });
  await checkPages(upkeepDeps(world, { messenger }));
  expect(asked).toBe(3);
});

test("refused sends under a token that looks well are told once, and that they are over after a calm day", async () => {
  const answer = { outcome: "refused", action: "page_broken", code: 10 } as const;
  const customer = await world.addQueued(shop, ["Hello"]);
  const meta = new Meta();
  const { drain } = world.sender("sender", { answer });
  for (let times = 0; times < 3; times += 1) {
    await drain(customer);
    world.passTime(hour);
    expect(await meta.tend()).toMatchObject({ isDone: true });
    expect(await notices()).toEqual(["page_broken"]);
  }
  const sql = "update pages set refused_at = refused_at - interval '1 day' where id = $1";
  await world.owner.query(sql, [shop.pageId]);
  await meta.tend();
  await meta.tend();
  expect(await notices()).toEqual(["page_broken", "page_restored"]);
});

test("what was refused for the Page's sake goes out when a look finds the Page well", async () => {
  const customer = await world.addQueued(shop, ["Hello"]);
  const refusing = { outcome: "refused", action: "page_broken", code: 10 } as const;
  await world.sender("refused", { answer: refusing }).drain(customer);
  world.passTime(3 * minute);
  await new Meta().tend();
  const { sent, drain } = world.sender("sender");
  await drain(customer);
  expect(sent).toEqual(["Hello"]);
});

test("what Messenger refused of a healthy Page backs off, however often the Page is looked at", async () => {
  const customer = await world.addQueued(shop, ["Hello"]);
  const answer = { outcome: "retry", afterMs: 20_000, maxRetries: 3, isPageWide: false, code: 2 } as const;
  const { sent, drain } = world.sender("sender", { answer });
  await drain(customer);
  await new Meta().tend();
  await drain(customer);
  expect(sent).toEqual(["Hello"]);
});

test("a Page that is connected again after refused sends works at once", async () => {
  const answer = { outcome: "refused", action: "page_broken", code: 10 } as const;
  const customer = await world.addQueued(shop, ["Hello"]);
  const meta = new Meta();
  await world.sender("sender", { answer }).drain(customer);
  world.passTime(hour);
  await meta.tend();
  await connectAgain();
  await meta.tend();
  expect(await notices()).toEqual(["page_broken", "page_restored"]);
});

test("a Page that is disconnected while it is looked at has nothing to read back", async () => {
  const meta = new Meta();
  meta.isSubscribed = false;
  meta.whileAsked = disconnect;
  await meta.tend();
  const { rows } = await world.owner.query("select state, gap from pages where id = $1", [shop.pageId]);
  expect(rows).toEqual([{ state: "disconnected", gap: null }]);
});

test("what was written while a Page was disconnected is not read when its subscription is lost later", async () => {
  const customer = await world.addCustomer(shop);
  const sql = "update conversations set last_customer_action_at = $2 where customer_id = $1";
  await world.owner.query(sql, [customer.customerId, new Date(world.deps.clock.now().getTime() - hour)]);
  const meta = new Meta();
  await disconnect();
  meta.conversations = [missedWords("m_unheard")];
  await connectAgain();
  meta.isSubscribed = false;
  expect(await meta.tend()).toMatchObject({ isDone: true });
  expect(await notices()).toEqual([]);
});

test("what is queued behind a message stays when the Page is disconnected while that one is sent", async () => {
  const customer = await world.addQueued(shop, ["Hello", "How are you?"]);
  const inFlight = new Halt();
  const { sent, drain } = world.sender("sender", { inFlight });
  const drained = drain(customer);
  await inFlight.reached;
  await disconnect();
  inFlight.end();
  await drained;
  expect(sent).toEqual(["Hello"]);
  expect(await world.statesOf(customer)).toEqual(["sent", "queued"]);
});

test("what waits while a Page is disconnected goes out when it is connected again", async () => {
  const customer = await world.addQueued(shop, ["Hello"]);
  const { sent, drain } = world.sender("sender");
  await disconnect();
  await drain(customer);
  expect(await world.statesOf(customer)).toEqual(["queued"]);
  await world.owner.query("update pages set state = 'connected' where id = $1", [shop.pageId]);
  await drain(customer);
  expect(sent).toEqual(["Hello"]);
});

test.each([
  ["has it looked at", minute, 1],
  ["changes nothing when it was just looked at", 0, 0],
])("a refusal that may be the Page's fault %s", async (_, agoMs, looks) => {
  const tended: string[] = [];
  const { processes, ...deps } = activityDeps(world, {
    db: world.worker,
    messenger: messengerWith({
      sendPart: () => Promise.resolve({ outcome: "refused", action: "permanent", code: 100 }),
    }),
  });
  const tend = async ({ pageId }: { pageId: string }) => {
    tended.push(pageId);
  };
  const lookedAt = new Date(world.deps.clock.now().getTime() - agoMs);
  await world.owner.query("update pages set checked_at = $2 where id = $1", [shop.pageId, lookedAt]);
  const customer = await world.addQueued(shop, ["Hello"]);
  await drainOutbox({ ...deps, processes: { ...processes, tendPage: tend } }, customer);
  expect(await world.statesOf(customer)).toEqual(["failed"]);
  expect(tended).toHaveLength(looks);
});
