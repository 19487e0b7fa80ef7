import type { ConversationTimings } from "../domain/conversation/timings.ts";
import type { AccountId, PageId, ShopId } from "../domain/id.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import type { Language } from "../domain/shop/policies.ts";
import { asSystem, asSystemAlone } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

export type KnownPage = {
  shopId: ShopId;
  pageId: PageId;
  metaPageId: string;
  state: "connected" | "broken" | "disconnected";
  languages: Language[];
  conversationTimings: ConversationTimings;
};

/** The Pages among those that Meta names, by Meta's id, in any shop. */
export function listPagesByMetaId(system: SystemDatabase, metaPageIds: string[]): Promise<KnownPage[]> {
  if (metaPageIds.length === 0) return Promise.resolve([]);
  return asSystemAlone(system, (trx) =>
    trx
      .selectFrom("pages")
      .innerJoin("shops", "shops.id", "pages.shop_id")
      .where("pages.meta_page_id", "in", metaPageIds)
      .select([
        "pages.shop_id as shopId",
        "pages.id as pageId",
        "pages.meta_page_id as metaPageId",
        "pages.state",
        "shops.languages",
        "shops.conversation_timings as conversationTimings",
      ])
      .execute(),
  );
}

export type Membership = { shopId: ShopId; role: "owner" | "staff"; shopName: string };

export function listMemberships(system: SystemDatabase, accountId: AccountId): Promise<Membership[]> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("memberships")
      .innerJoin("shops", "shops.id", "memberships.shop_id")
      .where("memberships.account_id", "=", accountId)
      .orderBy("memberships.created_at")
      .orderBy("memberships.shop_id")
      .select(["memberships.shop_id as shopId", "memberships.role", "shops.name as shopName"])
      .execute(),
  );
}

export function listPlatformRoles(system: SystemDatabase, accountId: AccountId): Promise<PlatformRole[]> {
  return asSystem(system, async (trx) => {
    const rows = await trx
      .selectFrom("platform_roles")
      .where("account_id", "=", accountId)
      .orderBy("role")
      .select("role")
      .execute();
    return rows.map(({ role }) => role);
  });
}

export type StoredSession = {
  id: string;
  accountId: AccountId;
  language: Language;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/** A session that was not ended; whether it is too old is the caller's to judge. */
export function findSession(system: SystemDatabase, tokenHash: Buffer): Promise<StoredSession | undefined> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("sessions")
      .where("sessions.token_hash", "=", tokenHash)
      .where("sessions.ended_at", "is", null)
      .select([
        "sessions.id",
        "sessions.account_id as accountId",
        "sessions.language",
        "sessions.created_at as createdAt",
        "sessions.last_used_at as lastUsedAt",
        "sessions.expires_at as expiresAt",
      ])
      .executeTakeFirst(),
  );
}

export type StoredApiKey = { id: string; shopId: ShopId; lastUsedAt: Date | null };

/** An API key that is neither revoked nor past its end. */
export function findApiKey(
  system: SystemDatabase,
  { tokenHash, now }: { tokenHash: Buffer; now: Date },
): Promise<StoredApiKey | undefined> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("api_keys")
      .where("token_hash", "=", tokenHash)
      .where("revoked_at", "is", null)
      .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
      .select(["id", "shop_id as shopId", "last_used_at as lastUsedAt"])
      .executeTakeFirst(),
  );
}

export async function markApiKeyUsed(
  system: SystemDatabase,
  { shopId, id, now }: { shopId: ShopId; id: string; now: Date },
): Promise<void> {
  await asSystem(system, (trx) =>
    trx
      .updateTable("api_keys")
      .set({ last_used_at: now })
      .where("shop_id", "=", shopId)
      .where("id", "=", id)
      .execute(),
  );
}
