import type { MessengerClient } from "../../domain/ports/messenger-client.ts";

function notUsed(): Promise<never> {
  return Promise.reject(new Error("not used in this test"));
}

/** A Messenger of which only these parts are used. */
export function messengerWith(parts: Partial<MessengerClient>): MessengerClient {
  return {
    sendPart: notUsed,
    sendAction: notUsed,
    getPage: notUsed,
    subscribe: notUsed,
    unsubscribe: notUsed,
    findThreadOwner: notUsed,
    listConversations: notUsed,
    listSubscribedFields: notUsed,
    probeToken: notUsed,
    findSentMessage: notUsed,
    ...parts,
  };
}
