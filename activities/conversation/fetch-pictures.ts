import { isSubjectActive, lockConversation } from "../../db/conversations.ts";
import { findMessageObject, insertObject, objectKeyPlace } from "../../db/objects.ts";
import { replaceBody } from "../../db/messages.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { BodyAttachment } from "../../domain/conversation/message-body.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { SanitisedImage } from "../../domain/ports/image-processor.ts";
import type { ActivityDeps } from "../deps.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import type { OpenedMessage } from "./opened-message.ts";

const tries = 2;

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
    await deps.db.withShop(message.shop_id, (trx) =>
      replaceBody(trx, { shopId: message.shop_id, id: message.id, body: sealed }),
    );
  }
  return { ...message, body };
}

type Picture = { part: number; attachment: BodyAttachment };

async function keep(deps: ActivityDeps, message: OpenedMessage, picture: Picture): Promise<BodyAttachment> {
  const { url, ...rest } = picture.attachment;
  const fetched = await fetchAndSanitise(deps, url ?? "");
  if ("problem" in fetched) return { ...rest, problem: fetched.problem };
  const objectId = await store(deps, message, { part: picture.part, image: fetched });
  return objectId === null ? { ...rest, problem: "not_active" } : { ...rest, objectId };
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

/** `null`, and nothing kept, when the person is being erased. */
async function store(
  deps: ActivityDeps,
  message: OpenedMessage,
  { part, image }: { part: number; image: SanitisedImage },
): Promise<ObjectId | null> {
  const person = { shopId: message.shop_id, customerId: message.customer_id };
  const ref = { shopId: message.shop_id, messageId: message.id, part };
  const known = await deps.db.withShop(message.shop_id, (trx) => findMessageObject(trx, ref));
  if (known) return known.id;
  const objectId = newId<ObjectId>();
  const { key, size } = await deps.objects.put(objectId, image.bytes);
  const place = objectKeyPlace({
    shop_id: message.shop_id,
    id: objectId,
    subject_id: message.customer_id,
    purpose: "chat",
  });
  const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
  const imageIndex = await deps.blindIndexer.index(
    message.shop_id,
    "image",
    image.sourceHash.toString("hex"),
  );
  await deps.atStep("picture.stored");
  const kept = await deps.db.withShop(message.shop_id, async (trx) => {
    await lockConversation(trx, person);
    if (!(await isSubjectActive(trx, person))) return null;
    const isNew =
      sealedKey !== undefined &&
      (await insertObject(trx, {
        ...ref,
        objectId,
        subjectId: message.customer_id,
        purpose: "chat",
        kind: "chat_image",
        sealedKey,
        contentType: "image/jpeg",
        size,
        imageIndex,
        now: deps.clock.now(),
      }));
    if (isNew) return objectId;
    return (await findMessageObject(trx, ref))?.id ?? objectId;
  });
  if (kept === null) await deps.objects.remove(objectId);
  return kept;
}
