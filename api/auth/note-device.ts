import { appendAccountEvent } from "../../db/account-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { rememberDevice } from "../../db/known-devices.ts";
import type { AccountId } from "../../domain/id.ts";

type NewSession = { accountId: AccountId; sessionId: string; deviceIndex: Buffer; now: Date };

/** In the transaction of a new session: its account is told, once, of a device that it had not used before. */
export async function noteDevice(trx: ShopTransaction, session: NewSession): Promise<void> {
  const { accountId, sessionId, now } = session;
  await appendAccountEvent(trx, { accountId, kind: "session.started", data: { sessionId }, now });
  // The very first device is the one on which the account was made.
  if ((await rememberDevice(trx, session)) === "new") await tellOfDevice(trx, session);
}

/** The one place where the notice of a new device is written. */
async function tellOfDevice(trx: ShopTransaction, session: NewSession): Promise<void> {
  const { accountId, sessionId, deviceIndex, now } = session;
  const businessKey = `device:${deviceIndex.toString("hex")}`;
  await appendAccountEvent(trx, {
    accountId,
    kind: "device.first_seen",
    businessKey,
    data: { sessionId },
    now,
  });
}
