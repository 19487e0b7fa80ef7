import { breakPage } from "../../activities/upkeep/tell-of-page.ts";
import { tendPage } from "../../activities/upkeep/tend-page.ts";
import { connectPage } from "../../api/pages/connect-page.ts";
import { disconnectPage } from "../../api/pages/disconnect-page.ts";
import { personIndexOf } from "../../api/pages/page-login.ts";
import { findPageByMetaId, pageTokenPlace } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ShopId } from "../../domain/id.ts";
import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { GraphResult, PageAccess } from "../../domain/ports/messenger-client.ts";
import { messengerWith } from "../activities/messenger-with.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { ownAppId } from "../api/api-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { signedRequest } from "../api/page-world.ts";

/** Meta, as far as one Page goes: which of its tokens live, and whether our app hears of it. */
class Meta {
  isSubscribed = false;
  /** It has no time to list conversations. */
  isBusy = false;
  private tokens = 0;
  private deadTokens = 0;

  readonly messenger = messengerWith({
    getPage: (access) => this.answer(access, { metaPageId: access.metaPageId, name: "Page" }),
    listSubscribedFields: (access) => this.answer(access, this.isSubscribed ? [...subscribedFields] : []),
    subscribe: (access) => this.setSubscribed(access, true),
    unsubscribe: (access) => this.setSubscribed(access, false),
    findThreadOwner: (access) => this.answer(access, "unknown" as const),
    listConversations: (access) =>
      this.isBusy
        ? Promise.resolve({ ok: false, action: "retry" })
        : this.answer(access, { conversations: [], next: null }),
    probeToken: (access) => {
      const state = { appId: ownAppId, scopes: ["pages_messaging"], expiresAt: null };
      return Promise.resolve({ ok: true, value: { ...state, isValid: this.isAlive(access) } });
    },
  });

  newToken(): string {
    this.tokens += 1;
    return `EAA${this.tokens}`;
  }

  killTokens(): void {
    this.deadTokens = this.tokens;
  }

  private isAlive({ token }: PageAccess): boolean {
    return Number(token.slice("EAA".length)) > this.deadTokens;
  }

  private setSubscribed(access: PageAccess, isSubscribed: boolean): Promise<GraphResult<true>> {
    if (this.isAlive(access)) this.isSubscribed = isSubscribed;
    return this.answer(access, true as const);
  }

  private answer<T>(access: PageAccess, value: T): Promise<GraphResult<T>> {
    const isAlive = this.isAlive(access);
    return Promise.resolve(isAlive ? { ok: true, value } : { ok: false, action: "page_broken", code: 190 });
  }
}

/** Two shops that want the same Page. */
export type PageStory = {
  world: OwnerWorld;
  meta: Meta;
  metaPageId: string;
  personId: string;
  shops: ShopId[];
  /** When a shop has connected it: it was done between these. */
  connections: { shopId: ShopId; from: Date; to: Date }[];
};

let pages = 0;

export async function beginPageStory(world: OwnerWorld): Promise<PageStory> {
  pages += 1;
  const shops: ShopId[] = [];
  for (const _ of [1, 2]) {
    const { shopId } = await world.addShop();
    await world.buyPlan(shopId);
    shops.push(shopId);
  }
  const [metaPageId, personId] = [`22${Date.now()}${pages}`, `person-${pages}`];
  return { world, meta: new Meta(), metaPageId, personId, shops, connections: [] };
}

/** `late`: by a send that began when the row was so many versions younger. */
export type PageCommand = { what: (typeof pageCommands)[number]; shop: number; late: number };
export const pageCommands = [
  "connect",
  "disconnect",
  "remove_app",
  "refuse_send",
  "look",
  "hear",
  "kill_token",
  "lose_subscription",
  "be_busy",
] as const;

export async function carryOut(story: PageStory, { what, shop, late }: PageCommand): Promise<void> {
  const { world, meta, metaPageId } = story;
  const shopId = story.shops[shop] as ShopId;
  const deps = { ...world.deps, messenger: meta.messenger };
  const page = await world.deps.db.withShop(shopId, (trx) => findPageByMetaId(trx, { shopId, metaPageId }));
  switch (what) {
    case "connect":
      return connect(story, shopId);
    case "disconnect":
      if (page !== undefined) await disconnectPage(deps, page, () => Promise.resolve());
      return;
    case "remove_app": {
      const body = signedRequest(story.personId, { issuedAt: world.deps.clock.now() });
      await world.api.app.request("/webhooks/messenger/deauthorize", { method: "POST", body });
      return;
    }
    case "refuse_send": {
      if (page === undefined) return;
      const version = Math.max(1, page.version - late);
      const trouble = { problem: "graph.10", bySend: true, now: world.deps.clock.now() };
      await world.worker.withShop(shopId, (trx) =>
        breakPage(trx, { shopId, pageId: page.id, version, ...trouble }),
      );
      return;
    }
    case "look":
      if (page === undefined) return;
      await tendPage(upkeepDeps(world, { messenger: meta.messenger }), { shopId, pageId: page.id });
      return;
    case "hear":
      if (page?.state === "connected") await hear(story, page);
      return;
    case "kill_token":
      return meta.killTokens();
    case "lose_subscription":
      meta.isSubscribed = false;
      return;
    case "be_busy":
      meta.isBusy = !meta.isBusy;
  }
}

/** What is refused is the other shop's, or a token that died meanwhile. */
async function connect({ world, meta, ...story }: PageStory, shopId: ShopId): Promise<void> {
  const deps = { ...world.deps, messenger: meta.messenger };
  const personIndex = await personIndexOf(world.deps, story.personId);
  const page = { shopId, metaPageId: story.metaPageId, token: meta.newToken(), personIndex };
  const from = world.deps.clock.now();
  try {
    await connectPage(deps, page);
    story.connections.push({ shopId, from, to: world.deps.clock.now() });
  } catch (error) {
    const isExpected =
      error instanceof AppError && ["page.taken", "page.cannot_connect"].includes(error.code);
    if (!isExpected) throw error;
  }
}

/** Somebody writes to the Page. */
async function hear({ world }: PageStory, { shop_id: shopId, id: pageId }: PageRow): Promise<void> {
  const heard = await world.worker.withShop(shopId, (trx) =>
    trx
      .updateTable("conversations")
      .set({ last_customer_action_at: world.deps.clock.now() })
      .where("page_id", "=", pageId)
      .executeTakeFirst(),
  );
  if (heard.numUpdatedRows === 0n) await world.addCustomer({ shopId, pageId });
}

/** Of either shop, whatever number it has by now. */
export async function rowsOf({ world, metaPageId }: PageStory): Promise<PageRow[]> {
  const { rows } = await world.owner.query<PageRow>(
    "select * from pages where meta_page_id = $1 or left_meta_page_id = $1 order by id",
    [metaPageId],
  );
  return rows;
}

export async function openToken({ world }: PageStory, page: PageRow): Promise<string | undefined> {
  const place = pageTokenPlace(page.shop_id, page.id);
  const [token] = await world.deps.sealer.open([{ place, sealed: page.token }]);
  return token?.toString("utf8");
}

export type Told = { kind: "broken" | "restored" | "deauthorised"; at: Date };

/** What the owner has heard of the Page, oldest first. */
export async function toldOf({ world }: PageStory, { id, shop_id: shopId }: PageRow): Promise<Told[]> {
  const { rows } = await world.owner.query<Told>(
    `select split_part(business_key, ':', 3) as kind, created_at as at from owner_notices
      where shop_id = $1 and split_part(business_key, ':', 2) = $2 order by created_at, id`,
    [shopId, id],
  );
  return rows;
}
