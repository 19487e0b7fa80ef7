import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";

/** What a tap on a button about a request means; the request is checked again, and so is whose it is. */
export type PrivacyTap = { kind: "privacy"; act: "confirm" | "withdraw"; requestId: PrivacyRequestId };

export function confirmPrivacyPayload(requestId: PrivacyRequestId): string {
  return `privacyyes:${toTypeId("pvr", requestId)}`;
}

export function withdrawPayload(requestId: PrivacyRequestId): string {
  return `privacyno:${toTypeId("pvr", requestId)}`;
}

/** Undefined: not one of these. */
export function readPrivacyTap(word: string, id: string): PrivacyTap | undefined {
  const requestId = fromTypeId<PrivacyRequestId>("pvr", id);
  if (requestId === undefined) return undefined;
  if (word === "privacyyes") return { kind: "privacy", act: "confirm", requestId };
  return word === "privacyno" ? { kind: "privacy", act: "withdraw", requestId } : undefined;
}
