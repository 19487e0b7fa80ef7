import type { Schema } from "../schema/index.ts";
import { conversationInventory } from "./conversations.ts";
import type { Complete, TableEntry } from "./describe-table.ts";
import { creditInventory, operationInventory } from "./operations.ts";
import { catalogueInventory, orderInventory } from "./orders.ts";
import { packageInventory } from "./packages.ts";
import { accessInventory, privacyInventory } from "./privacy.ts";
import { planInventory } from "./plans.ts";
import { referralInventory } from "./referral.ts";
import { accountInventory, tenancyInventory } from "./tenancy.ts";

const described = {
  ...tenancyInventory,
  ...accountInventory,
  ...conversationInventory,
  ...catalogueInventory,
  ...orderInventory,
  ...operationInventory,
  ...planInventory,
  ...referralInventory,
  ...creditInventory,
  ...packageInventory,
  ...privacyInventory,
  ...accessInventory,
};
type Described = typeof described;

/**
 * What every table holds: whose data, for what, how long, how kept. A table or a column of the schema without an entry is a
 * type error here that names it.
 */
export const tableInventory: Readonly<Record<keyof Schema, TableEntry>> = described satisfies {
  [Table in keyof Schema]: Table extends keyof Described
    ? Complete<Schema[Table], Described[Table]>
    : TableEntry;
};
