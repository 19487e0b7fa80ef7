import { sql } from "kysely";

import type { MembershipRole } from "../domain/account/roles.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";
import type { AccountId, PageId, PrivacyPackageId, ShopId } from "../domain/id.ts";
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

/**
 * The shop that has disconnected a Page lets its number go, so that another one can connect it; its row and its history
 * stay. A Page that is connected, or broken, is kept.
 */
export async function letGoOfPage(
  system: SystemDatabase,
  { metaPageId, to }: { metaPageId: string; to: ShopId },
): Promise<void> {
  await asSystem(system, (trx) =>
    trx
      .updateTable("pages")
      .set({ left_meta_page_id: metaPageId, meta_page_id: sql<string>`'left/' || id` })
      .where("meta_page_id", "=", metaPageId)
      .where("shop_id", "<>", to)
      .where("state", "=", "disconnected")
      .execute(),
  );
}

export type PersonsPage = { shopId: ShopId; pageId: PageId; version: number };

/** The Pages whose tokens came, before that time, from the login of this person at Meta, in any shop. */
export function listPagesOfPerson(
  system: SystemDatabase,
  { personIndex, before }: { personIndex: Buffer; before: Date },
): Promise<PersonsPage[]> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("pages")
      .select(["shop_id as shopId", "id as pageId", "version"])
      .where("person_index", "=", personIndex)
      .where((eb) => eb(eb.fn.coalesce("token_at", "created_at"), "<", before))
      .where("state", "<>", "disconnected")
      .execute(),
  );
}

export type Membership = { shopId: ShopId; role: MembershipRole; shopName: string };

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

/** Everybody else who is in a shop that the account is in. */
export function listShopMates(system: SystemDatabase, accountId: AccountId): Promise<AccountId[]> {
  return asSystem(system, async (trx) => {
    const rows = await trx
      .selectFrom("memberships as own")
      .innerJoin("memberships as other", "other.shop_id", "own.shop_id")
      .where("own.account_id", "=", accountId)
      .where("other.account_id", "<>", accountId)
      .select("other.account_id as id")
      .distinct()
      .execute();
    return rows.map(({ id }) => id);
  });
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
  /** Whether the account has a role of the platform. */
  isOfPlatform: boolean;
  /** Null: the address of the account is not proven yet. */
  verifiedAt: Date | null;
  language: Language;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  hasFactor: boolean;
  steppedUpAt: Date | null;
};

/**
 * A session that was not ended, of an account that is not suspended; whether it is too old is the caller's to judge. One
 * that was begun without the factor that its account has by now is none.
 */
export function findSession(system: SystemDatabase, tokenHash: Buffer): Promise<StoredSession | undefined> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("sessions")
      .innerJoin("accounts", "accounts.id", "sessions.account_id")
      .leftJoin("second_factors", (join) =>
        join
          .onRef("second_factors.account_id", "=", "sessions.account_id")
          .on("second_factors.confirmed_at", "is not", null),
      )
      .where("sessions.token_hash", "=", tokenHash)
      .where("sessions.ended_at", "is", null)
      .where("accounts.suspended_at", "is", null)
      .where((eb) =>
        eb.or([eb("second_factors.account_id", "is", null), eb("sessions.has_factor", "=", true)]),
      )
      .select([
        "sessions.id",
        "sessions.account_id as accountId",
        sql<boolean>`exists (select from platform_roles p where p.account_id = sessions.account_id)`.as(
          "isOfPlatform",
        ),
        "accounts.verified_at as verifiedAt",
        "sessions.language",
        "sessions.created_at as createdAt",
        "sessions.last_used_at as lastUsedAt",
        "sessions.expires_at as expiresAt",
        "sessions.has_factor as hasFactor",
        "sessions.stepped_up_at as steppedUpAt",
      ])
      .executeTakeFirst(),
  );
}

/** `scopes`: null for one that has all that a key may have. */
export type StoredApiKey = { id: string; shopId: ShopId; scopes: string[] | null; lastUsedAt: Date | null };

/**
 * An API key that is neither revoked nor past its end, and whose maker is an owner who is not suspended. One without a
 * maker was made by a command.
 */
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
      .where(({ eb, exists, or, selectFrom }) =>
        or([
          eb("created_by", "is", null),
          exists(
            selectFrom("memberships as m")
              .innerJoin("accounts as a", "a.id", "m.account_id")
              .select("m.role")
              .whereRef("m.shop_id", "=", "api_keys.shop_id")
              .whereRef("m.account_id", "=", "api_keys.created_by")
              .where("m.role", "=", "owner")
              .where("a.suspended_at", "is", null),
          ),
        ]),
      )
      .select(["id", "shop_id as shopId", "scopes", "last_used_at as lastUsedAt"])
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

/** The shop of an invitation, before the tenant is known; whether it is open is judged when it is taken. */
export async function findInvitationShop(
  system: SystemDatabase,
  tokenHash: Buffer,
): Promise<ShopId | undefined> {
  const row = await asSystem(system, (trx) =>
    trx
      .selectFrom("invitations")
      .where("token_hash", "=", tokenHash)
      .select("shop_id as shopId")
      .executeTakeFirst(),
  );
  return row?.shopId;
}

/** To the address, from all shops together. */
export async function countInvitationsTo(
  system: SystemDatabase,
  { emailIndex, since }: { emailIndex: Buffer; since: Date },
): Promise<number> {
  const { count } = await asSystem(system, (trx) =>
    trx
      .selectFrom("invitations")
      .where("email_index", "=", emailIndex)
      .where("created_at", ">", since)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow(),
  );
  return count;
}

/** Whoever has a package's code is not signed in: its row says whose it is. */
export function findPackageByToken(
  system: SystemDatabase,
  tokenHash: Buffer,
): Promise<{ shopId: ShopId; packageId: PrivacyPackageId } | undefined> {
  return asSystemAlone(system, (db) =>
    db
      .selectFrom("privacy_packages")
      .select(["shop_id as shopId", "id as packageId"])
      .where("token_hash", "=", tokenHash)
      .executeTakeFirst(),
  );
}
