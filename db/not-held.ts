import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { RetentionClass } from "../domain/privacy/retention-class.ts";

/** True while no hold keeps what is of the class of this person; `at` the instant that is judged. */
export function notHeld(
  { shopId, subjectId }: { shopId: RawBuilder<unknown>; subjectId: RawBuilder<unknown> },
  { of, at }: { of: RetentionClass; at: Date },
): RawBuilder<boolean> {
  return sql<boolean>`not exists (select from holds h where h.shop_id = ${shopId} and h.subject_id = ${subjectId}
    and h.class = ${of} and h.ended_at is null and (h.until is null or h.until > ${at}))`;
}
