import { randomBytes } from "node:crypto";

import { platformShopId } from "../../db/accounts.ts";
import { copiedColumns, copiedTables, openedColumns, shopColumn } from "../../db/inventory/copied-tables.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import type { OwnerKind } from "../../db/inventory/describe-table.ts";
import type { Schema } from "../../db/schema/index.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId, ShopId, SubjectId } from "../../domain/id.ts";
import type { Purpose, SealedPlace, SubjectKind } from "../../domain/sealing.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { anyValue, listTables } from "../db/any-rows.ts";
import type { Column } from "../db/any-rows.ts";

type Table = keyof Schema;
/** Who a row is made for; what is not given is somebody of whom nothing else is known. */
export type Owners = Partial<Record<OwnerKind, string>> & { shopId: ShopId };
export type Planted = { table: Table; column: string; canary: string };

/** What a row points to comes before it. */
const parentsFirst: Table[] = [
  "orders",
  "payment_evidence",
  "gateway_payments",
  "payouts",
  "fraud_flags",
  "privacy_requests",
  "tickets",
];
/** Where code reads a word that is no canary. */
const fixed: Partial<Record<Table, Record<string, string>>> = {
  objects: { purpose: "chat" },
  payment_evidence: { sealed_for: "order" },
  intake: { kind: "message" },
  subjects: { kind: "customer", state: "active" },
};
const subjectKinds: Partial<Record<Table, SubjectKind>> = {
  upgrade_notes: "upgrade",
  upgrade_uploads: "upgrade",
  billing_details: "billing",
  ticket_messages: "ticket",
};

/**
 * Fills tables with rows of which every column that can hold one has a canary. The database has neither checks nor
 * foreign keys after it: what is filled is not a story.
 */
export async function createFiller(world: OwnerWorld) {
  const facts = new Map((await listTables(world.owner)).map(({ name, columns }) => [name, columns]));
  await world.owner.query("set session_replication_role = replica");
  const { rows: checks } = await world.owner.query<{ drop: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop
     from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`,
  );
  for (const { drop } of checks) await world.owner.query(drop);
  await world.owner.query("drop index audit_events_sequence"); // each row is its log's first

  /** One row in each table in which such an owner can have rows. */
  async function fill(kind: OwnerKind, owners: Owners, skip: (table: Table) => boolean = () => false) {
    const tables = copiedTables({ kind }).filter((table) => !skip(table) && table !== "subjects");
    const ids = new Map<Table, string>();
    const planted: Planted[] = [];
    for (const table of [...parentsFirst.filter((name) => tables.includes(name)), ...tables]) {
      if (ids.has(table) || owners[kind] === undefined || (kind === "shop" && table === "shops")) continue;
      if (table === kindTables[kind]) continue; // made by the product
      ids.set(table, newId<string>());
      planted.push(...(await plant(table, kind, owners, ids)));
    }
    return planted;
  }

  async function plant(table: Table, kind: OwnerKind, owners: Owners, ids: Map<Table, string>) {
    const row: Record<string, unknown> = { id: ids.get(table) };
    const { of } = tableInventory[table];
    for (const [owner, path] of Object.entries(of) as [OwnerKind, string][]) {
      const [column = "", parent] = (path.split("|")[0] ?? "").split(">");
      if (owner !== kind && row[column] !== undefined) continue;
      row[column] = parent === undefined ? (owners[owner] ?? newId<string>()) : ids.get(parent as Table);
    }
    if (shopColumn(table) === "shop_id") row["shop_id"] = owners.shopId;
    const columns = facts.get(table) ?? [];
    const planted: Planted[] = [];
    const sealed = new Set(openedColumns(table).map(({ name }) => name));
    for (const column of columns.filter(({ name }) => !sealed.has(name))) {
      row[column.name] ??= fixed[table]?.[column.name] ?? cellOf(table, column, planted);
    }
    await sealCells(table, row, planted, owners);
    const names = columns.map(({ name }) => name);
    await world.owner.query(
      `insert into ${table} (${names.map((name) => `"${name}"`).join(", ")})
       values (${names.map((_, index) => `$${index + 1}`).join(", ")})`,
      names.map((name) => row[name]),
    );
    const copied = new Set(copiedColumns(table).map(({ name }) => name));
    return planted.filter(({ column }) => copied.has(column));
  }

  async function sealCells(table: Table, row: Record<string, unknown>, planted: Planted[], owners: Owners) {
    for (const { name, places } of openedColumns(table)) {
      const at = places.at(-1);
      if (at === undefined) continue;
      const direct = row[at.subject] as string | undefined;
      const place = {
        shopId: shopColumn(table) === undefined ? platformShopId : owners.shopId,
        subjectId: (direct ?? owners.customer ?? owners.participant) as SubjectId,
        purpose: (typeof at.purpose === "string" ? at.purpose : row[at.purpose.column]) as Purpose,
        field: at.field,
        rowId: String(row[at.row ?? "id"]),
      };
      await ensureKeys(place, subjectKinds[table]);
      row[name] = at.opensObject
        ? await sealObject(place, { table, row, planted })
        : await sealCanary(place, { table, column: name, planted });
    }
  }

  async function sealCanary(place: SealedPlace, of: { table: Table; column: string; planted: Planted[] }) {
    const [sealed] = await world.deps.sealer.seal([{ place, plaintext: canaryOf(of) }]);
    return sealed;
  }

  /** The bytes of the object are its canary. */
  async function sealObject(
    place: SealedPlace,
    { table, row, planted }: { table: Table; row: Record<string, unknown>; planted: Planted[] },
  ) {
    const canary = canaryOf({ table, column: "id", planted });
    const { key } = await world.deps.objects.put(row["id"] as ObjectId, Buffer.from(canary));
    const [sealed] = await world.deps.sealer.seal([{ place, plaintext: key }]);
    return sealed;
  }

  async function ensureKeys({ shopId, subjectId }: SealedPlace, kind: SubjectKind | undefined) {
    if (kind === undefined) return;
    const keys = await world.deps.sealer.makeKeys([{ shopId, subjectId, kind }]);
    const subjects = [{ id: subjectId, kind }];
    await world.deps.db.withShop(shopId, (trx) =>
      insertSubjects(trx, { shopId, subjects, keys, now: new Date() }),
    );
  }

  return { fill };
}

const kindTables: Record<OwnerKind, Table> = {
  customer: "customers",
  account: "accounts",
  participant: "referral_participants",
  shop: "shops",
};

function cellOf(table: Table, column: Column, planted: Planted[]): unknown {
  const of = { table, column: column.name, planted };
  if (column.type === "jsonb") return JSON.stringify({ canary: canaryOf(of) });
  if (column.type === "text") return column.allowed ?? canaryOf(of);
  if (column.type !== "bytea") return column.type.endsWith("[]") ? [] : anyValue(column);
  const bytes = randomBytes(16);
  planted.push({ table, column: column.name, canary: bytes.toString("hex") });
  return bytes;
}

function canaryOf({ table, column, planted }: { table: Table; column: string; planted: Planted[] }): string {
  const canary = `cnry_${randomBytes(10).toString("hex")}`;
  planted.push({ table, column, canary });
  return canary;
}
