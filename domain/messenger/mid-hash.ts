import { eventKey } from "./event-key.ts";

/** How a message id of Messenger is kept: equality is all that is asked of it. The Page is Meta's number. */
export function midHash(metaPageId: string, mid: string): Buffer {
  return eventKey(metaPageId, "mid", mid);
}
