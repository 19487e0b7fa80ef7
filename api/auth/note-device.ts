import { appendAccountEvent } from "../../db/account-events.ts";
import { findAccount } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { rememberDevice } from "../../db/known-devices.ts";
import type { DeviceRef } from "../../db/known-devices.ts";
import { queueMail } from "../../db/mails.ts";
import { deviceKeptDays } from "../../domain/account/device.ts";
import { newId } from "../../domain/id.ts";

const dayMs = 24 * 60 * 60_000;

type NewSession = DeviceRef & { sessionId: string; now: Date };

/** In the transaction of a new session. */
export async function noteDevice(trx: ShopTransaction, session: NewSession): Promise<void> {
  const { accountId, sessionId, now } = session;
  await appendAccountEvent(trx, { accountId, kind: "session.started", data: { sessionId }, now });
  await meetDevice(trx, session);
}

type Met = DeviceRef & { sessionId?: string; now: Date };

/** From now on the device is one of the account's, which is told of it, once. */
export async function meetDevice(trx: ShopTransaction, met: Met): Promise<void> {
  const is = await rememberDevice(trx, met);
  if (is === "new" || (is === "first" && (await hasForgotten(trx, met)))) await tellOfDevice(trx, met);
}

/** The very first device is the one on which the account was made; others were there, and nobody saw them for long. */
async function hasForgotten(trx: ShopTransaction, { accountId, now }: Met): Promise<boolean> {
  const account = await findAccount(trx, accountId);
  return account !== undefined && account.createdAt.getTime() < now.getTime() - deviceKeptDays * dayMs;
}

/** The one place where the notice of a new device is written. */
async function tellOfDevice(trx: ShopTransaction, { accountId, sessionId, now }: Met): Promise<void> {
  // A device that was forgotten is told of anew.
  const businessKey = `device:${newId<string>()}`;
  const kind = "device.first_seen";
  const data = sessionId === undefined ? {} : { sessionId };
  await appendAccountEvent(trx, { accountId, kind, businessKey, data, now });
  const account = await findAccount(trx, accountId);
  // Nobody is written to at an address that somebody else may have given.
  if (account === undefined || account.verifiedAt === null) return;
  const { language } = account;
  await queueMail(trx, { accountId, kind: "new_device", businessKey, data: {}, language, now });
}
