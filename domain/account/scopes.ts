import type { MembershipRole } from "./roles.ts";

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
  "team.read",
  "team.write",
  "apiKeys.read",
  "apiKeys.write",
  "subscription.read",
  "subscription.write",
  "privacy.read",
  "privacy.write",
] as const;

export type Scope = (typeof scopes)[number];
export type Role = MembershipRole | "api_key";

/**
 * Not for keys: keys and people, by whom one could give away all that an owner may; how the shop paid for its plan; and
 * the referral, which is the owner's own.
 */
const personal: ReadonlySet<Scope> = new Set([
  "team.read",
  "team.write",
  "apiKeys.read",
  "apiKeys.write",
  "subscription.read",
  "subscription.write",
  "referral.read",
  "referral.write",
]);

/** What a key may be given. */
export const keyScopes = scopes.filter((scope) => !personal.has(scope));

const orderAgent = new Set<Scope>([
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
]);

/** Roles are named bundles of scopes. */
export const scopesOf: Record<Role, ReadonlySet<Scope>> = {
  owner: new Set(scopes),
  manager: new Set<Scope>([
    ...orderAgent,
    "shop.write",
    "payments.approve",
    "credits.read",
    "audit.read",
    "team.read",
    "privacy.read",
  ]),
  catalogue: new Set<Scope>(["shop.read", "products.read", "products.write"]),
  order_agent: orderAgent,
  finance: new Set<Scope>([
    "shop.read",
    "products.read",
    "customers.read",
    "orders.read",
    "payments.read",
    "payments.approve",
    "notices.read",
    "credits.read",
  ]),
  viewer: new Set<Scope>([
    "shop.read",
    "products.read",
    "conversations.read",
    "customers.read",
    "orders.read",
    "payments.read",
  ]),
  staff: orderAgent,
  api_key: new Set(keyScopes),
};

const ofCustomers: readonly Scope[] = [
  "conversations.read",
  "customers.read",
  "orders.read",
  "payments.read",
  "audit.read",
  "privacy.read",
];

/** Whoever reads customer data shall have a second factor. */
export function readsCustomers(role: Role): boolean {
  return ofCustomers.some((scope) => scopesOf[role].has(scope));
}
