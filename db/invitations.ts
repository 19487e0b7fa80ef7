import { sql } from "kysely";

import type { MembershipRole } from "../domain/account/roles.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";

export function invitationEmailPlace(shopId: ShopId, id: string): SealedPlace {
  return { shopId, subjectId: shopSubject(shopId), purpose: "secret", field: "invitation.email", rowId: id };
}

export async function insertInvitation(
  trx: ShopTransaction,
  invitation: {
    shopId: ShopId;
    id: string;
    tokenHash: Buffer;
    emailIndex: Buffer;
    /** Place: `invitationEmailPlace`. */
    email: Sealed;
    role: MembershipRole;
    createdBy: AccountId;
    now: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await trx
    .insertInto("invitations")
    .values({
      shop_id: invitation.shopId,
      id: invitation.id,
      token_hash: invitation.tokenHash,
      email_index: invitation.emailIndex,
      email: invitation.email,
      role: invitation.role,
      created_by: invitation.createdBy,
      created_at: invitation.now,
      expires_at: invitation.expiresAt,
    })
    .execute();
}

export type Invitation = {
  id: string;
  email: Sealed;
  role: MembershipRole;
  createdAt: Date;
  expiresAt: Date;
};

/** Those that can still be taken, newest first; `before` is the last id of the page above. */
export function listOpenInvitations(
  trx: ShopTransaction,
  { shopId, now, before, limit }: { shopId: ShopId; now: Date; before?: string; limit: number },
): Promise<Invitation[]> {
  let query = openInvitations(trx, now)
    .where("shop_id", "=", shopId)
    .select(["id", "email", "role", "created_at as createdAt", "expires_at as expiresAt"])
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

/** Until commit nobody else invites for the shop, nor anybody to the address. */
export async function lockInviting(
  trx: ShopTransaction,
  { shopId, emailIndex }: { shopId: ShopId; emailIndex: Buffer },
): Promise<void> {
  for (const name of [shopId, emailIndex.toString("hex")])
    await sql`select pg_advisory_xact_lock(hashtextextended(${`invitations|${name}`}, 0))`.execute(trx);
}

/** Of the shop: those that can still be taken, and those that were made since then, taken or not. */
export async function countInvitations(
  trx: ShopTransaction,
  { shopId, since, now }: { shopId: ShopId; since: Date; now: Date },
): Promise<{ open: number; recent: number }> {
  return trx
    .selectFrom("invitations")
    .where("shop_id", "=", shopId)
    .select(({ fn }) => [
      fn
        .countAll<number>()
        .filterWhere("accepted_at", "is", null)
        .filterWhere("revoked_at", "is", null)
        .filterWhere("expires_at", ">", now)
        .as("open"),
      fn.countAll<number>().filterWhere("created_at", ">", since).as("recent"),
    ])
    .executeTakeFirstOrThrow();
}

/** Those of the shop to the address that nobody took. */
export async function voidInvitationsTo(
  trx: ShopTransaction,
  { shopId, emailIndex, now }: { shopId: ShopId; emailIndex: Buffer; now: Date },
): Promise<void> {
  await trx
    .updateTable("invitations")
    .set({ revoked_at: now })
    .where("shop_id", "=", shopId)
    .where("email_index", "=", emailIndex)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
}

function openInvitations(trx: ShopTransaction, now: Date) {
  return trx
    .selectFrom("invitations")
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now);
}

/** Once, by the account with the address, while who invited is an owner; undefined when it is over, or another's. */
export function acceptInvitation(
  trx: ShopTransaction,
  taking: { shopId: ShopId; tokenHash: Buffer; accountId: AccountId; now: Date },
): Promise<{ id: string; role: MembershipRole } | undefined> {
  return trx
    .updateTable("invitations")
    .set({ accepted_at: taking.now, accepted_by: taking.accountId })
    .where("shop_id", "=", taking.shopId)
    .where("token_hash", "=", taking.tokenHash)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", taking.now)
    .where("email_index", "=", (eb) =>
      eb.selectFrom("accounts").select("accounts.email_index").where("accounts.id", "=", taking.accountId),
    )
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("memberships as m")
          .innerJoin("accounts as inviter", "inviter.id", "m.account_id")
          .select("m.role")
          .where("m.shop_id", "=", taking.shopId)
          .whereRef("m.account_id", "=", "invitations.created_by")
          .where("m.role", "=", "owner")
          .where("inviter.suspended_at", "is", null),
      ),
    )
    .returning(["id", "role"])
    .executeTakeFirst();
}

/** Those that the account made and nobody took. Safe to run twice. */
export async function revokeInvitationsOf(
  trx: ShopTransaction,
  { shopId, accountId, now }: { shopId: ShopId; accountId: AccountId; now: Date },
): Promise<void> {
  await trx
    .updateTable("invitations")
    .set({ revoked_at: now })
    .where("shop_id", "=", shopId)
    .where("created_by", "=", accountId)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
}

/** False when there is no open one. */
export async function revokeInvitation(
  trx: ShopTransaction,
  { shopId, id, now }: { shopId: ShopId; id: string; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("invitations")
    .set({ revoked_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
