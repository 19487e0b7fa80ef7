import { countInvitations, lockInviting, voidInvitationsTo } from "../../db/invitations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { countInvitationsTo } from "../../db/system.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ShopId } from "../../domain/id.ts";

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** A team, not a mailing list: each invitation is a mail to somebody who did not ask for it. */
const mostOpen = 50;
const mostADay = 20;
/** From all shops together. */
const mostToAddressAnHour = 5;

/**
 * Before an invitation is stored, in its transaction: of two at once the second counts the first. An earlier one to the
 * same address is void.
 */
export async function demandMayInvite(
  trx: ShopTransaction,
  system: SystemDatabase,
  { shopId, emailIndex, now }: { shopId: ShopId; emailIndex: Buffer; now: Date },
): Promise<void> {
  await lockInviting(trx, { shopId, emailIndex });
  await voidInvitationsTo(trx, { shopId, emailIndex, now });
  const since = new Date(now.getTime() - dayMs);
  const { open, recent } = await countInvitations(trx, { shopId, since, now });
  if (open >= mostOpen) throw tooManyOpen();
  if (recent >= mostADay) throw tooManyToday();
  const lately = { emailIndex, since: new Date(now.getTime() - hourMs) };
  if ((await countInvitationsTo(system, lately)) >= mostToAddressAnHour) throw addressFull();
}

function tooManyOpen(): AppError {
  return new AppError("conflict", "invitation.too_many_open", {
    internal: `${mostOpen} invitations are open`,
    public: `A shop may have ${mostOpen} open invitations. Take some back first.`,
  });
}

function tooManyToday(): AppError {
  return new AppError("too_many", "invitation.too_many_today", {
    internal: `${mostADay} invitations within a day`,
    public: `A shop may invite ${mostADay} people a day. Go on tomorrow.`,
  });
}

function addressFull(): AppError {
  return new AppError("too_many", "invitation.address_full", {
    internal: `${mostToAddressAnHour} invitations to one address within an hour`,
    public: "This address was invited several times just now. Try again in an hour.",
  });
}
