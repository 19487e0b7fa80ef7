import { randomBytes } from "node:crypto";

import { putMembership } from "../../db/memberships.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { readCommandConfig } from "../../runtime/command-config.ts";
import { ensureAccount } from "../../runtime/create-shop.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { RunFacts } from "../../runtime/run-file.ts";
import { eventually } from "../../test/support/eventually.ts";
import { Customer, Owner } from "../../test/support/people.ts";

/** What stands in paths, by the name of the parameter; without it a fuzzer sees nothing but 404. */
export type KnownIds = Record<string, string[]>;
export type SignIn = { email: string; password: string };

type Facts = Pick<RunFacts, "api" | "sim" | "demo">;

/** A customer's order with a slip that waits for a decision, and a slip of no order: something to each parameter. */
export async function fillShop({ api, sim, demo }: Facts): Promise<KnownIds> {
  if (!sim || !demo) throw new TypeError("the demonstration is off");
  const world = { apiUrl: api, sim: { url: sim } };
  const shop = { metaPageId: demo.page.id, owner: demo.owner };
  const owner = new Owner(world, shop);
  const customer = new Customer(world, shop, "7200000000000001");
  await customer.say("I want to buy 1 Blue Cotton Shirt L");
  await customer.hearsText(/cart/i, 30_000);
  await customer.say("Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road");
  await customer.hearsText(/pay/i, 30_000);
  await customer.say("KBZPay");
  await customer.tap(await customer.offered("confirm:", 30_000));
  const [order] = await listed(owner, "/v1/orders");
  const slip = { amountMinor: 1_000, currency: "MMK", paidAt: new Date().toISOString(), payee: "Daw Thiri" };
  await customer.sendSlip({ ...slip, reference: "01004230000001" });
  const stranger = new Customer(world, shop, "7200000000000002");
  await stranger.sendSlip({ ...slip, reference: "01004230000002" });
  await eventually(
    "both slips are there",
    async () => (await listed(owner, "/v1/payment-evidence")).length === 2,
    60_000,
  );
  return readIds(owner, String(order?.["id"]));
}

async function readIds(owner: Owner, orderId: string): Promise<KnownIds> {
  const evidence = await listed(owner, "/v1/payment-evidence");
  const products = await listed(owner, "/v1/products");
  const idsOf = async (path: string) => (await listed(owner, path)).map(({ id }) => String(id));
  const variants = products.flatMap(({ variants }) => variants as { id: string }[]);
  return {
    orderId: [orderId],
    evidenceId: evidence.map(({ id }) => String(id)),
    customerId: await idsOf("/v1/customers"),
    productId: products.map(({ id }) => String(id)),
    variantId: variants.map(({ id }) => id),
    paymentMethodId: await idsOf("/v1/payment-methods"),
    noticeId: await idsOf("/v1/notices?language=en"),
  };
}

type Row = Record<string, unknown>;

function listed(owner: Owner, path: string): Promise<Row[]> {
  return eventually(
    `${path} lists something`,
    async () => {
      const { data } = await owner.get<{ data: Row[] }>(path);
      return data.length > 0 && data;
    },
    60_000,
  );
}

/** One of the demonstration's staff: nobody of them is there by itself. */
export async function addStaff({ demo }: Facts): Promise<SignIn> {
  const staff = { email: "staff@shopthread.example", password: randomBytes(12).toString("base64url") };
  const core = await openCore(readCommandConfig(), { name: "fuzz", login: "api", connections: 1 });
  try {
    const accountId = await ensureAccount(core, { ...staff, platformRole: null });
    const shopId = fromTypeId<ShopId>("shop", demo?.shopId ?? "");
    if (shopId === undefined) throw new TypeError("the demonstration has no shop");
    const membership = { shopId, accountId, role: "staff" as const, now: core.clock.now() };
    await core.db.withShop(shopId, (trx) => putMembership(trx, membership));
    return staff;
  } finally {
    await core.close();
  }
}
