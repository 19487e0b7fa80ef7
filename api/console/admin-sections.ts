import { adminScopesOf } from "../auth/admin-scopes.ts";
import type { AdminScope } from "../auth/admin-scopes.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";

/** The platform's pages, each with the scope without which it says nothing. */
export const adminSections = [
  { name: "upgrades", scope: "upgrades.read" },
  { name: "money", scope: "upgrades.read" },
  { name: "plan-payments", scope: "planPayments.read" },
  { name: "payouts", scope: "payouts.read" },
  { name: "fraud", scope: "fraud.read" },
  { name: "applications", scope: "fraud.read" },
  { name: "accounts", scope: "accounts.read" },
] as const satisfies { name: string; scope: AdminScope }[];

export type AdminSection = (typeof adminSections)[number]["name"];

/** The first page that somebody of the platform may see: each role has one. */
export function adminHome(roles: readonly PlatformRole[]): string {
  const isOpen = ({ scope }: { scope: AdminScope }) => roles.some((role) => adminScopesOf[role].has(scope));
  return `/console/admin/${adminSections.find(isOpen)?.name ?? "accounts"}`;
}
