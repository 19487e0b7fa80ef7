import { newId } from "../domain/id.ts";
import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ActorKind } from "./schema/orders.ts";

export type AuditEvent = {
  shopId: ShopId;
  actorKind: ActorKind;
  actorId: AccountId | null;
  /** `noun.verb_past`, e.g. `evidence.viewed`. */
  action: string;
  /** The person whose data was read or changed. */
  subjectId?: SubjectId;
  resourceId?: string;
  /** Amounts, codes and ids; never personal data. */
  data?: Record<string, string | number | boolean | null>;
  now: Date;
};

/** Belongs into the transaction of the change that it tells of. */
export async function appendAudit(trx: ShopTransaction, event: AuditEvent): Promise<void> {
  await trx
    .insertInto("audit_events")
    .values({
      shop_id: event.shopId,
      id: newId<string>(),
      at: event.now,
      actor_kind: event.actorKind,
      actor_id: event.actorId,
      action: event.action,
      subject_id: event.subjectId ?? null,
      resource_id: event.resourceId ?? null,
      data: JSON.stringify(event.data ?? {}),
    })
    .execute();
}
