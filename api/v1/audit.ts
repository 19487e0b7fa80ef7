import type { Context } from "hono";

import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { SubjectId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";

export type AuditedAction = {
  /** `noun.verb_past`, e.g. `order.viewed`. */
  action: string;
  /** Whose personal data it was. */
  subjectId?: SubjectId;
  resourceId?: string;
  /** Counts, codes and ids; never personal data. */
  data?: Record<string, string | number | boolean | null>;
};

/** Writes down what the actor of the request does, in the transaction of the change or of the viewing. */
export async function audit(trx: ShopTransaction, c: Context<ApiEnv>, event: AuditedAction): Promise<void> {
  const { actor, deps } = c.var;
  await appendAudit(trx, {
    ...event,
    shopId: actor.shopId,
    actorKind: "owner",
    actorId: actor.accountId,
    data: { ...event.data, ...(actor.accountId === null ? { apiKeyId: actor.actorId } : {}) },
    now: deps.clock.now(),
  });
}
