import { logFieldNames } from "../../clients/log-fields.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import { inventoryTables, listColumns } from "../../db/inventory/list-columns.ts";
import { objectInventory, storeInventory } from "../../db/inventory/stores.ts";
import type { StoreEntry } from "../../db/inventory/stores.ts";
import { dataPurposes } from "../../domain/privacy/data-purpose.ts";
import type { DataPurpose } from "../../domain/privacy/data-purpose.ts";
import {
  activityPurposes,
  loopPurposes,
  operationPurposes,
  schedulePurposes,
  workflowPurposes,
} from "../../domain/privacy/process-purposes.ts";
import { purposeTexts } from "../../domain/privacy/purpose-texts.ts";
import { retentionRules } from "../../domain/privacy/retention-class.ts";
import type { RetentionClass, RetentionRule } from "../../domain/privacy/retention-class.ts";

/** Everything that is kept, as the schema and the registry of processes have it: published, and the same in the docs. */
export function readDataInventory() {
  return {
    tables: inventoryTables.map((name) => {
      const { of, purposes, class: retentionClass } = tableInventory[name];
      const owners = Object.entries(of).map(([kind, foundBy]) => ({ kind, foundBy }));
      return { name, owners, purposes: [...purposes], class: retentionClass, columns: listColumns(name) };
    }),
    objects: listStores(objectInventory),
    stores: listStores(storeInventory),
    logFields: [...logFieldNames],
    workflows: Object.entries(workflowPurposes).map(([name, purposes]) => ({
      name,
      purposes: [...purposes],
    })),
    classes: Object.entries<RetentionRule>(retentionRules).map(([name, rule]) => ({
      name: name as RetentionClass,
      ...rule,
    })),
  };
}

function listStores(stores: Record<string, StoreEntry>) {
  return Object.entries(stores).map(([name, { of, purposes, ...entry }]) => ({
    name,
    owners: [...of],
    purposes: [...purposes],
    ...entry,
  }));
}

const processKinds = {
  workflow: workflowPurposes,
  activities: activityPurposes,
  loop: loopPurposes,
  schedule: schedulePurposes,
  operations: operationPurposes,
} as const;

export const processKindNames = Object.keys(processKinds) as (keyof typeof processKinds)[];

/** The closed list of purposes, with all that serves each. */
export function listPurposes() {
  return Object.entries(dataPurposes).map(([name, { basis, isOwners }]) => {
    const purpose = name as DataPurpose;
    const serves = (purposes: readonly DataPurpose[]) => purposes.includes(purpose);
    return {
      purpose,
      meaning: purposeTexts[purpose],
      basis,
      isBasisSetByOwner: isOwners,
      tables: inventoryTables.filter((table) => serves(tableInventory[table].purposes)),
      processes: processKindNames.flatMap((kind) =>
        Object.entries(processKinds[kind])
          .filter(([, purposes]) => serves(purposes))
          .map(([process]) => ({ kind, name: process })),
      ),
    };
  });
}
