import { z } from "zod";
import type {
  ConversationPage,
  GraphResult,
  HeardConversation,
  HeardMessage,
  PageAccess,
} from "../domain/ports/messenger-client.ts";
import { graphTimeMs } from "./find-sent-message.ts";
import { callGraph, readAnswer } from "./graph-call.ts";
import type { GraphSettings } from "./graph-call.ts";

/** Meta gives the details of the 20 newest messages of a conversation only. */
const maxMessages = 20;
const conversationsACall = 25;

const personSchema = z.object({ id: z.coerce.string() });
const linkSchema = z.object({ url: z.string() }).optional().catch(undefined);
const attachmentSchema = z.object({
  mime_type: z.string().default(""),
  name: z.string().optional().catch(undefined),
  image_data: linkSchema,
  video_data: linkSchema,
  file_url: z.string().optional().catch(undefined),
});
const messageSchema = z.object({
  id: z.string().min(1),
  created_time: z.string(),
  from: personSchema,
  to: z.object({ data: z.array(personSchema) }),
  message: z.string().default(""),
  sticker: z.string().optional().catch(undefined),
  attachments: z.object({ data: z.array(attachmentSchema) }).optional(),
});
const pageSchema = z.object({
  data: z.array(
    z.object({
      updated_time: z.string(),
      // One that is not understood costs the others nothing.
      messages: z.object({ data: z.array(messageSchema.optional().catch(undefined)) }).optional(),
    }),
  ),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
});

/** One call's worth of a Page's conversations with their newest messages; those that moved last come first. */
export async function listConversations(
  settings: GraphSettings,
  page: PageAccess,
  after: string | null,
): Promise<GraphResult<ConversationPage>> {
  const fields = "id,created_time,from,to,message,sticker,attachments";
  const answer = await callGraph(settings, {
    method: "GET",
    path: `${encodeURIComponent(page.metaPageId)}/conversations`,
    token: page.token,
    query: {
      platform: "messenger",
      fields: `updated_time,messages.limit(${maxMessages}){${fields}}`,
      limit: String(conversationsACall),
      ...(after === null ? {} : { after }),
    },
  });
  return readAnswer(answer, pageSchema, ({ data, paging }) => ({
    conversations: data.map((conversation) => toConversation(page, conversation)),
    next: paging?.next === undefined ? null : (paging.cursors?.after ?? null),
  }));
}

function toConversation(
  { metaPageId }: PageAccess,
  { updated_time: movedAt, messages }: z.infer<typeof pageSchema>["data"][number],
): HeardConversation {
  const heard = (messages?.data ?? []).flatMap((message) =>
    message === undefined ? [] : (toMessage(metaPageId, message) ?? []),
  );
  return { movedAt: new Date(graphTimeMs(movedAt)), messages: heard.toReversed() };
}

/** Undefined: it has no customer, or no time. */
function toMessage(metaPageId: string, message: z.infer<typeof messageSchema>): HeardMessage | undefined {
  const isFromPage = message.from.id === metaPageId;
  const psid = isFromPage ? message.to.data.find(({ id }) => id !== metaPageId)?.id : message.from.id;
  const atMs = graphTimeMs(message.created_time);
  if (psid === undefined || !Number.isFinite(atMs)) return undefined;
  const files = (message.attachments?.data ?? []).flatMap((attachment) => toAttachment(attachment) ?? []);
  const stickers = message.sticker === undefined ? [] : [{ type: "sticker", url: message.sticker }];
  return {
    mid: message.id,
    psid,
    isFromPage,
    at: new Date(atMs),
    text: message.message,
    attachments: [...stickers, ...files],
  };
}

function toAttachment({ mime_type: mime, ...files }: z.infer<typeof attachmentSchema>) {
  if (files.image_data) return { type: "image", url: files.image_data.url };
  if (files.video_data) return { type: "video", url: files.video_data.url };
  if (files.file_url === undefined) return undefined;
  return { type: mime.startsWith("audio/") ? "audio" : "file", url: files.file_url };
}
