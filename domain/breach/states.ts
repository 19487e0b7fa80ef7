/**
 * `open`: it is looked into, contained and written about; `notifying`: two people stand behind the notice, and whoever is
 * affected is being told; `notified`: everybody was told, or a second way to them was taken; `dismissed`: two people found
 * that it was no breach.
 */
export type IncidentState = "open" | "notifying" | "notified" | "closed" | "dismissed";

export const nextIncidentStates = {
  open: ["notifying", "dismissed"],
  notifying: ["notified"],
  notified: ["closed"],
  closed: [],
  dismissed: [],
} as const satisfies Record<IncidentState, readonly IncidentState[]>;

export const incidentKinds = [
  "unauthorised_access",
  "leaked_credential",
  "wrong_recipient",
  "lost_data",
  "changed_data",
  "processor_breach",
  "other",
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** What is done at once, by a command of a person. */
export const containments = ["end_sessions", "revoke_api_keys", "pause_agents"] as const;
export type Containment = (typeof containments)[number];

/** Why people were told later than the law allows. */
export const lateReasons = [
  "extent_unknown",
  "authority_asked_to_wait",
  "channel_out_of_order",
  "discovered_date_corrected",
  "approval_took_long",
] as const;
export type LateReason = (typeof lateReasons)[number];

/** How one person's notice stands; `waiting`: Messenger's window is closed, and it goes out with their next message. */
export type NoticeState = "listed" | "queued" | "sent" | "waiting" | "failed" | "gone";
