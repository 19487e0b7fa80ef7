// Meta's JSON as it travels, for the side that writes it (simulator, Send API client).
// What arrives is looser than this: `parseWebhook` takes it as unknown and never trusts these types.

/** Meta writes ids as strings, now and then as bare numbers. */
export type WireId = string | number;

/** Milliseconds since 1970 as a rule; seconds and strings have been seen. */
export type WireTime = number | string;

export type WebhookBody = { object: string; entry: WebhookEntry[] };

/** One of the three lists is filled as a rule; none is guaranteed. `id` is the Page. */
export type WebhookEntry = {
  id: WireId;
  time: WireTime;
  messaging?: WebhookItem[];
  /** Copies of a thread that another app owns. */
  standby?: WebhookItem[];
  changes?: { field: string; value: unknown }[];
};

export type WebhookItem = {
  sender?: { id?: WireId; user_ref?: string };
  recipient?: { id?: WireId };
  timestamp?: WireTime;
  message?: WireMessage;
  message_edit?: { mid: string; text?: string; num_edit?: number | string };
  delete?: { mids: string[] };
  postback?: { mid?: string; title?: string; payload?: string; referral?: WireReferral };
  delivery?: { mids?: string[]; watermark: WireTime };
  read?: { watermark: WireTime };
  reaction?: { mid: string; action?: string; reaction?: string; emoji?: string };
  referral?: WireReferral;
  optin?: { type?: string; ref?: string; user_ref?: string; payload?: string };
  pass_thread_control?: WireThreadControl;
  take_thread_control?: WireThreadControl;
  request_thread_control?: WireThreadControl;
  app_roles?: Record<string, string[]>;
  policy_enforcement?: { action?: string; reason?: string };
  account_linking?: { status: string; authorization_code?: string };
};

export type WireMessage = {
  mid: string;
  text?: string;
  quick_reply?: { payload: string };
  reply_to?: { mid?: string; is_self_reply?: boolean };
  attachments?: WireAttachment[];
  sticker_id?: WireId;
  referral?: WireReferral;
  is_echo?: boolean;
  app_id?: WireId;
  metadata?: string;
  is_deleted?: boolean;
  is_unsupported?: boolean;
};

/** `fallback` carries title and url beside the type; its payload may be null or a text. */
export type WireAttachment = {
  type: string;
  title?: string;
  url?: string;
  payload?: WireAttachmentPayload | string | null;
};

export type WireAttachmentPayload = {
  url?: string;
  title?: string;
  sticker_id?: WireId;
  coordinates?: { lat: number; long: number };
  product?: { elements: { id?: WireId; retailer_id?: string; title?: string; subtitle?: string }[] };
  [key: string]: unknown;
};

export type WireReferral = {
  ref?: string;
  source?: string;
  type?: string;
  ad_id?: WireId;
  ads_context_data?: { product_id?: WireId; [key: string]: unknown };
  product?: { id?: WireId };
};

export type WireThreadControl = {
  previous_owner_app_id?: WireId | null;
  new_owner_app_id?: WireId | null;
  requested_owner_app_id?: WireId | null;
  metadata?: string;
};

/** Body of `POST /{version}/{page-id}/messages`: a message, or a sender action, never both. */
export type SendRequest = {
  recipient: { id: string } | { comment_id: string };
  messaging_type?: "RESPONSE" | "UPDATE" | "MESSAGE_TAG" | "UTILITY";
  /** With `MESSAGE_TAG`: the only one left in use is `HUMAN_AGENT`. */
  tag?: string;
  message?: SendMessage;
  sender_action?: "typing_on" | "typing_off" | "mark_seen";
};

export type SendMessage = {
  text?: string;
  attachment?: SendAttachment;
  /** At most 13; titles of 20 and payloads of 1,000 characters. */
  quick_replies?: SendQuickReply[];
  /** Less than 1,000 characters; comes back in the echo. */
  metadata?: string;
};

export type SendQuickReply = { content_type: "text"; title: string; payload: string };

export type SendAttachment =
  | { type: "image"; payload: { url: string } | { attachment_id: string } }
  | { type: "template"; payload: GenericTemplate };

/** At most ten elements with at most three buttons each; title and subtitle of 80 characters. */
export type GenericTemplate = { template_type: "generic"; elements: GenericElement[] };

export type GenericElement = {
  title: string;
  subtitle?: string;
  image_url?: string;
  buttons?: SendButton[];
};

export type SendButton =
  | { type: "postback"; title: string; payload: string }
  | { type: "web_url"; title: string; url: string };

/** Sender actions are answered without `message_id`. */
export type SendResponse = { recipient_id?: string; message_id?: string };

/** Dispatch on `code` and `error_subcode`, never on the text, nor on the HTTP status. */
export type GraphErrorBody = {
  error: {
    message: string;
    type: string;
    code: number;
    error_subcode?: number;
    fbtrace_id?: string;
    is_transient?: boolean;
  };
};
