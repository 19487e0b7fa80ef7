import type { HeardMessage } from "../ports/messenger-client.ts";

/** By what an echo is known as our own; an empty one is of a person or another app. */
export type OwnMark = { appId: string; metadata?: string };

/**
 * A message of the Conversations API as its webhook would have been, by the same message id and so by the same event key.
 * What a tapped button carried is not shown there: its title stands for it, as if it had been typed.
 */
export function toMissedItem(metaPageId: string, message: HeardMessage, own?: OwnMark): object {
  const { mid, psid, isFromPage, at, text, attachments } = message;
  const [page, customer] = [{ id: metaPageId }, { id: psid }];
  const files = attachments.map(({ type, url }) => ({ type, payload: { url } }));
  return {
    sender: isFromPage ? page : customer,
    recipient: isFromPage ? customer : page,
    timestamp: at.getTime(),
    message: {
      mid,
      ...(text === "" ? {} : { text }),
      ...(files.length === 0 ? {} : { attachments: files }),
      ...(isFromPage ? { is_echo: true } : {}),
      ...(own === undefined ? {} : { app_id: own.appId, metadata: own.metadata }),
    },
  };
}
