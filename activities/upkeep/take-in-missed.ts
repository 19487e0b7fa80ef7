import { listKnownMids } from "../../db/page-gaps.ts";
import { listCustomersByPsid } from "../../db/customers.ts";
import { listOpenParts } from "../../db/outbox.ts";
import type { PageRow } from "../../db/pages.ts";
import { decodeBody } from "../../domain/conversation/message-body.ts";
import type { CustomerId } from "../../domain/id.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { toMissedItem } from "../../domain/messenger/missed-item.ts";
import { answeredWithinMs } from "../../domain/messenger/page-gap.ts";
import type { HeardMessage } from "../../domain/ports/messenger-client.ts";
import { hashSentText } from "../../clients/find-sent-message.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** No more open parts of one conversation than this are looked at. */
const mostParts = 50;

/** Meta's times are whole seconds, cut off. */
const timeStepMs = 1_000;

type Missed = { page: PageRow; messages: HeardMessage[]; openedAt: Date };

/**
 * Lets in what nobody has brought yet, by the door of the webhook. True: some of it was said before the gap was found, so
 * that it did not only come a moment before its webhook.
 */
export async function takeInMissed(deps: UpkeepDeps, { page, messages, openedAt }: Missed): Promise<boolean> {
  const { shop_id: shopId, meta_page_id: metaPageId } = page;
  const hashes = messages.map(({ mid }) => midHash(metaPageId, mid));
  const known = await deps.db.withShop(shopId, (trx) => listKnownMids(trx, { shopId, midHashes: hashes }));
  const knownMids = new Set(known.map((hash) => hash.toString("hex")));
  const missed = messages.filter((_, index) => !knownMids.has(hashes[index]?.toString("hex") ?? ""));
  if (missed.length === 0) return false;
  const own = await openPartsOf(deps, page, missed);
  const items = missed.flatMap((message) => {
    if (!message.isFromPage) return [toMissedItem(metaPageId, message)];
    const parts = own.get(message.psid) ?? [];
    const textHash = hashSentText(message.text);
    const index = parts.findIndex((part) => part.textHash.equals(textHash));
    const [part] = index === -1 ? [] : parts.splice(index, 1);
    // Two sends without words cannot be told apart: whoever settles them asks Messenger about each.
    if (message.text === "" && parts.some((other) => other.textHash.equals(textHash))) return [];
    const mark = part === undefined ? undefined : { appId: deps.metaAppId, metadata: part.id };
    return [toMissedItem(metaPageId, message, mark)];
  });
  if (items.length === 0) return false;
  const answerFrom = new Date(deps.clock.now().getTime() - answeredWithinMs);
  const stored = await deps.door.receive({ shopId, metaPageId, items, answerFrom });
  return stored > 0 && missed.some(({ at }) => at.getTime() + timeStepMs <= openedAt.getTime());
}

type SentPart = { id: string; textHash: Buffer };

/** Sends of ours whose end nobody knows, by the customer to whom they went: what the Page said may be one of them. */
async function openPartsOf(
  deps: UpkeepDeps,
  page: PageRow,
  missed: HeardMessage[],
): Promise<Map<string, SentPart[]>> {
  const { shop_id: shopId, id: pageId } = page;
  const psids = [...new Set(missed.flatMap(({ isFromPage, psid }) => (isFromPage ? psid : [])))];
  const indexed = await Promise.all(
    psids.map(async (psid) => ({
      psid,
      index: await deps.blindIndexer.index(shopId, "customer.psid", psid),
    })),
  );
  const customers = await deps.db.withShop(shopId, (trx) =>
    listCustomersByPsid(trx, { shopId, pageId, psidIndexes: indexed.map(({ index }) => index) }),
  );
  const parts = new Map<string, SentPart[]>();
  for (const { psid, index } of indexed) {
    const customer = customers.find(({ psidIndex }) => psidIndex.equals(index));
    if (customer !== undefined) parts.set(psid, await listSentParts(deps, page, customer.customerId));
  }
  return parts;
}

async function listSentParts(
  deps: UpkeepDeps,
  { shop_id: shopId }: PageRow,
  customerId: CustomerId,
): Promise<SentPart[]> {
  const ref = { shopId, customerId };
  const open = await deps.db.withShop(shopId, (trx) => listOpenParts(trx, { ...ref, limit: mostParts }));
  const sent = open.flatMap(({ id, state, body }) =>
    (state === "sending" || state === "unknown") && body !== null ? [{ id, body }] : [],
  );
  const opened = await deps.sealer.open(
    sent.map(({ id, body }) => ({ place: bodyPlace({ ...ref, id }), sealed: body })),
  );
  return sent.flatMap(({ id }, index) => {
    const plaintext = opened[index];
    if (plaintext === undefined) return [];
    const { content, text } = decodeBody(plaintext);
    return [{ id, textHash: hashSentText((content?.kind === "text" ? content.text : text) ?? "") }];
  });
}
