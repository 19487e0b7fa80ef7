import { platformShopId } from "../../db/accounts.ts";
import { copiedTables, shopColumn } from "../../db/inventory/copied-tables.ts";
import type { Holder } from "../../db/inventory/copied-tables.ts";
import { findParticipant } from "../../db/referrals.ts";
import type { Schema } from "../../db/schema/index.ts";
import { listMemberships } from "../../db/system.ts";
import type { AccountId, ShopId, SubjectId } from "../../domain/id.ts";
import type { PackageKind } from "../../domain/privacy/package.ts";
import type { SubjectKind } from "../../domain/sealing.ts";
import type { PackageDeps } from "./package-deps.ts";

/** What is read under one tenant, into one folder of the archive. */
export type PackageScope = {
  folder: string;
  shopId: ShopId;
  holder: Holder;
  tables: readonly (keyof Schema)[];
};

/** Where the rows of a subject are: its own, and of an account those as a participant, in shops, and of its shops. */
export async function listScopes(
  deps: PackageDeps,
  subject: { shopId: ShopId; subjectId: SubjectId; subjectKind: SubjectKind; kind: PackageKind },
): Promise<PackageScope[]> {
  const { shopId, subjectId: id, subjectKind, kind } = subject;
  switch (subjectKind) {
    case "customer":
    case "participant":
      return [scope(subjectKind, shopId, { kind: subjectKind, id })];
    case "shop":
      return [shopScope(shopId, kind)];
    case "account":
      // Safe: the subject of an account has the account's id.
      return accountScopes(deps, id as string as AccountId, kind);
    case "upgrade":
    case "billing":
    case "ticket":
    case "incident":
      return [];
  }
}

async function accountScopes(deps: PackageDeps, id: AccountId, kind: PackageKind): Promise<PackageScope[]> {
  const memberships = await listMemberships(deps.system, id);
  const participant = await deps.db.withoutShop((trx) => findParticipant(trx, id));
  const own = scope("account", platformShopId, { kind: "account", id });
  const asMember = memberships.map(({ shopId }) => {
    const inShop = scope(`member-of-${shopId}`, shopId, { kind: "account", id });
    return { ...inShop, tables: inShop.tables.filter((table) => shopColumn(table) !== undefined) };
  });
  const asParticipant =
    participant === undefined
      ? []
      : [scope("participant", platformShopId, { kind: "participant", id: participant.id })];
  const shops = memberships
    .filter(({ role }) => role === "owner")
    .map(({ shopId }) => shopScope(shopId, kind));
  return [own, ...asParticipant, ...asMember, ...shops];
}

function shopScope(shopId: ShopId, kind: PackageKind): PackageScope {
  const holder = { kind: kind === "portability" ? ("tenant" as const) : ("shop" as const), id: shopId };
  return scope(`shop-${shopId}`, shopId, holder);
}

function scope(folder: string, shopId: ShopId, holder: Holder): PackageScope {
  return { folder, shopId, holder, tables: copiedTables(holder) };
}
