import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { EvidenceId, OrderId, ProductId } from "../../domain/id.ts";
import { consentWordings } from "../../domain/privacy/consent.ts";
import { readPrivacyTap } from "../privacy/payloads.ts";
import type { PrivacyTap } from "../privacy/payloads.ts";

/** What a tap on one of our buttons means. Whoever taps may have made the payload up: all of it is checked again. */
export type Tap =
  | { kind: "confirm"; orderId: OrderId; hash: string }
  | { kind: "change" | "cancel" | "keep"; orderId: OrderId }
  | { kind: "evidence"; evidenceId: EvidenceId; orderId: OrderId }
  | { kind: "promotions"; version: string }
  | PrivacyTap
  | { kind: "person" }
  | { kind: "agent" };

export const personPayload = "person";
export const agentPayload = "agent";

export function confirmPayload(orderId: OrderId, hash: string): string {
  return `confirm:${toTypeId("ord", orderId)}:${hash}`;
}

export function orderPayload(kind: "change" | "cancel" | "keep", orderId: OrderId): string {
  return `${kind}:${toTypeId("ord", orderId)}`;
}

export function evidencePayload(evidenceId: EvidenceId, orderId: OrderId): string {
  return `evidence:${toTypeId("evd", evidenceId)}:${toTypeId("ord", orderId)}`;
}

/** With the version of the wording that stands above the button. */
export function promotionsPayload(): string {
  return `promotions:${consentWordings.marketing.version}`;
}

export function wantPayload(productId: ProductId): string {
  return `want:${toTypeId("prd", productId)}`;
}

/** Undefined: not one of ours, which is text for the model. */
export function readTap(payload: string | undefined): Tap | undefined {
  const [kind, first = "", second = ""] = (payload ?? "").split(":");
  switch (kind) {
    case "person":
    case "agent":
      return { kind };
    case "confirm": {
      const orderId = fromTypeId<OrderId>("ord", first);
      return orderId && /^[0-9a-f]{32}$/u.test(second) ? { kind, orderId, hash: second } : undefined;
    }
    case "change":
    case "cancel":
    case "keep": {
      const orderId = fromTypeId<OrderId>("ord", first);
      return orderId && { kind, orderId };
    }
    case "evidence": {
      const evidenceId = fromTypeId<EvidenceId>("evd", first);
      const orderId = fromTypeId<OrderId>("ord", second);
      return evidenceId && orderId && { kind, evidenceId, orderId };
    }
    case "promotions":
      return { kind, version: first };
    case "privacyyes":
    case "privacyno":
      return readPrivacyTap(kind, first);
    default:
      return undefined;
  }
}
