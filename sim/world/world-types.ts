export type SimApp = { appId: string; appSecret: string; verifyToken: string; webhookUrl: string };

export type SimPage = {
  id: string;
  name: string;
  accessToken: string;
  /** The app that the access token belongs to. */
  appId: string;
  /** Subscribed webhook fields by app id. */
  subscriptions: Record<string, string[]>;
  messengerProfile: Record<string, unknown>;
  /** Whose app customers' threads go to; left out: the app of the token. */
  defaultAppId?: string | null;
};

/** A person at Facebook. The id is the one that the app sees. */
export type SimAccount = {
  id: string;
  name: string;
  /** The Pages that they manage; null: every one. */
  pageIds: string[] | null;
};

/** What a person granted: a code, that becomes a short-lived token, that becomes a long-lived one. */
export type SimLogin = {
  token: string;
  kind: "code" | "short" | "long";
  accountId: string;
  appId: string;
  pageIds: string[];
  redirectUri: string;
};

export type SimCustomer = {
  pageId: string;
  psid: string;
  name: string | null;
  /** Times are Unix milliseconds. The last action opens the 24-hour window. */
  lastActionAt: number | null;
  /** Everything that the page sent up to here has been read by the customer. */
  readUntil: number;
  /** Everything that the customer sent up to here has been seen by the page. */
  seenUntil: number;
};

export type MessageKind =
  | "text"
  | "image"
  | "quick_reply"
  | "postback"
  | "sticker"
  | "cards"
  | "buttons"
  | "receipt"
  | "file"
  | "other";

export type SimButton = { type: string; title: string; payload: string | null; url: string | null };

export type SimCard = {
  title: string;
  subtitle: string | null;
  /** The object that holds the fetched picture; null while unfetched or without one. */
  objectId: string | null;
  buttons: SimButton[];
};

export type SimMessage = {
  mid: string;
  pageId: string;
  psid: string;
  seq: number;
  from: "customer" | "page";
  at: number;
  kind: MessageKind;
  text: string | null;
  quickReplies: { title: string; payload: string }[];
  /** What a tapped quick reply or button carries. */
  payload: string | null;
  metadata: string | null;
  appId: string | null;
  cards: SimCard[];
  objectId: string | null;
  deliveredAt: number | null;
};

export type SimObject = { id: string; contentType: string; size: number; reusable: boolean };

export type PendingWebhook = {
  id: string;
  appId: string;
  pageId: string;
  /** Order is kept per page and customer; empty for events without one. */
  psid: string;
  channel: "messaging" | "standby";
  item: Record<string, unknown>;
  mid: string | null;
};

export type DeadDevice = { token: string };
