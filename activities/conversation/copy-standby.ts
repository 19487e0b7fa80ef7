import type { ShopTransaction } from "../../db/connection.ts";
import { isSubjectActive, lockConversation } from "../../db/conversations.ts";
import { claimStandbyIntake, listStandbyIntake } from "../../db/intake-claims.ts";
import type { IntakeRow } from "../../db/intake-claims.ts";
import { listRecent, replaceBody } from "../../db/messages.ts";
import type { MessageRow } from "../../db/messages.ts";
import type { MessageId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ConversationRef } from "../outbox/open-part.ts";
import { maskAgainst, reach } from "./mask-across-messages.ts";
import { openMessages } from "./opened-message.ts";

/**
 * Moves what another app's thread brought into the history. No turn looks at it, so a card number in parts is masked
 * before it is there. Safe to run twice: each event is moved once. Of a person who is not active nothing moves.
 */
export async function copyStandby(deps: ActivityDeps, ref: ConversationRef): Promise<void> {
  for (;;) {
    const look = await deps.db.withShop(ref.shopId, (trx) => read(trx, ref));
    if (look === undefined) return;
    const said = look.rows.filter(({ kind }) => kind !== "page_inbox");
    const opened = await openMessages(deps.sealer, said);
    const { found } = await maskAgainst(deps, opened, () => Promise.resolve(look.recent));
    await deps.atStep("standby.masked");
    const now = deps.clock.now();
    if (await deps.db.withShop(ref.shopId, (trx) => write(trx, ref, { ...look, found, now }))) return;
  }
}

type Look = { rows: IntakeRow[]; recent: MessageRow[] };

async function read(trx: ShopTransaction, ref: ConversationRef): Promise<Look | undefined> {
  if (!(await isSubjectActive(trx, ref))) return undefined;
  const rows = await listStandbyIntake(trx, ref);
  return rows.length === 0 ? undefined : { rows, recent: await listRecent(trx, { ...ref, limit: reach }) };
}

/** False: the history is another one since it was read, and half a number may be in what is new. */
async function write(
  trx: ShopTransaction,
  ref: ConversationRef,
  { rows, recent, found, now }: Look & { found: Map<MessageId, Sealed>; now: Date },
): Promise<boolean> {
  const { subject_state: state } = await lockConversation(trx, ref);
  if (state !== "active") return true;
  const current = await listRecent(trx, { ...ref, limit: reach });
  if (current.length !== recent.length) return false;
  if (!current.every((row, index) => isSame(row, recent[index]))) return false;
  for (const { id } of recent) {
    const body = found.get(id);
    if (body) await replaceBody(trx, { shopId: ref.shopId, id, body });
  }
  await claimStandbyIntake(trx, { ...ref, ids: rows.map(({ id }) => id), bodies: found, now });
  return true;
}

function isSame({ id, body }: MessageRow, before: MessageRow | undefined): boolean {
  return before?.id === id && before.body !== null && body?.equals(before.body) === true;
}
