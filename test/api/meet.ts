import { eventually } from "../support/eventually.ts";
import type { Answer, OwnerWorld } from "./owner-world.ts";

/** Requests that all have come as far as one row before any of them goes on. */
export async function meet(
  { owner }: Pick<OwnerWorld, "owner">,
  { table, id }: { table: "break_glass_grants" | "disclosures"; id: string },
  asks: readonly (() => Promise<Answer>)[],
): Promise<Answer[]> {
  await owner.query("begin");
  await owner.query(`select from ${table} where id = $1 for update`, [id]);
  const asked = asks.map((ask) => ask());
  await eventually("all of them wait for the row", async () => {
    // Not from pg_stat_activity, which a transaction sees as it first looked.
    const { rows } = await owner.query(
      `select distinct pid from pg_locks where not granted and pid in (select pid from pg_locks
        where relation = $1::regclass and database = (select oid from pg_database where datname = current_database()))`,
      [table],
    );
    return rows.length === asks.length;
  });
  await owner.query("commit");
  return Promise.all(asked);
}
