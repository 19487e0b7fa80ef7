import { decideSubscription } from "../../activities/subscription/decide-subscription.ts";
import { decideUpgrade } from "../../activities/upgrade/decide-upgrade.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import { newToken } from "../../api/auth/token.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { mountComplianceApi } from "../../api/v1/compliance/compliance-api.ts";
import { insertSession } from "../../db/sessions.ts";
import { insertUpgradeNote, upgradeNotePlace } from "../../db/upgrade-evidence.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import type { AccountId, MessageId, ShopId, UpgradeRequestId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import type { DecideSubscription } from "../../workflows/subscription.contract.ts";
import type { DecideUpgrade, UpgradeRef } from "../../workflows/upgrade.contract.ts";
import { activityDeps } from "../activities/activity-deps.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { Answer, OwnerWorld, Tenant } from "./owner-world.ts";

/** Owner's and admin's API, whose decisions are carried out at once by the workflows' own activities, without Temporal. */
export async function createUpgradeWorld(limits?: RateLimits) {
  const world = await createOwnerWorld(limits, [mountAdminApi, mountComplianceApi]);
  const activities = activityDeps(world, { db: world.worker });
  Object.assign(world.deps, { temporal: { ...world.deps.temporal, updates: carriedOut(activities) } });

  async function openSession(accountId: AccountId): Promise<string> {
    const { token, tokenHash } = newToken("session");
    const now = world.deps.clock.now();
    const expiresAt = new Date(now.getTime() + 3_600_000);
    const session = { id: newId<string>(), tokenHash, accountId, language: "en" as const, now, expiresAt };
    await world.deps.db.withoutShop((trx) => insertSession(trx, session));
    return token;
  }

  async function grant(accountId: AccountId, roles: PlatformRole[]): Promise<void> {
    await world.owner.query(
      "insert into platform_roles (account_id, role, granted_at) select $1, unnest($2::text[]), now()",
      [accountId, roles],
    );
  }

  return {
    ...world,
    activities,
    openSession,
    grant,
    addAdmin: async (...roles: PlatformRole[]) => {
      const { accountId, password } = await world.addAccount();
      await grant(accountId, roles);
      return { accountId, password, token: await openSession(accountId) };
    },
    /** A request for the plan or the package with its evidence handed in, as its owner sees it then, and the reference. */
    addSubmitted: (tenant: Tenant, options: Parameters<typeof submit>[2] = {}) =>
      submit(world, tenant, options),
    addNote: (tenant: Pick<Tenant, "shopId">, request: { id: string }, text: string) =>
      addNote(world, refOf(tenant, request), text),
    requesterOf: async (tenant: Pick<Tenant, "shopId">, request: { id: string }): Promise<AccountId> => {
      const { shopId, requestId } = refOf(tenant, request);
      const { rows } = await world.owner.query<{ id: AccountId }>(
        "select requested_by as id from upgrade_requests where shop_id = $1 and id = $2",
        [shopId, requestId],
      );
      const [row] = rows;
      if (row === undefined) throw new Error(`nobody made ${request.id}`);
      return row.id;
    },
    auditRowsOf: async (shopId: ShopId) => {
      const { rows } = await world.owner.query<{
        action: string;
        actor_kind: string;
        actor_id: string | null;
      }>("select action, actor_kind, actor_id from audit_events where shop_id = $1 order by at, id", [
        shopId,
      ]);
      return rows;
    },
  };
}

export type UpgradeWorld = Awaited<ReturnType<typeof createUpgradeWorld>>;
type Asking = Pick<OwnerWorld, "ask">;

let references = 0;

/** A reference that no other request has. */
export function newReference(): string {
  references += 1;
  return `TRX ${process.pid}${String(references).padStart(6, "0")}`;
}

async function submit(
  world: Asking,
  tenant: Tenant,
  {
    planCode = "starter",
    topUpCode,
    reference = newReference(),
  }: { planCode?: string; topUpCode?: string; reference?: string } = {},
): Promise<Answer["body"]> {
  const token = tenant.owner;
  const asked =
    topUpCode === undefined
      ? await world.ask("POST", "/v1/upgrade-requests", { token, body: { planCode } })
      : await world.ask("POST", "/v1/top-up-requests", { token, body: { topUpCode } });
  const uploadId = await upload(world, tenant.owner, asked.body.id);
  const submitted = await world.ask("POST", `/v1/upgrade-requests/${asked.body.id}/submit`, {
    token: tenant.owner,
    body: { uploadId, reference },
  });
  return { ...submitted.body, reference };
}

/** What somebody writes about a request, as the API keeps it. */
async function addNote(world: OwnerWorld, ref: UpgradeRef, text: string): Promise<MessageId> {
  const noteId = newId<MessageId>();
  const place = upgradeNotePlace({ ...ref, noteId });
  const [body] = await world.deps.sealer.seal([{ place, plaintext: text }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  await world.deps.db.withShop(ref.shopId, (trx) =>
    insertUpgradeNote(trx, { ...ref, noteId, body, now: world.deps.clock.now() }),
  );
  return noteId;
}

/** Brings a picture for a request; answers the upload's id. */
export async function upload(
  world: Asking,
  token: string,
  upgradeRequestId: string,
  raw?: Buffer,
): Promise<string> {
  const place = await world.ask("POST", "/v1/uploads", { token, body: { upgradeRequestId } });
  await world.ask("PUT", place.body.url, {
    token,
    raw: raw ?? (await jpeg()),
    headers: { "content-type": "image/jpeg" },
  });
  return place.body.id;
}

export function refOf(tenant: Pick<Tenant, "shopId">, request: { id: string }): UpgradeRef {
  const requestId = fromTypeId<UpgradeRequestId>("upg", request.id);
  if (requestId === undefined) throw new TypeError(`no request: ${request.id}`);
  return { shopId: tenant.shopId, requestId };
}

/** As the workflows do it: hands the update to the activity, and its result back. */
function carriedOut(activities: Parameters<typeof decideUpgrade>[0]): UpdateClient {
  return {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: (async (name: string, options: Record<string, unknown>) => {
      const { startWorkflowOperation, args } = options as {
        startWorkflowOperation: { options: { args: [{ shopId: ShopId; requestId?: UpgradeRequestId }] } };
        args: [object];
      };
      const [{ shopId, requestId }] = startWorkflowOperation.options.args;
      return requestId === undefined
        ? decideSubscription(activities, { shopId, name, request: args[0] } as DecideSubscription)
        : decideUpgrade(activities, { shopId, requestId, name, request: args[0] } as DecideUpgrade);
    }) as unknown as UpdateClient["executeUpdateWithStart"],
  };
}
