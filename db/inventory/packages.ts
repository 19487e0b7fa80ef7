import type { TableEntry } from "./describe-table.ts";

export const packageInventory = {
  privacy_packages: {
    of: { customer: "subject_id", account: "subject_id", participant: "subject_id", shop: "subject_id" },
    purposes: ["privacy_rights"],
    class: "operation",
    sealed: {
      token: {
        field: "privacy_package.token",
        purpose: { column: "purpose" },
        subject: "subject_id",
        isSecret: true,
      },
    },
    ids: "shop_id id subject_id request_id",
    secrets: "token_hash",
    codes: "kind purpose",
    facts: "size created_at expires_at downloads last_download_at",
  },
  privacy_package_parts: {
    of: { customer: "package_id>privacy_packages", account: "package_id>privacy_packages" },
    purposes: ["privacy_rights"],
    class: "operation",
    noCopy: "pieces of packages like this one",
    ids: "shop_id package_id object_id",
    secrets: "sealed_key",
    facts: "position size",
  },
} as const satisfies Record<string, TableEntry>;
