import type { Client } from "pg";

const purposeOf: Record<string, string> = {
  conversation: "chat",
  "order.dispute": "order",
  "order.finance": "finance",
};

/** A hold of an erasure that is not there: what it keeps is all that is looked at. */
export async function addHold(
  owner: Client,
  { shopId, subjectId, of, until }: { shopId: string; subjectId: string; of: string; until: Date | null },
): Promise<void> {
  await owner.query("set session_replication_role = replica");
  try {
    await owner.query(
      `insert into holds (shop_id, id, request_id, subject_id, purpose, class, basis, order_id, until, created_at)
        values ($1, gen_random_uuid(), gen_random_uuid(), $2, $3, $4, 'bookkeeping',
          case when $5::timestamptz is null then gen_random_uuid() end, $5, now())`,
      [shopId, subjectId, purposeOf[of], of, until],
    );
  } finally {
    await owner.query("set session_replication_role = origin");
  }
}
