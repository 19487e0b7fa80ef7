import { asSystemAlone } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";
import type { PrivacyRequestRow } from "./privacy-requests.ts";

export type PrivacyStatus = Pick<
  PrivacyRequestRow,
  | "kind"
  | "shop_id"
  | "id"
  | "state"
  | "subject_kind"
  | "received_at"
  | "due_at"
  | "act_at"
  | "answer"
  | "denial"
  | "answered_at"
  | "ended_at"
> & {
  /** Whoever has the code may have the copy as well. */
  mayFetch: boolean;
};

/** What whoever has the code may know: states and dates, nothing of a person. Of one that was joined, the other's. */
export function findPrivacyStatus(
  system: SystemDatabase,
  codeHash: Buffer,
): Promise<PrivacyStatus | undefined> {
  return asSystemAlone(system, (trx) =>
    trx
      .selectFrom("privacy_requests as asked")
      .innerJoin("privacy_requests as r", (join) =>
        join
          .onRef("r.shop_id", "=", "asked.shop_id")
          .on((eb) => eb("r.id", "=", eb.fn.coalesce("asked.joined_to", "asked.id"))),
      )
      .select([
        "r.shop_id",
        "r.id",
        "r.kind",
        "r.state",
        "r.subject_kind",
        "r.received_at",
        "r.due_at",
        "r.act_at",
      ])
      .select(["r.answer", "r.denial", "r.answered_at", "r.ended_at"])
      .select((eb) => [
        // Of a thread: a code of the public page may be another's who had somebody confirm it.
        eb
          .and([
            eb("asked.joined_to", "is", null),
            eb("r.subject_kind", "=", "customer"),
            eb("r.door", "not in", ["page", "compliance"]),
          ])
          .$castTo<boolean>()
          .as("mayFetch"),
      ])
      .where("asked.code_hash", "=", codeHash)
      .executeTakeFirst(),
  );
}

/** Logins at Meta from which Pages could still be chosen; of Pages that are connected the index goes with their tokens. */
export async function forgetLogins(
  system: SystemDatabase,
  { personIndex }: { personIndex: Buffer },
): Promise<void> {
  await asSystemAlone(system, (trx) =>
    trx.deleteFrom("page_connections").where("person_index", "=", personIndex).execute(),
  );
}
