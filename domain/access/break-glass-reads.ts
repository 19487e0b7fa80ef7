import type { BreakGlassScope } from "./break-glass.ts";

export type BreakGlassRead = {
  /** As in the API's own description. */
  route: string;
  scope: BreakGlassScope;
  /** The TypeID of the order that it is about, to be looked up before it is shown under a grant for one customer. */
  orderId: string | null;
  /** The TypeID of the customer, where the address says so. */
  customerId: string | null;
};

const routes: readonly { pattern: RegExp; route: string; scope: BreakGlassScope }[] = [
  { pattern: /^\/v1\/customers$/, route: "/v1/customers", scope: "customers.read" },
  { pattern: /^\/v1\/conversations$/, route: "/v1/conversations", scope: "conversations.read" },
  {
    pattern: /^\/v1\/conversations\/(?<customerId>cus_[0-9a-z]{26})\/messages$/,
    route: "/v1/conversations/{customerId}/messages",
    scope: "conversations.read",
  },
  { pattern: /^\/v1\/orders$/, route: "/v1/orders", scope: "orders.read" },
  {
    pattern: /^\/v1\/orders\/(?<orderId>ord_[0-9a-z]{26})$/,
    route: "/v1/orders/{orderId}",
    scope: "orders.read",
  },
  { pattern: /^\/v1\/payment-evidence$/, route: "/v1/payment-evidence", scope: "payments.read" },
];

/** The closed list of what a grant opens, by the address that is asked for; undefined: nothing of it. */
export function readBreakGlassAddress(
  method: string,
  path: string,
  query: URLSearchParams,
): BreakGlassRead | undefined {
  if (method !== "GET") return undefined;
  for (const { pattern, route, scope } of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return {
      route,
      scope,
      orderId: match.groups?.["orderId"] ?? null,
      customerId: match.groups?.["customerId"] ?? onlyOne(query.getAll("customerId")),
    };
  }
  return undefined;
}

/** A parameter that is given twice says nothing that could be trusted. */
function onlyOne(values: string[]): string | null {
  return values.length === 1 ? (values[0] ?? null) : null;
}
