import { setTimeout as wait } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import sharp from "sharp";

import { platformShopId } from "../../db/accounts.ts";
import { openAdminDatabase } from "../../db/admin-database.ts";
import { grantPlatformRole } from "../../db/platform-roles.ts";
import { attributeReferral } from "../../db/referrals.ts";
import type { AccountId } from "../../domain/id.ts";
import { demandSettings } from "../../runtime/config.ts";
import { ensureAccount } from "../../runtime/create-shop.ts";
import { Owner } from "../../test/support/people.ts";
import { decide, isOutage } from "./ask-again.ts";
import type { Asker, AskedDecision } from "./ask-again.ts";
import type { ShopKeeper } from "./owners.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";

type RequestSeen = { id: string; state: string; evidenceId: string | null };

/** The dearest needs two admins. */
const planCodes = ["starter", "growth", "business"] as const;

/** One look of an owner at the shop's plan: asks for one, hands the proof in, or thinks better of it. */
export async function mindThePlan(keeper: ShopKeeper, isOver: () => boolean): Promise<void> {
  const { owner, random } = keeper;
  const { data } = await owner.get<{ data: RequestSeen[] }>("/v1/upgrade-requests?limit=1");
  const request = data[0];
  switch (request?.state) {
    case "draft":
    case "asked_again":
      return handInProof(keeper, request, isOver);
    case "submitted":
      if (!random.chance(0.2)) return;
      await decide(keeper, { path: `/v1/upgrade-requests/${request.id}/cancel`, isOver });
      return;
    default:
      await decide(keeper, {
        path: "/v1/upgrade-requests",
        body: { planCode: random.pick(planCodes) },
        isOver,
      });
  }
}

/** Now and then with the number of a transfer that was handed in before. */
async function handInProof(keeper: ShopKeeper, { id }: RequestSeen, isOver: () => boolean): Promise<void> {
  const { owner, random, apiUrl } = keeper;
  const place = await owner.postOnce("/v1/uploads", { upgradeRequestId: id });
  if (!place.ok) return; // refused, or not now: the next look begins anew
  const { id: uploadId, url } = (await place.json()) as { id: string; url: string };
  const put = await fetch(apiUrl + url, {
    method: "PUT",
    headers: { ...(await owner.headers()), "content-type": "image/png" },
    body: new Uint8Array(await proof()),
  });
  if (!put.ok) return;
  const reference = random.chance(0.1) ? "TRX USED BEFORE" : `TRX ${randomBytes(6).toString("hex")}`;
  await decide(keeper, {
    path: `/v1/upgrade-requests/${id}/submit`,
    body: { uploadId, reference },
    isOver,
  });
}

function proof(): Promise<Buffer> {
  const create = { width: 64, height: 64, channels: 3 as const, background: "#446688" };
  return sharp({ create }).png().toBuffer();
}

export type PlatformAdmin = Asker & { diary: { decisions: AskedDecision[] } };

/** Somebody of the platform who decides about requests for plans. */
export async function meetAdmin(town: Town, random: Random): Promise<PlatformAdmin> {
  const login = {
    email: `admin-${random.int(0, 2 ** 31 - 1)}@campaign.example`,
    password: randomBytes(12).toString("hex"),
  };
  const accountId = await ensureAccount(town.core, { ...login, platformRole: null });
  const admin = openAdminDatabase({
    url: demandSettings(town.config, "admins", ["DATABASE_URL_ADMIN"]).DATABASE_URL_ADMIN,
    maxConnections: 1,
    name: "campaign",
  });
  await grantPlatformRole(admin, { accountId, role: "subscription_admin", by: null, now: new Date() });
  await admin.close();
  const owner = new Owner(town, { metaPageId: "", owner: login });
  return { owner, random, diary: { decisions: [] } };
}

/** Works the queue off, again and again. */
export async function keepQueue(admin: PlatformAdmin, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await lookAtQueue(admin, isOver);
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    await wait(admin.random.int(600, 2_500));
  }
}

async function lookAtQueue(admin: PlatformAdmin, isOver: () => boolean): Promise<void> {
  const { owner, random } = admin;
  const { data } = await owner.get<{ data: RequestSeen[] }>("/v1/admin/upgrade-requests?state=submitted");
  for (const { id, evidenceId } of data) {
    if (isOver()) return;
    const verb = random.weighted([
      [6, "approve"],
      [1, "reject"],
      [1, "request-evidence-again"],
      [3, undefined],
    ]);
    if (verb === undefined) continue;
    // Every proof is another transfer's.
    const said =
      verb === "approve" ? { reference: `TRX ${evidenceId}` } : { reason: "The amount is cut off." };
    const body = { evidenceId, ...said };
    await decide(admin, { path: `/v1/admin/upgrade-requests/${id}/${verb}`, body, isOver });
  }
}

/** Each owner was brought by the one before. */
export async function bringEachOther(town: Town, keepers: readonly ShopKeeper[]): Promise<void> {
  let code: string | undefined;
  for (const { owner, shop } of keepers) {
    if (code !== undefined) await attribute(town, { shopId: shop.shopId, code });
    const terms = await owner.get<{ termsVersion: number }>("/v1/referral");
    const joined = await owner.postOnce("/v1/referral/join", { termsVersion: terms.termsVersion });
    if (!joined.ok) throw new Error(`an owner takes part: ${joined.status}`);
    ({ code } = (await joined.json()) as { code: string });
  }
}

async function attribute(town: Town, { shopId, code }: { shopId: string; code: string }): Promise<void> {
  const [member] = await town.rows<{ account_id: AccountId }>(
    "select account_id from memberships where shop_id = $1",
    [shopId],
  );
  if (member === undefined) throw new Error("a shop without an owner");
  const asked = { accountId: member.account_id, code, source: "sign_up" as const, now: new Date() };
  await town.core.db.withShopSerialisable(platformShopId, (trx) => attributeReferral(trx, asked));
}
