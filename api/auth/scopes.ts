/** What an actor may do: `resource.read|write|approve`. */
export const scopes = [
  "shop.read",
  "shop.write",
  "products.read",
  "products.write",
  "conversations.read",
  "conversations.write",
  "customers.read",
  "orders.read",
  "orders.write",
  "payments.read",
  "payments.approve",
  "notices.read",
  "credits.read",
  "audit.read",
  "referral.read",
  "referral.write",
  "apiKeys.write",
  "subscription.read",
  "subscription.write",
] as const;

export type Scope = (typeof scopes)[number];
export type Role = "owner" | "staff" | "api_key";

/** Not for keys: what only a person may do, how the shop paid for its plan, and the referral, which is the owner's own. */
const personal: ReadonlySet<Scope> = new Set([
  "apiKeys.write",
  "subscription.read",
  "subscription.write",
  "referral.read",
  "referral.write",
]);

/** Roles are named bundles of scopes. A key is never allowed to make keys. */
export const scopesOf: Record<Role, ReadonlySet<Scope>> = {
  owner: new Set(scopes),
  staff: new Set<Scope>([
    "shop.read",
    "products.read",
    "products.write",
    "conversations.read",
    "conversations.write",
    "customers.read",
    "orders.read",
    "orders.write",
    "payments.read",
    "notices.read",
  ]),
  api_key: new Set(scopes.filter((scope) => !personal.has(scope))),
};
