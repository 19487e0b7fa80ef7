import type { MessageKind, SimButton, SimCard } from "../world/world-types.ts";
import { asRecord, asText } from "./parse-graph-request.ts";

export type TemplateView = {
  kind: MessageKind;
  text: string | null;
  cards: SimCard[];
  /** Picture links beside the cards, by position. */
  imageUrls: (string | null)[];
};

/** What the customer sees of a checked template. */
export function viewTemplate(payload: Record<string, unknown>): TemplateView {
  const elements = listOf(payload["elements"]);
  switch (payload["template_type"]) {
    case "generic":
      return {
        kind: "cards",
        text: null,
        cards: elements.map((element) => ({
          title: String(element["title"]),
          subtitle: asText(element["subtitle"]) ?? null,
          objectId: null,
          buttons: buttonsOf(element["buttons"]),
        })),
        imageUrls: elements.map((element) => asText(element["image_url"]) ?? null),
      };
    case "button":
      return {
        kind: "buttons",
        text: null,
        cards: [cardOf(String(payload["text"]), null, buttonsOf(payload["buttons"]))],
        imageUrls: [null],
      };
    case "receipt":
      return { kind: "receipt", text: receiptText(payload, elements), cards: [], imageUrls: [] };
    default:
      return { kind: "other", text: null, cards: [], imageUrls: [] };
  }
}

function receiptText(payload: Record<string, unknown>, elements: Record<string, unknown>[]): string {
  const currency = String(payload["currency"]);
  const lines = elements.map(
    (one) => `${String(one["title"])} × ${asText(one["quantity"]) ?? "1"}: ${String(one["price"])}`,
  );
  const total = asRecord(payload["summary"])?.["total_cost"];
  return [`Receipt ${String(payload["order_number"])}`, ...lines, `${String(total)} ${currency}`].join("\n");
}

function buttonsOf(value: unknown): SimButton[] {
  return listOf(value).map((button) => ({
    type: String(button["type"]),
    title: String(button["title"]),
    payload: asText(button["payload"]) ?? null,
    url: asText(button["url"]) ?? null,
  }));
}

function cardOf(title: string, subtitle: string | null, buttons: SimButton[]): SimCard {
  return { title, subtitle, objectId: null, buttons };
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map((one) => asRecord(one) ?? {}) : [];
}
