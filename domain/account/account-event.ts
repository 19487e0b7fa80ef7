/** What an account's history tells of: `noun.verb_past`. */
export const accountEventKinds = [
  "session.started",
  "session.revoked",
  "device.first_seen",
  "factor.confirmed",
  "factor.removed",
  "recovery_codes.replaced",
  "recovery_code.used",
  "codes.often_refused",
  "passwords.often_refused",
] as const;

export type AccountEventKind = (typeof accountEventKinds)[number];
