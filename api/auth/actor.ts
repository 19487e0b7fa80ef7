import type { Role, Scope } from "../../domain/account/scopes.ts";
import type { AccountId, BreakGlassId, ShopId } from "../../domain/id.ts";
import type { AdminScope } from "./admin-scopes.ts";

/** Who asks, and for which shop, or for the platform; made from a session or an API key, never from what the request says. */
export type Actor = {
  /** The account's or the API key's id: whose idempotency keys these are. */
  actorId: string;
  /** Null for an API key. */
  accountId: AccountId | null;
  /** An admin's: the platform's id, which is no shop's. */
  shopId: ShopId;
  role: Role | "admin";
  scopes: ReadonlySet<Scope | AdminScope>;
  /** Null for an API key. */
  sessionId: string | null;
  /** When the session's owner last proved who they are; null for an API key. */
  steppedUpAt: Date | null;
  /** An admin acts for a shop by this grant, for one request. */
  breakGlassId?: BreakGlassId;
};
