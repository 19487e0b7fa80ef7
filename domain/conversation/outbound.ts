import type { ObjectId } from "../id.ts";

/** Meta shows at most 13 quick replies; titles are cut at 20 characters by Messenger. */
export type QuickReply = { title: string; payload: string };

export type ProductCard = {
  title: string;
  subtitle: string;
  imageObjectId: ObjectId | null;
  /** Postback buttons, at most three. */
  buttons: { title: string; payload: string }[];
};

/** The content of one part of an outgoing message; one part is one Send API call. */
export type OutboundContent =
  | { kind: "text"; text: string; quickReplies: QuickReply[] }
  | { kind: "cards"; cards: ProductCard[] }
  | { kind: "image"; objectId: ObjectId };
