import type { OpenedMessage } from "./opened-message.ts";

/** What nobody has answered; the rest of a burst was answered by a person and is there for its pictures and taps. */
export function openWords(batch: readonly OpenedMessage[]): OpenedMessage[] {
  return batch.filter(({ answered_at: answeredAt }) => answeredAt === null);
}

/** A slip alone is answered by its order, or by the question to which order it belongs. */
export function isHandledPicture({ body }: OpenedMessage): boolean {
  const attachments = body.attachments ?? [];
  const hasWords = (body.text ?? "") !== "" || (body.quickReplyPayload ?? body.postbackPayload) !== undefined;
  return !hasWords && attachments.length > 0 && attachments.every(({ slip }) => slip === "yes");
}
