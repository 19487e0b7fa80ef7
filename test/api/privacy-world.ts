import { decidePrivacyRequest } from "../../activities/privacy/decide-privacy-request.ts";
import { createPrivacyActivities } from "../../activities/privacy/index.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import { newToken } from "../../api/auth/token.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { mountComplianceApi } from "../../api/v1/compliance/compliance-api.ts";
import { insertSession } from "../../db/sessions.ts";
import { fromTypeId, newId } from "../../domain/id.ts";
import type { AccountId, PrivacyRequestId, ShopId, SubjectId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import type { DecidePrivacy, PrivacyRef } from "../../workflows/privacy-request.contract.ts";
import { activityDeps } from "../activities/activity-deps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { Tenant } from "./owner-world.ts";

export type RequestView = { id: string; state: string; statusUrl: string; dueAt: string; receivedAt: string };

/** The API, and the workflow's own activities called in its order without Temporal, by the product's clock. */
export async function createPrivacyWorld() {
  const world = await createOwnerWorld(undefined, [mountAdminApi, mountComplianceApi]);
  const deps = { ...activityDeps(world, { db: world.worker }), system: world.deps.system };
  const activities = createPrivacyActivities(deps);
  const updates: UpdateClient = {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: (async (name: string, options: Record<string, unknown>) => {
      const { startWorkflowOperation, args } = options as {
        startWorkflowOperation: { options: { args: [PrivacyRef] } };
        args: [object];
      };
      const [{ shopId, requestId }] = startWorkflowOperation.options.args;
      return decidePrivacyRequest(deps, { shopId, requestId, name, request: args[0] } as DecidePrivacy);
    }) as unknown as UpdateClient["executeUpdateWithStart"],
  };
  Object.assign(world.deps, { temporal: { ...world.deps.temporal, updates } });

  async function openSession(accountId: AccountId): Promise<string> {
    const { token, tokenHash } = newToken("session");
    const now = world.deps.clock.now();
    const expiresAt = new Date(now.getTime() + 3_600_000);
    const session = { id: newId<string>(), tokenHash, accountId, language: "en" as const, now, expiresAt };
    await world.deps.db.withoutShop((trx) => insertSession(trx, session));
    return token;
  }

  /** As an erasure begins. */
  function fence(shopId: ShopId, subjectId: SubjectId): Promise<unknown> {
    return world.owner.query("update subjects set state = 'erasing' where shop_id = $1 and id = $2", [
      shopId,
      subjectId,
    ]);
  }

  /** Whatever the workflow would have done by now. */
  async function serve(shopId: ShopId, id: string): Promise<void> {
    const ref = { shopId, requestId: fromTypeId<PrivacyRequestId>("pvr", id) ?? newId<PrivacyRequestId>() };
    for (let steps = 0; steps < 20; steps += 1) {
      const { next, task } = await activities.loadPrivacyRequest(ref);
      if (task !== null) {
        const answer = task.what === "erase" ? "erased" : "packaged";
        if (task.what === "erase") await fence(shopId, task.subjectId);
        else await activities.buildPackage({ ...ref, subjectId: task.subjectId, kind: task.kind });
        await activities.finishPrivacyRequest({ ...ref, answer });
      } else if (next !== null && next.waitMs === 0) await activities[next.deadline](ref);
      else return;
    }
    throw new Error("it never rests");
  }

  return {
    ...world,
    activities,
    openSession,
    serve,
    addCompliance: async (role: PlatformRole = "compliance") => {
      const { accountId } = await world.addAccount();
      await world.giveRole(accountId, role);
      return { accountId, token: await openSession(accountId) };
    },
    ask201: async (tenant: Pick<Tenant, "owner">, body: object): Promise<RequestView> => {
      const answer = await world.ask("POST", "/v1/privacy-requests", { token: tenant.owner, body });
      if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as RequestView;
    },
    rowOf: async (id: string) => {
      const { rows } = await world.owner.query("select * from privacy_requests where id = $1", [
        fromTypeId("pvr", id),
      ]);
      return rows[0] as Record<string, unknown>;
    },
    noticesOf: async (shopId: ShopId): Promise<string[]> => {
      const { rows } = await world.owner.query<{ kind: string }>(
        "select kind from owner_notices where shop_id = $1 order by created_at, id",
        [shopId],
      );
      return rows.map(({ kind }) => kind);
    },
    mailsTo: async (accountId: AccountId): Promise<string[]> => {
      const { rows } = await world.owner.query<{ kind: string }>(
        "select kind from mails where account_id = $1 order by created_at, id",
        [accountId],
      );
      return rows.map(({ kind }) => kind);
    },
    limitsOf: async (shopId: ShopId): Promise<string[]> => {
      const { rows } = await world.owner.query<{ action: string; limit: string }>(
        `select 'processing_limit.set' as action, kind as limit, set_at as at from processing_limits
            where shop_id = $1
          union all select 'processing_limit.lifted', kind, lifted_at from processing_limits
            where shop_id = $1 and lifted_at is not null
          order by at, action desc`,
        [shopId],
      );
      return rows.map(({ action, limit }) => `${action} ${limit}`);
    },
  };
}

export type PrivacyWorld = Awaited<ReturnType<typeof createPrivacyWorld>>;
