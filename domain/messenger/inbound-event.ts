export type InboundAttachmentType =
  | "image"
  | "video"
  | "audio"
  | "file"
  | "sticker" // also an image that carries a sticker id; never evidence
  | "fallback"
  | "location"
  | "template"
  | "post"
  | "reel"
  | "other";

/** Only the url of an image, video, audio or file may be fetched, and only from an allowed host. */
export type InboundAttachment = {
  type: InboundAttachmentType;
  url?: string;
  stickerId?: string;
  title?: string;
};

export type InboundReferral = { ref?: string; source?: string; productId?: string };

type EventBase = {
  /** SHA-256 over the page and what makes the event the same event when Meta repeats it. */
  eventKey: Buffer;
  occurredAt: Date;
  /** The customer's page-scoped id; in an echo that is Meta's recipient. */
  senderId: string;
  /** Another app owns the thread; this is its copy for us. */
  standby?: true;
};

export type InboundMessage = EventBase & {
  kind: "message";
  mid: string;
  text?: string;
  quickReplyPayload?: string;
  attachments: InboundAttachment[];
  replyToMid?: string;
  referral?: InboundReferral;
  /** Meta says so, or there is nothing in it that we know. */
  isUnsupported: boolean;
};

export type InboundEcho = EventBase & {
  kind: "echo";
  mid: string;
  appId?: string;
  metadata?: string;
  text?: string;
  attachments: InboundAttachment[];
};

export type InboundPostback = EventBase & {
  kind: "postback";
  mid?: string;
  payload?: string;
  title?: string;
  referral?: InboundReferral;
};

/** Everything that concerns one customer of a Page. */
export type InboundEvent =
  | InboundMessage
  | InboundEcho
  | InboundPostback
  | (EventBase & { kind: "delivery"; mids: string[]; watermark: Date })
  | (EventBase & { kind: "read"; watermark: Date })
  | (EventBase & { kind: "reaction"; mid: string; action: "react" | "unreact"; emoji?: string })
  | (EventBase & { kind: "edit"; mid: string; text: string; editCount: number })
  | (EventBase & { kind: "deleted"; mid: string })
  | (EventBase & { kind: "referral" } & InboundReferral)
  | (EventBase & { kind: "optin"; type?: string })
  | (EventBase & {
      kind: "handover";
      action: "pass" | "take" | "request";
      previousOwnerAppId?: string;
      newOwnerAppId?: string;
    })
  | (EventBase & { kind: "account_linking"; status: string });

/** Something about the Page itself; `detail` holds no personal data. */
export type PageEvent = {
  kind: "policy_enforcement" | "app_roles" | "feature_status" | "comment" | "other";
  occurredAt: Date;
  eventKey: Buffer;
  detail: Record<string, string>;
};

/** An item that could not be understood. `raw` is personal and unmasked: mask and seal it before storing. */
export type InboundReject = { reason: string; raw: string; senderId?: string; mid?: string };
