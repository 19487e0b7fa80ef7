import type { QuickReply } from "../conversation/outbound.ts";
import type { PageRouting } from "../messenger/page-routing.ts";

/** A Page as Meta knows it: its number and its access token. */
export type PageAccess = { metaPageId: string; token: string };

/** `HUMAN_AGENT` is for what a person wrote, up to seven days after the customer's last action. */
export type MessagingType = "RESPONSE" | "UPDATE" | "HUMAN_AGENT";

/** A part with its pictures resolved: Meta fetches a URL itself, bytes travel with the request. */
export type MessagePart =
  | { kind: "text"; text: string; quickReplies: QuickReply[] }
  | {
      kind: "cards";
      cards: {
        title: string;
        subtitle: string;
        imageUrl: string | null;
        buttons: { title: string; payload: string }[];
      }[];
    }
  | { kind: "image"; image: { url: string } | { bytes: Buffer } };

export type RefusedAction =
  | "permanent" // this content can never be sent so; a mistake of ours or of the settings
  | "window" // outside the messaging window; waits for the customer
  | "person" // this person cannot be written to
  | "page_broken" // token or permission gone: the Page must be connected again
  | "page_restricted" // Meta pauses the Page; try later, tell the shop
  | "thread_taken" // another app controls the conversation
  | "attachment"; // the picture is the problem: once more with a fresh upload, or without it

export type SendResult =
  | { outcome: "sent"; mid: string }
  | { outcome: "refused"; action: RefusedAction; code: number; subcode?: number }
  /** Certainly not sent. `isPageWide`: a rate limit, the whole Page should pause. */
  | { outcome: "retry"; afterMs: number; maxRetries: number; isPageWide: boolean; code?: number }
  /** It may have been sent: settle it by the echo, then by `findSentMessage`, before any other try. */
  | { outcome: "unknown" };

export type GraphFailure = {
  ok: false;
  action: RefusedAction | "retry";
  code?: number;
  subcode?: number;
  /** Of `retry`, when Meta limits us: for how long. */
  afterMs?: number;
};
export type GraphResult<T> = { ok: true; value: T } | GraphFailure;

export type TokenState = {
  isValid: boolean;
  appId: string | null;
  scopes: string[];
  /** Null: no end. */
  expiresAt: Date | null;
};

export interface MessengerClient {
  sendPart(part: {
    page: PageAccess;
    psid: string;
    content: MessagePart;
    messagingType: MessagingType;
    /** The outbox id; it comes back in the echo. */
    metadata: string;
    signal?: AbortSignal;
  }): Promise<SendResult>;
  /** Typing and read marks; a failure is only reported, nobody should wait for it. */
  sendAction(page: PageAccess, psid: string, action: SenderAction): Promise<boolean>;
  getPage(page: PageAccess): Promise<GraphResult<{ metaPageId: string; name: string }>>;
  subscribe(page: PageAccess, fields: readonly string[]): Promise<GraphResult<true>>;
  /** The webhook fields that our app has subscribed for the Page; empty when it is not subscribed. */
  listSubscribedFields(page: PageAccess): Promise<GraphResult<string[]>>;
  /** Meta sends us nothing of the Page any more. */
  unsubscribe(page: PageAccess): Promise<GraphResult<true>>;
  /** Whose app has the thread with this customer. */
  findThreadOwner(page: PageAccess, psid: string): Promise<GraphResult<PageRouting>>;
  /** `after`: the `next` of the call before. */
  listConversations(page: PageAccess, after: string | null): Promise<GraphResult<ConversationPage>>;
  probeToken(page: PageAccess): Promise<GraphResult<TokenState>>;
  findSentMessage(search: SentMessageSearch): Promise<SentMessageResult>;
}

/** A message as the Conversations API shows it: without app, metadata and payloads. */
export type HeardMessage = {
  mid: string;
  /** The customer, whichever of the two spoke. */
  psid: string;
  isFromPage: boolean;
  /** Cut off to whole seconds. */
  at: Date;
  text: string;
  attachments: { type: string; url: string }[];
};

/** Its newest messages, oldest first; Meta shows no more than 20. */
export type HeardConversation = { movedAt: Date; messages: HeardMessage[] };

/** Those that moved last come first. `next` is null at the end. */
export type ConversationPage = { conversations: HeardConversation[]; next: string | null };

export type SenderAction = "typing_on" | "typing_off" | "mark_seen";

export type SentMessageSearch = {
  page: PageAccess;
  psid: string;
  /** `hashSentText` of what was to be sent; of an empty text for cards and pictures, which come back without words. */
  textHash: Buffer;
  /** Only messages from this time on count; allow for a clock that differs from Meta's. */
  notBefore: Date;
  /** Whether a message id is known to be another message of the Page. */
  isKnown(mid: string): boolean;
};

/**
 * `absent`: looked back far enough and it is not there. `unknown`: could not look. `out_of_sight`: only newer messages are
 * shown, and that will not change.
 */
export type SentMessageResult =
  | { outcome: "found"; mid: string }
  | { outcome: "absent" }
  | { outcome: "out_of_sight" }
  | { outcome: "unknown" };
