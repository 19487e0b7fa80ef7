import type { SendTarget } from "../../db/send-targets.ts";
import { humanAgentWindow, windowState } from "../../domain/conversation/message-window.ts";
import type { OpenPart } from "./open-part.ts";

export function isPageReady({ pageState, pausedUntil }: SendTarget, now: Date): boolean {
  return pageState === "connected" && (pausedUntil === null || pausedUntil <= now);
}

export function isDue(part: OpenPart, now: Date): boolean {
  return part.state === "waiting_for_window" || (part.state === "queued" && part.next_attempt_at <= now);
}

/** Undefined: the window is shut, by our clock or by Messenger's word. */
export function typeInWindow(part: OpenPart, { lastCustomerActionAt }: SendTarget, now: Date) {
  if (isRefusedSince(part, lastCustomerActionAt)) return undefined;
  if (windowState({ lastCustomerActionAt, now }).isOpen) {
    return part.audience === "chat" ? ("RESPONSE" as const) : ("UPDATE" as const);
  }
  // Only what a person wrote may use the human agent window.
  if (part.audience === "owner" && humanAgentWindow({ lastCustomerActionAt, now }).isOpen) {
    return "HUMAN_AGENT" as const;
  }
  return undefined;
}

/** Messenger said that the window is shut, whatever our clock says: only the customer's next words open it. */
function isRefusedSince(
  { state, sending_at: triedAt }: OpenPart,
  lastCustomerActionAt: Date | null,
): boolean {
  if (state !== "waiting_for_window" || triedAt === null) return false;
  return lastCustomerActionAt === null || lastCustomerActionAt <= triedAt;
}
