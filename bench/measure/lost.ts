import { midHash } from "../../domain/messenger/mid-hash.ts";
import type { BenchSystem } from "../system/bench-system.ts";

export type Accepted = { mid: string; pageId: string };

export type Fate = {
  /** Answered with 200, and neither a message nor on its way to be one: lost, also when it was claimed. */
  lost: number;
  /** Laid aside in the intake, which no message of the bench deserves. */
  dead: number;
  /** In the intake, and no turn has taken it yet. */
  unclaimed: number;
  /** Taken, and no turn has answered it yet. */
  unanswered: number;
  /** In more than one row. */
  doubled: number;
};

/** What became of the messages that the webhook answered with 200. */
export async function fateOf(
  { owner }: Pick<BenchSystem, "owner">,
  accepted: readonly Accepted[],
): Promise<Fate> {
  const hashes = accepted.map(({ mid, pageId }) => midHash(pageId, mid));
  const { rows } = await owner.query<Fate>(
    `select count(*) filter (where m.rows = 0 and i.waiting is not true and i.dead is not true)::int as lost,
            count(*) filter (where m.rows = 0 and i.dead)::int as dead,
            count(*) filter (where i.waiting)::int as unclaimed,
            count(*) filter (where m.rows > 0 and m.open)::int as unanswered,
            count(*) filter (where m.rows > 1)::int as doubled
     from unnest($1::bytea[]) as given (hash)
       left join lateral (
         select bool_or(claimed_at is null and dead_at is null) as waiting, bool_or(dead_at is not null) as dead
         from intake where mid_hash = given.hash) i on true
       left join lateral (
         select count(*) as rows, bool_or(answered_at is null) as open from messages where mid_hash = given.hash) m on true`,
    [hashes],
  );
  const [fate] = rows;
  if (fate === undefined) throw new TypeError("an aggregate without a row");
  return fate;
}
