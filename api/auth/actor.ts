import type { AccountId, ShopId } from "../../domain/id.ts";
import type { Role, Scope } from "./scopes.ts";

/** Who asks, and for which shop; made from a session or an API key, never from what the request says. */
export type Actor = {
  /** The account's or the API key's id: whose idempotency keys these are. */
  actorId: string;
  /** Null for an API key. */
  accountId: AccountId | null;
  shopId: ShopId;
  role: Role;
  scopes: ReadonlySet<Scope>;
  /** Null for an API key. */
  sessionId: string | null;
};
