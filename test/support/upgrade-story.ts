import { randomBytes } from "node:crypto";
import sharp from "sharp";

import { openAdminDatabase } from "../../db/admin-database.ts";
import { grantPlatformRole } from "../../db/platform-roles.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { ensureAccount } from "../../runtime/create-shop.ts";
import { eventually } from "./eventually.ts";
import { openTestShop } from "./house.ts";
import type { House, TestShop } from "./house.ts";
import { addDevice } from "./order-story.ts";
import { Owner } from "./people.ts";

export type UpgradeView = { id: string; state: string; evidenceId: string | null };
export type SubscriptionView = { planCode: string; state: string; startsAt: string; endsAt: string };

/** A fresh shop whose owner has a telephone. */
export type UpgradeStory = { house: House; shop: TestShop; owner: Owner; device: string };

export async function openUpgradeStory(house: House): Promise<UpgradeStory> {
  const shop = await openTestShop(house);
  const owner = new Owner(house, shop);
  return { house, shop, owner, device: await addDevice(owner) };
}

/** Somebody of the platform, who decides about upgrades unless another role is given; signed in as everybody is. */
export async function addAdmin(house: House, role: PlatformRole = "subscription_admin"): Promise<Owner> {
  const login = {
    email: `admin-${randomBytes(6).toString("hex")}@example.test`,
    password: "correct horse battery",
  };
  const accountId = await ensureAccount(house.core, { ...login, platformRole: null });
  const admin = openAdminDatabase({ url: house.database.urls.admin, maxConnections: 1, name: "test" });
  await grantPlatformRole(admin, { accountId, role, by: null, now: new Date() });
  await admin.close();
  return new Owner(house, { metaPageId: "", owner: login });
}

/** What an owner needs to ask: a test house, or an `npm start` that runs. */
type Asking = { owner: Owner; house: { apiUrl: string } };

export async function requestPlan({ owner }: Asking, planCode = "starter"): Promise<UpgradeView> {
  return read(await owner.post("/v1/upgrade-requests", { planCode }));
}

export async function requestTopUp({ owner }: Asking, topUpCode = "small"): Promise<UpgradeView> {
  return read(await owner.post("/v1/top-up-requests", { topUpCode }));
}

/** As the owner's wallet does it: asks for the code, reads it from the request, and pays it. */
export async function payByCode(story: UpgradeStory, request: UpgradeView): Promise<void> {
  await scan(story, await askForCode(story, request));
}

export async function askForCode(
  { owner }: Pick<UpgradeStory, "owner">,
  { id }: UpgradeView,
): Promise<string> {
  const path = `/v1/upgrade-requests/${id}`;
  await read(await owner.post(`${path}/pay`));
  return eventually("a code comes", async () => {
    const { payment } = await owner.get<{ payment: { code: string | null } | null }>(path);
    return payment?.code ?? false;
  });
}

/** `isForced`: the wallet takes the money also when it is too late. */
export async function scan({ house }: UpgradeStory, code: string, isForced = false): Promise<void> {
  await read(
    await fetch(`${house.sim.url}/payments/scans`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, isForced }),
    }),
  );
}

/** Uploads a picture and hands it in; the request as it is then. */
export async function handIn(
  { owner, house }: Asking,
  { id }: UpgradeView,
  reference = `TRX ${randomBytes(6).toString("hex")}`,
): Promise<UpgradeView> {
  const place = await read<{ id: string; url: string }>(
    await owner.post("/v1/uploads", { upgradeRequestId: id }),
  );
  const put = await fetch(house.apiUrl + place.url, {
    method: "PUT",
    headers: { ...(await owner.headers()), "content-type": "image/png" },
    body: new Uint8Array(await picture()),
  });
  await read(put);
  return read(await owner.post(`/v1/upgrade-requests/${id}/submit`, { uploadId: place.id, reference }));
}

/** An admin's word; the answer as it is, refusals included. */
export function decideUpgrade(
  admin: Owner,
  { id, evidenceId }: UpgradeView,
  verb: "approve" | "reject" | "request-evidence-again" = "approve",
): Promise<Response> {
  const said =
    verb === "approve" ? { reference: readOnProof(evidenceId) } : { reason: "The amount is cut off." };
  return admin.post(`/v1/admin/upgrade-requests/${id}/${verb}`, { evidenceId, ...said });
}

/** Every proof is another transfer's. */
function readOnProof(evidenceId: string | null): string {
  return `TRX ${evidenceId ?? "none"}`;
}

export function getUpgrade({ owner }: UpgradeStory, { id }: UpgradeView): Promise<UpgradeView> {
  return owner.get<UpgradeView>(`/v1/upgrade-requests/${id}`);
}

export function upgradeBecomes(
  story: UpgradeStory,
  request: UpgradeView,
  state: string,
): Promise<UpgradeView> {
  return eventually(`the request is ${state}`, async () => {
    const view = await getUpgrade(story, request);
    return view.state === state && view;
  });
}

export async function read<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

export function picture(): Promise<Buffer> {
  const create = { width: 64, height: 64, channels: 3 as const, background: "#446688" };
  return sharp({ create }).png().toBuffer();
}
