import { sql } from "kysely";

import type { CustomerId, PageId, ShopId } from "../domain/id.ts";
import type { PageRouting } from "../domain/messenger/page-routing.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

type Ref = { shopId: ShopId; pageId: PageId };

export type PageBreak = Ref & { version: number; problem: string; bySend: boolean; now: Date };

/**
 * Sending stops until the Page is connected again, and nobody tells any more that the trouble before is over. `known`: the
 * owner has not heard since the last refusal that it works. Undefined: it was connected anew since, or is known to be broken.
 */
export async function markPageBroken(
  trx: ShopTransaction,
  { shopId, pageId, version, problem, bySend, now }: PageBreak,
): Promise<"new" | "known" | undefined> {
  const before = await trx
    .selectFrom("pages")
    .select("refused_at")
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("version", "=", version)
    .where("state", "=", "connected")
    .forUpdate()
    .executeTakeFirst();
  if (before === undefined) return undefined;
  await trx
    .updateTable("pages")
    .set((eb) => ({
      state: "broken" as const,
      problem,
      checked_at: now,
      gap: sql<string | null>`gap || '{"wasBroken": false}'`,
      ...(bySend ? { refused_at: now } : {}),
      version: eb("version", "+", 1),
    }))
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .execute();
  return before.refused_at === null ? "new" : "known";
}

/** True: sends were refused, and none since that time. */
export async function endRefusals(
  trx: ShopTransaction,
  { shopId, pageId, before }: Ref & { before: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set({ refused_at: null })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "=", "connected")
    .where("refused_at", "<", before)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** By the version at which it was looked at: what became of it since is not overwritten. */
export async function markPageHealthy(
  trx: ShopTransaction,
  { shopId, pageId, version, now }: Ref & { version: number; now: Date },
): Promise<void> {
  await trx
    .updateTable("pages")
    .set({ state: "connected", problem: null, checked_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("version", "=", version)
    .where("state", "<>", "disconnected")
    .execute();
}

/** False: it was so before. */
export async function setPageRouting(
  trx: ShopTransaction,
  { shopId, pageId, routing }: Ref & { routing: PageRouting },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set({ routing })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("routing", "<>", routing)
    .where("state", "<>", "disconnected")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The thread that a customer wrote in last, unless a person has it: whoever controls it is the Page's default app. */
export function findQuietThread(
  trx: ShopTransaction,
  { shopId, pageId, now }: Ref & { now: Date },
): Promise<{ customerId: CustomerId; psid: Sealed } | undefined> {
  return trx
    .selectFrom("conversations as c")
    .innerJoin("customers as p", (join) =>
      join.onRef("p.shop_id", "=", "c.shop_id").onRef("p.id", "=", "c.customer_id"),
    )
    .innerJoin("subjects as s", (join) =>
      join.onRef("s.shop_id", "=", "c.shop_id").onRef("s.id", "=", "c.customer_id"),
    )
    .select("c.customer_id as customerId")
    .select((eb) => eb.ref("p.psid").$notNull().as("psid"))
    .where("c.shop_id", "=", shopId)
    .where("c.page_id", "=", pageId)
    .where("s.state", "=", "active")
    .where("c.last_customer_action_at", "is not", null)
    .where((eb) => eb.or([eb("c.human_until", "is", null), eb("c.human_until", "<=", now)]))
    .orderBy("c.last_customer_action_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** What Messenger refused before that time, when the Page was another, is due now; what it refused since backs off. */
export async function wakeParts(
  trx: ShopTransaction,
  { shopId, pageId, triedBefore, now }: Ref & { triedBefore: Date; now: Date },
): Promise<void> {
  await sql`update outbox as o set next_attempt_at = ${now} from conversations as c
    where o.shop_id = ${shopId} and o.state = 'queued' and o.next_attempt_at > ${now} and o.error_code like 'graph.%'
      and o.sending_at < ${triedBefore}
      and c.shop_id = o.shop_id and c.customer_id = o.customer_id and c.page_id = ${pageId}`.execute(trx);
}

/** Nothing is sent through the Page until then. */
export async function pausePage(
  trx: ShopTransaction,
  { shopId, pageId, until }: { shopId: ShopId; pageId: PageId; until: Date },
): Promise<void> {
  await trx
    .updateTable("pages")
    .set({ paused_until: until })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .execute();
}
