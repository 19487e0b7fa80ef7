import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { EpochRows, KeyRef, KeyRows } from "../domain/ports/keyring.ts";
import { openDatabase } from "./connection.ts";
import { createEpochRows } from "./epoch-rows.ts";
import { findOpenEpoch } from "./key-epochs.ts";

export interface KeyRowStore extends KeyRows {
  /** For the change of epochs. */
  epochs: EpochRows;
  close(): Promise<void>;
}

/** The keyring's view of `subject_keys`, under its own login: nobody else may read them. */
export function openKeyRows(options: { url: string; maxConnections: number; name: string }): KeyRowStore {
  const database = openDatabase(options);
  return {
    find: async ({ refs, ids }) => {
      if (refs.length === 0 && ids.length === 0) return [];
      return database.alone((trx) =>
        trx
          .selectFrom("subject_keys")
          .where((eb) => eb.or([isOneOf(refs), hasId(refs, ids)]))
          .select(["id", "shop_id as shopId", "subject_id as subjectId", "purpose", "epoch", "wrapped"])
          .execute(),
      );
    },
    currentEpoch: () => database.withoutShop(findOpenEpoch),
    epochs: createEpochRows(database),
    close: () => database.close(),
  };
}

function isOneOf(refs: KeyRef[]): RawBuilder<boolean> {
  const column = (key: keyof KeyRef) => refs.map((ref) => ref[key]);
  return sql<boolean>`(shop_id, subject_id, purpose) in (
    select * from unnest(${column("shopId")}::uuid[], ${column("subjectId")}::uuid[], ${column("purpose")}::text[]))`;
}

/** With the shops the ids find their index; without any reference there is no shop to name. */
function hasId(refs: KeyRef[], ids: string[]): RawBuilder<boolean> {
  const shops = [...new Set(refs.map(({ shopId }) => shopId))];
  if (shops.length === 0) return sql<boolean>`id = any(${ids}::uuid[])`;
  return sql<boolean>`(shop_id = any(${shops}::uuid[]) and id = any(${ids}::uuid[]))`;
}
