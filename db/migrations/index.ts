import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

import { tenancy } from "./0001-tenancy.ts";
import { conversations } from "./0002-conversations.ts";
import { catalogue } from "./0003-catalogue.ts";
import { orders } from "./0004-orders.ts";
import { operations } from "./0005-operations.ts";
import { access } from "./0006-access.ts";
import { subjectFence } from "./0007-subject-fence.ts";
import { revivedOrders } from "./0008-revived-orders.ts";
import { unmatchedEvidence } from "./0011-unmatched-evidence.ts";

/** Migrations only go forward; a name is never changed once released. */
export const migrations: Record<string, Migration> = {
  "0001-tenancy": forward(tenancy),
  "0002-conversations": forward(conversations),
  "0003-catalogue": forward(catalogue),
  "0004-orders": forward(orders),
  "0005-operations": forward(operations),
  "0006-access": forward(access),
  "0007-subject-fence": forward(subjectFence),
  "0008-revived-orders": forward(revivedOrders),
  "0011-unmatched-evidence": forward(unmatchedEvidence),
};

function forward(statements: readonly string[]): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}
