import type { Selectable } from "kysely";

import type { PageConnectionId, ShopId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PageConnectionsTable } from "./schema/tenancy.ts";

export type PageConnectionRow = Selectable<PageConnectionsTable>;
/** A session sees its own connections only. */
type Ref = { shopId: ShopId; id: PageConnectionId; sessionId: string };

export async function insertPageConnection(
  trx: ShopTransaction,
  connection: Ref & { stateHash: Buffer; now: Date; stateEndsAt: Date; endsAt: Date },
): Promise<void> {
  await trx
    .insertInto("page_connections")
    .values({
      shop_id: connection.shopId,
      id: connection.id,
      session_id: connection.sessionId,
      state_hash: connection.stateHash,
      state_ends_at: connection.stateEndsAt,
      created_at: connection.now,
      ends_at: connection.endsAt,
    })
    .execute();
}

/** Until its end; later it is as if it had never been. */
export function findPageConnection(
  trx: ShopTransaction,
  { shopId, id, sessionId, now }: Ref & { now: Date },
): Promise<PageConnectionRow | undefined> {
  return trx
    .selectFrom("page_connections")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("session_id", "=", sessionId)
    .where("ends_at", ">", now)
    .executeTakeFirst();
}

/** Uses the state up. Undefined: it was never given to this session, has been used, or is too old. */
export async function takeConnectionState(
  trx: ShopTransaction,
  { shopId, sessionId, stateHash, now }: Pick<Ref, "shopId" | "sessionId"> & { stateHash: Buffer; now: Date },
): Promise<PageConnectionId | undefined> {
  const row = await trx
    .updateTable("page_connections")
    .set({ taken_at: now })
    .where("shop_id", "=", shopId)
    .where("session_id", "=", sessionId)
    .where("state_hash", "=", stateHash)
    .where("taken_at", "is", null)
    .where("state_ends_at", ">", now)
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

/** What came of the login: Pages to choose from until then, or why there are none. */
export async function settlePageConnection(
  trx: ShopTransaction,
  {
    shopId,
    id,
    endsAt,
    ...outcome
  }: Omit<Ref, "sessionId"> & { endsAt: Date } & (
      | { problem: string }
      | { personIndex: Buffer; found: Sealed }
    ),
): Promise<void> {
  await trx
    .updateTable("page_connections")
    .set({
      ends_at: endsAt,
      ...("problem" in outcome
        ? { problem: outcome.problem }
        : { person_index: outcome.personIndex, found: outcome.found }),
    })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .execute();
}

export function foundPagesPlace({ shopId, id }: Omit<Ref, "sessionId">): SealedPlace {
  const subjectId = shopSubject(shopId);
  return { shopId, subjectId, purpose: "secret", field: "page_connection.found", rowId: id };
}
