import type { SimContext } from "../sim-context.ts";
import type { SimObject } from "../world/world-types.ts";
import type { CheckedAttachment } from "./check-message.ts";
import { fetchMedia } from "./fetch-media.ts";
import { badParameter } from "./graph-error.ts";
import type { GraphRequest } from "./parse-graph-request.ts";

type Media = Extract<CheckedAttachment, { kind: "media" }>;

const maxUploadBytes = 25 * 1024 * 1024;

/** The object behind an attachment: uploaded with the call, fetched from its URL, or stored earlier. */
export async function storeMedia(
  ctx: SimContext,
  media: Media,
  file: GraphRequest["file"],
): Promise<SimObject> {
  if (media.attachmentId !== null) {
    const known = ctx.world.findObject(media.attachmentId);
    if (!known?.reusable) throw badParameter("Cannot find the attachment by the given id", 2018074);
    return known;
  }
  if (!file && media.url === null)
    throw badParameter("Param message[attachment][payload] must have url or attachment_id");
  const loaded = file ?? (await fetchMedia(media.url ?? ""));
  if (loaded.bytes.byteLength > maxUploadBytes) {
    throw badParameter("Attachment size exceeds allowable limit", 2018109);
  }
  const object = { contentType: loaded.contentType, reusable: media.isReusable };
  const stored = ctx.world.addObject(loaded.bytes, object);
  if (media.mediaType === "image" && !stored.contentType.startsWith("image/")) {
    throw badParameter("Upload attachment failure.", 2018047);
  }
  return stored;
}
