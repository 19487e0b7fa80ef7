import { createHash } from "node:crypto";
import { z } from "zod";
import type { SentMessageResult, SentMessageSearch } from "../domain/ports/messenger-client.ts";
import { callGraph } from "./graph-call.ts";
import type { GraphSettings } from "./graph-call.ts";

/** Meta gives the details of the 20 newest messages of a conversation only. */
const maxMessages = 20;

const conversationsSchema = z.object({
  data: z.array(
    z.object({
      messages: z
        .object({
          data: z.array(
            z.object({
              id: z.string(),
              created_time: z.string(),
              from: z.object({ id: z.coerce.string() }).optional(),
              message: z.string().optional(),
            }),
          ),
        })
        .optional(),
    }),
  ),
});

/** Spaces and forms of letters may change on the way through Messenger. */
export function hashSentText(text: string): Buffer {
  return createHash("sha256").update(text.normalize("NFC").replaceAll(/\s+/gu, " ").trim()).digest();
}

/** Looks through the newest messages of a conversation for one of ours whose answer was lost. */
export async function findSentMessage(
  settings: GraphSettings,
  { page, psid, textHash, notBefore, isKnown }: SentMessageSearch,
): Promise<SentMessageResult> {
  const answer = await callGraph(settings, {
    method: "GET",
    path: `${encodeURIComponent(page.metaPageId)}/conversations`,
    token: page.token,
    query: {
      platform: "messenger",
      user_id: psid,
      fields: `messages.limit(${maxMessages}){id,created_time,from,message}`,
    },
  });
  const parsed = conversationsSchema.safeParse(answer.ok ? answer.json : undefined);
  if (!parsed.success) return { outcome: "unknown" };
  const messages = parsed.data.data.flatMap((conversation) => conversation.messages?.data ?? []);
  // Meta's times are whole seconds, cut off.
  const earliestMs = Math.floor(notBefore.getTime() / 1_000) * 1_000;
  const recent = messages.filter((message) => graphTimeMs(message.created_time) >= earliestMs);
  const found = recent.find(
    (message) =>
      message.from?.id === page.metaPageId &&
      !isKnown(message.id) &&
      hashSentText(message.message ?? "").equals(textHash),
  );
  if (found !== undefined) return { outcome: "found", mid: found.id };
  const sawBack = recent.length < messages.length || messages.length < maxMessages;
  return sawBack ? { outcome: "absent" } : { outcome: "out_of_sight" };
}

/** `2026-11-25T10:00:00+0000`; what cannot be read counts as new, so that nothing is called absent for it. */
export function graphTimeMs(text: string): number {
  const ms = Date.parse(text.replace(/\+0000$/, "Z"));
  return Number.isNaN(ms) ? Infinity : ms;
}
