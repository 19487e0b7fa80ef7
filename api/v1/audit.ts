import { createHash } from "node:crypto";
import type { Context } from "hono";

import { appendAudit, appendAuditOnce } from "../../db/audit-events.ts";
import type { AuditEvent } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { SubjectId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";

export type AuditedAction = {
  /** `noun.verb_past`, e.g. `order.changed`. */
  action: string;
  /** Whose personal data it was. */
  subjectId?: SubjectId;
  resourceId?: string;
  /** Counts, codes and ids; never personal data. */
  data?: Record<string, string | number | boolean | null>;
};

/** Writes down what the actor of the request does, in the transaction of the change. */
export async function audit(trx: ShopTransaction, c: Context<ApiEnv>, event: AuditedAction): Promise<void> {
  await appendAudit(trx, eventOf(c, event));
}

/** Console pages read themselves again with every change: within this span a session looks at a thing once. */
const viewingSpanMs = 15 * 60_000;

/** `ids` are those of a list; a list that shows others is another viewing. */
export type Viewing = Omit<AuditedAction, "data"> & { ids?: readonly string[] };

/**
 * Writes down that the actor of the request looks at personal data, once in `viewingSpanMs` for each session and
 * object. A key has no page that lives by itself, nor has an admin with a grant: each of their requests is a viewing.
 */
export async function auditViewing(
  trx: ShopTransaction,
  c: Context<ApiEnv>,
  { ids, ...viewing }: Viewing,
): Promise<void> {
  const { sessionId, breakGlassId } = c.var.actor;
  const data = {
    ...(ids === undefined ? {} : { count: ids.length, of: fingerprintOf(ids) }),
    ...(sessionId === null ? {} : { sessionId }),
  };
  const event = eventOf(c, { ...viewing, data });
  if (sessionId === null || breakGlassId !== undefined) return appendAudit(trx, event);
  return appendAuditOnce(trx, event, new Date(event.now.getTime() - viewingSpanMs));
}

function eventOf(c: Context<ApiEnv>, event: AuditedAction): AuditEvent {
  const { actor, deps } = c.var;
  return {
    ...event,
    shopId: actor.shopId,
    actorKind: actor.breakGlassId === undefined ? "owner" : "admin",
    actorId: actor.accountId,
    data: {
      ...event.data,
      ...(actor.accountId === null ? { apiKeyId: actor.actorId } : {}),
      ...(actor.breakGlassId === undefined ? {} : { breakGlassId: actor.breakGlassId }),
    },
    now: deps.clock.now(),
  };
}

/** Which rows a list showed, in whatever order. */
function fingerprintOf(ids: readonly string[]): string {
  return createHash("sha256").update(ids.toSorted().join("|")).digest("base64url").slice(0, 22);
}
