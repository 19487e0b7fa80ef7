import type { Context } from "hono";

import { insertUpgradeNote, listUpgradeNotes, upgradeNotePlace } from "../../db/upgrade-evidence.ts";
import type { StoredNote } from "../../db/upgrade-evidence.ts";
import type { UpgradeRef, UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { MessageId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";

/**
 * What the owner wrote about a request, sealed under its key; its id travels. A repeated request finds the note that the
 * first one stored. Throws `upgrade.purged` (409) when the key is gone.
 */
export async function storeUpgradeNote(
  c: Context<ApiEnv>,
  row: UpgradeRequestRow,
  text: string,
): Promise<MessageId> {
  const { deps } = c.var;
  const note = await sealUpgradeNote(c, row, text);
  await deps.db.withShop(row.shop_id, (trx) =>
    insertUpgradeNote(trx, { ...refOf(row), ...note, now: deps.clock.now() }),
  );
  return note.noteId;
}

export async function sealUpgradeNote(
  c: Context<ApiEnv>,
  row: UpgradeRequestRow,
  text: string,
): Promise<{ noteId: MessageId; body: Sealed }> {
  const { deps, effect } = c.var;
  if (row.purged_at !== null) throw isPurged();
  const noteId = effect.id as MessageId;
  const place = upgradeNotePlace({ ...refOf(row), noteId });
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(text) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  return { noteId, body };
}

/** Null when nothing was written, or when it is purged. */
export async function openUpgradeNote(
  c: Context<ApiEnv>,
  row: UpgradeRequestRow,
  noteId: MessageId | null,
): Promise<string | null> {
  const { deps } = c.var;
  const ref = refOf(row);
  const notes = await deps.db.withShop(row.shop_id, (trx) =>
    listUpgradeNotes(trx, { ...ref, noteIds: [noteId] }),
  );
  return openStoredNote(deps, ref, notes);
}

/** The text of the first note, if there is one. */
export async function openStoredNote(
  { sealer }: Pick<ApiDeps, "sealer">,
  ref: UpgradeRef,
  [note]: StoredNote[],
): Promise<string | null> {
  if (note === undefined) return null;
  const place = upgradeNotePlace({ ...ref, noteId: note.id });
  const [plaintext] = await sealer.open([{ place, sealed: note.body }]);
  return plaintext?.toString("utf8") ?? null;
}

function refOf({ shop_id: shopId, id: requestId }: UpgradeRequestRow): UpgradeRef {
  return { shopId, requestId };
}

function isPurged(): AppError {
  return new AppError("conflict", "upgrade.purged", {
    internal: "the request's key is destroyed",
    public: "This request is closed, and its evidence is deleted.",
  });
}
