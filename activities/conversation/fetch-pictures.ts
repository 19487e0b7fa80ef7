import { claimLooseObject, insertLooseObjects } from "../../db/loose-objects.ts";
import { findMessageObject, insertObject, objectKeyPlace } from "../../db/objects.ts";
import type { NewObject } from "../../db/objects.ts";
import { replaceBody } from "../../db/messages.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { BodyAttachment } from "../../domain/conversation/message-body.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId, ObjectId, ShopId } from "../../domain/id.ts";
import type { SanitisedImage } from "../../domain/ports/image-processor.ts";
import type { ActivityDeps } from "../deps.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import { mayKeep } from "./may-keep.ts";
import type { OpenedMessage } from "./opened-message.ts";

const tries = 2;
/** Bytes whose row was not written by then never will be: no attempt of a turn lives so long. */
const looseMs = 60 * 60_000;
/** The worker that removes them may have another clock. */
const clockMarginMs = 10 * 60_000;

/**
 * Fetches each picture at once, because Messenger's links expire, and keeps it sealed.
 * Safe to run twice: a message's part has one object, and a body that has it is left alone.
 */
export function fetchPictures(deps: ActivityDeps, messages: OpenedMessage[]): Promise<OpenedMessage[]> {
  return eachOpenPicture(deps, messages, (message, picture) => keep(deps, message, picture));
}

/** Marks each picture that is still to be fetched as one that never will be. Safe to run twice. */
export function giveUpPictures(deps: ActivityDeps, messages: OpenedMessage[]): Promise<OpenedMessage[]> {
  return eachOpenPicture(deps, messages, (_message, { attachment: { url: _url, ...rest } }) =>
    Promise.resolve({ ...rest, problem: "gave_up" }),
  );
}

type Handle = (message: OpenedMessage, picture: Picture) => Promise<BodyAttachment>;

async function eachOpenPicture(
  deps: ActivityDeps,
  messages: OpenedMessage[],
  handle: Handle,
): Promise<OpenedMessage[]> {
  const done: OpenedMessage[] = [];
  for (const message of messages) {
    done.push(hasOpenPicture(message) ? await handleOf(deps, message, handle) : message);
  }
  return done;
}

function hasOpenPicture({ body }: OpenedMessage): boolean {
  return (body.attachments ?? []).some(isOpenPicture);
}

function isOpenPicture({ type, url, objectId, problem }: BodyAttachment): boolean {
  return type === "image" && url !== undefined && objectId === undefined && problem === undefined;
}

async function handleOf(deps: ActivityDeps, message: OpenedMessage, handle: Handle): Promise<OpenedMessage> {
  const attachments: BodyAttachment[] = [];
  for (const [part, attachment] of (message.body.attachments ?? []).entries()) {
    attachments.push(isOpenPicture(attachment) ? await handle(message, { part, attachment }) : attachment);
  }
  const body = { ...message.body, attachments };
  const place = bodyPlace({ shopId: message.shop_id, customerId: message.customer_id, id: message.id });
  const [sealed] = await deps.sealer.seal([{ place, plaintext: encodeBody(body) }]);
  if (sealed) {
    await deps.db.withShop(message.shop_id, async (trx) => {
      if (!(await mayKeep(trx, [message]))) return;
      await replaceBody(trx, { shopId: message.shop_id, id: message.id, body: sealed });
    });
  }
  return { ...message, body };
}

type Picture = { part: number; attachment: BodyAttachment };

async function keep(deps: ActivityDeps, message: OpenedMessage, picture: Picture): Promise<BodyAttachment> {
  const { url, ...rest } = picture.attachment;
  const fetched = await fetchAndSanitise(deps, url ?? "");
  if ("problem" in fetched) return { ...rest, problem: fetched.problem };
  const objectId = await store(deps, message, { part: picture.part, image: fetched });
  return objectId === null ? { ...rest, problem: "not_kept" } : { ...rest, objectId };
}

async function fetchAndSanitise(
  deps: ActivityDeps,
  url: string,
): Promise<SanitisedImage | { problem: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const fetched = await deps.attachments.fetchAttachment(url);
    if (fetched.ok) {
      const image = await deps.images.sanitiseImage(fetched.bytes);
      if (image.ok) return image;
      if (image.reason !== "too_slow" || attempt >= tries) return { problem: image.reason };
    } else if (!fetched.isRetryable || attempt >= tries) return { problem: fetched.reason };
  }
}

/** `null`, and nothing kept, when the person is being erased or has taken the message back. */
async function store(
  deps: ActivityDeps,
  message: OpenedMessage,
  { part, image }: { part: number; image: SanitisedImage },
): Promise<ObjectId | null> {
  const { shop_id: shopId } = message;
  const ref = { shopId, messageId: message.id, part };
  const known = await deps.db.withShop(shopId, (trx) => findMessageObject(trx, ref));
  if (known) return known.id;
  const object = { shopId, objectId: newId<ObjectId>() };
  await looseUntil(deps, object, looseMs);
  const { key, size } = await deps.objects.put(object.objectId, image.bytes);
  const place = objectKeyPlace({
    shop_id: shopId,
    id: object.objectId,
    subject_id: message.customer_id,
    purpose: "chat",
  });
  const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
  if (!sealedKey) throw new TypeError("the sealer answers in the order of its items");
  const imageIndex = await deps.blindIndexer.index(shopId, "image", image.sourceHash.toString("hex"));
  await deps.atStep("picture.stored");
  const kept = await nameObject(deps, message, { ...ref, ...object, sealedKey, size, imageIndex });
  if (kept !== object.objectId) await looseUntil(deps, object, 0);
  return kept;
}

type ToName = Pick<NewObject, "shopId" | "objectId" | "sealedKey" | "size" | "imageIndex"> & {
  messageId: MessageId;
  part: number;
};

/** The object of the message's part: this one, or what another attempt has stored; `null` when none may be kept. */
function nameObject(deps: ActivityDeps, message: OpenedMessage, object: ToName): Promise<ObjectId | null> {
  const now = deps.clock.now();
  return deps.db.withShop(object.shopId, async (trx) => {
    if (!(await mayKeep(trx, [message]))) return null;
    const known = await findMessageObject(trx, object);
    if (known) return known.id;
    const before = new Date(now.getTime() + clockMarginMs);
    if (!(await claimLooseObject(trx, { ...object, before }))) return null;
    await insertObject(trx, {
      ...object,
      subjectId: message.customer_id,
      purpose: "chat",
      kind: "chat_image",
      contentType: "image/jpeg",
      now,
    });
    return object.objectId;
  });
}

async function looseUntil(
  deps: ActivityDeps,
  { shopId, objectId }: { shopId: ShopId; objectId: ObjectId },
  afterMs: number,
): Promise<void> {
  const dueAt = new Date(deps.clock.now().getTime() + afterMs);
  await deps.db.withShop(shopId, (trx) => insertLooseObjects(trx, { shopId, objectIds: [objectId], dueAt }));
}
