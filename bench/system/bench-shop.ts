import { randomBytes } from "node:crypto";

import { createMessengerClient } from "../../clients/messenger.ts";
import { defaultConversationTimings } from "../../domain/conversation/timings.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import { connectPage } from "../../runtime/connect-page.ts";
import { createShop } from "../../runtime/create-shop.ts";
import { giveCredits } from "../../runtime/give-credits.ts";
import type { Core } from "../../runtime/open-core.ts";
import { stockShop } from "../../runtime/stock-shop.ts";
import type { Outside } from "../outside/outside.ts";

export type BenchShop = { shopId: ShopId; metaPageId: string };

/** A shop of twelve products that answers at once: the wait for a burst's end would hide what a turn costs. */
export async function openBenchShop(core: Core, outside: Outside, number: number): Promise<BenchShop> {
  const name = `Bench Shop ${String(number).padStart(3, "0")}`;
  const { shopId } = await createShop(core, {
    name,
    country: "MM",
    currency: "MMK",
    timeZone: "Asia/Yangon",
    languages: ["en", "my"],
    agentName: "Thiri",
    policies: {
      openHours: { en: "Every day 9 to 19", my: "နေ့စဉ် ၉ နာရီမှ ၁၉ နာရီ" },
      returns: { en: "Within 7 days", my: "၇ ရက်အတွင်း လဲနိုင်ပါတယ်" },
      zones: [],
    },
    owner: { email: `owner-${number}@bench.example`, password: randomBytes(12).toString("hex") },
    conversationTimings: { ...defaultConversationTimings, quietMs: 0, maxBurstMs: 0 },
  });
  const grant = { credits: 100_000_000, effectKey: "opening", expiresAt: null };
  await giveCredits(core.config, { ...grant, shopId, now: core.clock.now() });
  const stocked = await stockShop(core, shopId, {
    currency: "MMK",
    products: Array.from({ length: 12 }, (_, index) => ({
      name: `Dress ${index + 1}`,
      description: "Silk, made in Mandalay, in three sizes",
      options: ["S", "M", "L"].map((size) => ({ name: size, priceMinor: 45_000, stock: 1_000 })),
    })),
    methods: [{ kind: "cod", name: "Cash on delivery", details: null }],
  });
  outside.variants.set(name, stocked.products[0]?.variantIds[0] ?? "");
  const metaPageId = `11${String(number).padStart(13, "0")}`;
  const messenger = createMessengerClient({
    egress: core.egress,
    baseUrl: core.config.GRAPH_BASE_URL,
    version: core.config.GRAPH_VERSION,
    appId: core.config.META_APP_ID ?? "",
    appSecret: core.config.META_APP_SECRET[0] ?? "",
  });
  await connectPage(core, messenger, { shopId, metaPageId, token: `EAA${randomBytes(16).toString("hex")}` });
  return { shopId, metaPageId };
}

export async function findCustomer(core: Core, shopId: ShopId, psid: string): Promise<CustomerId> {
  const index = await core.blindIndexer.index(shopId, "customer.psid", psid);
  return core.db.withShop(shopId, async (trx) => {
    const row = await trx
      .selectFrom("customers")
      .select("id")
      .where("shop_id", "=", shopId)
      .where("psid_index", "=", index)
      .executeTakeFirstOrThrow();
    return row.id;
  });
}
