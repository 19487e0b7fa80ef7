import type { ObjectsTable } from "../schema/conversations.ts";
import type { DataPurpose } from "../../domain/privacy/data-purpose.ts";
import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { OwnerKind } from "./describe-table.ts";

/** What is kept elsewhere than in tables. */
export type StoreEntry = {
  /** Whose data it can be. */
  of: readonly OwnerKind[];
  purposes: readonly [DataPurpose, ...DataPurpose[]];
  class: RetentionClass;
  holds: string;
  /** How it is kept from whoever has the disk. */
  protection: string;
};

const ownKey = "AES-256-GCM with a key of its own, which its row keeps sealed";
type ObjectKind = ObjectsTable["kind"] | "upgrade_evidence" | "payout_evidence" | "package_part";

/** The object store has one folder, fanned out by ids; what an object is, its row says. */
export const objectInventory: Record<ObjectKind, StoreEntry> = {
  chat_image: {
    of: ["customer"],
    purposes: ["conversation", "payment"],
    class: "conversation",
    holds: "a picture of a chat; once it is accepted as a payment slip, of class order.finance",
    protection: ownKey,
  },
  product_image: {
    of: ["shop"],
    purposes: ["conversation"],
    class: "shop",
    holds: "a picture of a product",
    protection: ownKey,
  },
  payment_qr: {
    of: ["shop"],
    purposes: ["payment"],
    class: "shop",
    holds: "the code by which a shop is paid",
    protection: ownKey,
  },
  upgrade_evidence: {
    of: ["shop"],
    purposes: ["billing"],
    class: "account.finance",
    holds: "the proof of a payment for a plan or credits",
    protection: ownKey,
  },
  payout_evidence: {
    of: ["participant"],
    purposes: ["referral"],
    class: "account.finance",
    holds: "the proof of a payout's transfer",
    protection: ownKey,
  },
  package_part: {
    of: ["customer", "account", "participant", "shop"],
    purposes: ["privacy_rights"],
    class: "operation",
    holds: "a piece of a package of somebody's data, for seven days",
    protection: ownKey,
  },
};

/** Where `SHOPTHREAD_HOME` and Temporal have it. */
export const storeInventory: Record<string, StoreEntry> = {
  logs: {
    of: [],
    purposes: ["security"],
    class: "tech_log",
    holds: "ids, codes, numbers and times, in the fields that are allowed",
    protection: "every field and value is checked before it is written",
  },
  temporal: {
    of: [],
    purposes: ["conversation", "order", "payment", "billing", "referral", "notices"],
    class: "operation",
    holds: "histories of workflows: ids, codes, amounts and times",
    protection: "payloads and failures pass a codec with AES-256-GCM",
  },
  "temporal/visibility": {
    of: [],
    purposes: ["security"],
    class: "operation",
    holds: "types, ids, states and times of workflows; no memo, no search attribute of ours",
    protection: "ids mean nothing without the database",
  },
  postgres: {
    of: [],
    purposes: ["security"],
    class: "operation",
    holds: "the files of the database: what the tables hold, dead rows and the write-ahead log",
    protection: "what is personal is sealed before it is written",
  },
  keyring: {
    of: [],
    purposes: ["security"],
    class: "platform",
    holds: "the root key, the wrapped epoch keys and the keys of blind indexes",
    protection: "files for their user alone, outside the database",
  },
  "payload-keys": {
    of: [],
    purposes: ["security"],
    class: "platform",
    holds: "the keys of Temporal's payloads",
    protection: "files for their user alone, outside the database",
  },
  backups: {
    of: ["customer", "account", "participant", "shop"],
    purposes: ["security"],
    class: "backup",
    holds: "the database and the objects as they were; the keyring is apart from them",
    protection: "sealed as in the database; what is erased has no key any more",
  },
  "secrets.json": {
    of: [],
    purposes: ["security"],
    class: "platform",
    holds: "passwords of our own processes for each other",
    protection: "a file for its user alone",
  },
};
