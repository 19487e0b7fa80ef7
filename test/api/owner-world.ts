import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

import type { ApiPart } from "../../api/app.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import { newToken } from "../../api/auth/token.ts";
import { mountProductImages } from "../../api/media/product-images.ts";
import { mountOwnerApi } from "../../api/v1/owner-api.ts";
import { createImageProcessor } from "../../clients/image.ts";
import { createObjectStore } from "../../clients/object-store.ts";
import { openDatabase } from "../../db/connection.ts";
import { insertSession } from "../../db/sessions.ts";
import { attestationKinds } from "../../domain/account/policies.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import type { DecisionResult, OrderUpdateName } from "../../workflows/order.contract.ts";
import { createApiWorld } from "./api-world.ts";
import { addCustomer, addEvidence, addMessage, addOrder } from "./owner-rows.ts";
import type { CustomerOf, EvidenceOptions, MessageOptions, OrderOptions } from "./owner-rows.ts";

export type AskedUpdate = {
  name: OrderUpdateName;
  workflowId: string;
  updateId: string;
  request: Record<string, unknown>;
};

export type Answer = {
  status: number;
  headers: Headers;
  bytes: Buffer;
  /** The parsed JSON, or undefined for anything else; tests look into answers of many shapes. */
  body: ReturnType<typeof JSON.parse>;
};

export type Asking = {
  token?: string;
  body?: unknown;
  raw?: Buffer | FormData;
  headers?: Record<string, string>;
};

export const decided: DecisionResult = {
  outcome: "decided",
  reason: null,
  snapshot: {
    version: 1,
    rowVersion: 2,
    phase: "closed",
    order: "placed",
    payment: "due",
    fulfilment: "pending",
    hasUnjudgedEvidence: false,
    next: null,
    activity: { timeoutMs: 1_000, retryMs: 100 },
  },
};

/** The owner's API with a true object store and image processor, and a fake of the workflows behind decisions. */
export async function createOwnerWorld(limits?: RateLimits, more: ApiPart[] = []) {
  const world = await createApiWorld([mountOwnerApi, mountProductImages, ...more], limits);
  const folder = await mkdtemp(join(tmpdir(), "shopthread-objects-"));
  const worker = openDatabase({ url: world.database.urls.worker, maxConnections: 2, name: "test" });
  const asked: AskedUpdate[] = [];
  const workflow = { answer: (_update: AskedUpdate): DecisionResult => decided };
  Object.assign(world.deps, {
    objects: createObjectStore({ folder }),
    images: createImageProcessor(),
    temporal: {
      ...world.deps.temporal,
      updates: fakeUpdates((update) => {
        asked.push(update);
        return workflow.answer(update);
      }),
    },
  });

  async function ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const { token, body, raw, headers = {} } = asking;
    const response = await world.api.app.request(path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw instanceof FormData ? raw : new Uint8Array(raw) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    await world.api.drained();
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      body: isJson ? JSON.parse(bytes.toString("utf8")) : undefined,
    };
  }

  return {
    ...world,
    worker,
    folder,
    ask,
    asked,
    workflow,
    addTenant: () => addTenant(world),
    /** What an owner must state before a Page goes live. */
    attest: (shopId: ShopId) =>
      world.owner.query(
        `insert into shop_attestations (shop_id, id, account_id, kind, version, attested_at)
          select shop_id, gen_random_uuid(), account_id, kind, '2026-11', now()
          from memberships, unnest($2::text[]) as kind where shop_id = $1 and role = 'owner'`,
        [shopId, attestationKinds],
      ),
    /** For what a trial has no room for. */
    buyPlan: (shopId: ShopId) =>
      world.owner.query("update subscriptions set plan_code = 'business' where shop_id = $1", [shopId]),
    signIn: (shopId: ShopId, role: MembershipRole) => signIn(world, shopId, role),
    addCustomer: (shop: { shopId: ShopId; pageId: CustomerOf["pageId"] }) => addCustomer(world.deps, shop),
    addMessage: (customer: CustomerOf, options: MessageOptions) =>
      addMessage({ ...world, worker }, customer, options),
    addOrder: (customer: CustomerOf, options: OrderOptions = {}) =>
      addOrder({ ...world, worker }, customer, options),
    addEvidence: (customer: CustomerOf, options: EvidenceOptions) =>
      addEvidence({ ...world, worker }, customer, options),
    auditOf: async (shopId: ShopId) => {
      const { rows } = await world.owner.query<{ action: string; subject_id: string | null }>(
        "select action, subject_id from audit_events where shop_id = $1 order by id",
        [shopId],
      );
      return rows.map(({ action }) => action);
    },
    close: async () => {
      await worker.close();
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type OwnerWorld = Awaited<ReturnType<typeof createOwnerWorld>>;
type World = Awaited<ReturnType<typeof createApiWorld>>;

/** A shop with an API key, and the sessions of its owner and of one of its staff. */
async function addTenant(world: World) {
  const shop = await world.addShop();
  const [owner, staff] = [
    await signIn(world, shop.shopId, "owner"),
    await signIn(world, shop.shopId, "staff"),
  ];
  return { ...shop, key: await world.addApiKey(shop.shopId), owner, staff };
}

export type Tenant = Awaited<ReturnType<typeof addTenant>>;

async function signIn(world: World, shopId: ShopId, role: MembershipRole): Promise<string> {
  const { accountId } = await world.addAccount();
  await world.addMember(shopId, accountId, role);
  const { token, tokenHash } = newToken("session");
  const now = world.deps.clock.now();
  const expiresAt = new Date(now.getTime() + 3_600_000);
  const session = { id: newId<string>(), tokenHash, accountId, language: "en" as const, now, expiresAt };
  await world.deps.db.withoutShop((trx) => insertSession(trx, session));
  return token;
}

/** Answers like Temporal's client; only what `requestUpdate` hands over is looked at. */
function fakeUpdates(answer: (update: AskedUpdate) => DecisionResult): UpdateClient {
  return {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: (async (name: string, options: Record<string, unknown>) => {
      const { startWorkflowOperation, args, updateId } = options as {
        startWorkflowOperation: { options: { workflowId: string } };
        args: [Record<string, unknown>];
        updateId: string;
      };
      const { workflowId } = startWorkflowOperation.options;
      return answer({ name: name as OrderUpdateName, workflowId, updateId, request: args[0] });
    }) as unknown as UpdateClient["executeUpdateWithStart"],
  };
}

/** Noise, so that no encoder makes it small or equal to another. */
export function jpeg(side = 32): Promise<Buffer> {
  const raw = { width: side, height: side, channels: 3 as const };
  return sharp(randomBytes(side * side * 3), { raw })
    .jpeg()
    .toBuffer();
}
