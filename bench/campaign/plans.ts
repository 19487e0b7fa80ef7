import { setTimeout as wait } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import sharp from "sharp";

import { platformShopId } from "../../db/accounts.ts";
import { openAdminDatabase } from "../../db/admin-database.ts";
import { grantPlatformRole } from "../../db/platform-roles.ts";
import { attributeReferral } from "../../db/referrals.ts";
import type { AccountId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { demandSettings } from "../../runtime/config.ts";
import { ensureAccount } from "../../runtime/create-shop.ts";
import { waitUntil } from "../../runtime/wait-until.ts";
import { Owner } from "../../test/support/people.ts";
import { decide, isOutage } from "./ask-again.ts";
import type { Asker, AskedDecision } from "./ask-again.ts";
import type { ShopKeeper } from "./owners.ts";
import type { Random } from "./random.ts";
import type { Town } from "./town.ts";

type RequestSeen = { id: string; state: string; evidenceId: string | null };
type OwedSeen = { paymentId: string; upgradeRequestId: string; state: string };
type PaymentSeen = { id: string; reversal: { state: string; kind: string } | null };

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
      if (random.chance(0.3)) return payByCode(keeper, request, isOver);
      return handInProof(keeper, request, isOver);
    case "submitted":
      if (!random.chance(0.2)) return;
      await decide(keeper, { path: `/v1/upgrade-requests/${request.id}/cancel`, isOver });
      return;
    default:
      return askFor(keeper, isOver);
  }
}

/** A plan, credits beside it, or a cheaper plan when what runs is over. */
async function askFor(keeper: ShopKeeper, isOver: () => boolean): Promise<void> {
  const { random } = keeper;
  const [path, body] = random.weighted<[string, object]>([
    [6, ["/v1/upgrade-requests", { planCode: random.pick(planCodes) }]],
    [2, ["/v1/top-up-requests", { topUpCode: "small" }]],
    [1, ["/v1/subscription/schedule-downgrade", { planCode: "starter" }]],
    [1, ["/v1/subscription/cancel-downgrade", {}]],
  ]);
  await decide(keeper, { path, body, isOver });
}

const codeWithinMs = 8_000;

/** As the owner's wallet does; now and then they think better of it when the money is gone. */
async function payByCode(keeper: ShopKeeper, { id }: RequestSeen, isOver: () => boolean): Promise<void> {
  const { owner, random, wallet } = keeper;
  const path = `/v1/upgrade-requests/${id}`;
  await decide(keeper, { path: `${path}/pay`, isOver });
  const code = await waitUntil(
    async () =>
      (await owner.get<{ payment: { code: string | null } | null }>(path)).payment?.code ?? undefined,
    { timeoutMs: codeWithinMs, everyMs: 500 },
  );
  if (code === undefined || isOver()) return;
  await wallet.pay(code);
  if (random.chance(0.2)) await decide(keeper, { path: `${path}/cancel`, isOver });
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

const renewedWithinMs = 90_000;

/** In the end every plan runs for weeks: owners ask, and admins decide, until that is so. */
export async function renewPlans(
  keepers: readonly ShopKeeper[],
  admins: readonly PlatformAdmin[],
): Promise<void> {
  const isOver = () => false;
  for (const keeper of keepers) {
    const isRenewed = async () => {
      const { state, endsAt } = await keeper.owner.get<{ state: string; endsAt: string }>("/v1/subscription");
      const isRunning = state === "trial" || state === "active";
      if (isRunning && Date.parse(endsAt) > Date.now() + 3_600_000) return true;
      await mindThePlan(keeper, isOver);
      for (const admin of admins) await lookAtQueue(admin, isOver);
      return undefined;
    };
    await waitUntil(isRenewed, { timeoutMs: renewedWithinMs, everyMs: 300 });
  }
}

/** The picture of a transfer. */
export function proof(): Promise<Buffer> {
  const create = { width: 64, height: 64, channels: 3 as const, background: "#446688" };
  return sharp({ create }).png().toBuffer();
}

export type PlatformAdmin = Asker & { diary: { decisions: AskedDecision[] }; signIn(): Owner };

/** Somebody of the platform, who decides about requests for plans unless another role is given. */
export async function meetAdmin(
  town: Town,
  random: Random,
  role: PlatformRole = "subscription_admin",
): Promise<PlatformAdmin> {
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
  await grantPlatformRole(admin, { accountId, role, by: null, now: new Date() });
  await admin.close();
  const signIn = () => new Owner(town, { metaPageId: "", owner: login });
  return { owner: signIn(), random, diary: { decisions: [] }, signIn };
}

/** Works the queue off, again and again. */
export async function keepQueue(admin: PlatformAdmin, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await lookAtQueue(admin, isOver);
      await giveMoneyBack(admin, isOver);
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    await wait(admin.random.int(600, 2_500));
  }
}

/** What waits for a decision, once. */
export async function lookAtQueue(admin: PlatformAdmin, isOver: () => boolean): Promise<void> {
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

/** What came by code and bought nothing goes back; now and then a payment turns out to be gone. */
async function giveMoneyBack(admin: PlatformAdmin, isOver: () => boolean): Promise<void> {
  const { owner, random } = admin;
  const { data: owed } = await owner.get<{ data: OwedSeen[] }>("/v1/admin/upgrade-money");
  for (const { paymentId, upgradeRequestId, state } of owed) {
    if (isOver() || state !== "paid" || !random.chance(0.5)) continue;
    const path = `/v1/admin/upgrade-requests/${upgradeRequestId}/refund-money`;
    await decide(admin, { path, body: { paymentId }, isOver });
  }
  if (!random.chance(0.1)) return;
  const { data: payments } = await owner.get<{ data: PaymentSeen[] }>("/v1/admin/plan-payments?limit=20");
  const standing = payments.filter(({ reversal }) => reversal?.state !== "done");
  const proposed = standing.filter(({ reversal }) => reversal !== null);
  if (standing.length === 0 || isOver()) return;
  const { id, reversal } = random.pick(proposed.length > 0 ? proposed : standing);
  const body = { kind: reversal?.kind ?? random.pick(["refund", "chargeback"]), reason: "Charged twice." };
  const status = await decide(admin, { path: `/v1/admin/plan-payments/${id}/reverse`, body, isOver });
  if (status === 403) admin.owner = admin.signIn(); // the proof of who they are is ten minutes old
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
