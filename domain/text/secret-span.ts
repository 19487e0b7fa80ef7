export type SecretKind = "card" | "otp" | "password" | "key";

/** Where a secret stands in a text, in UTF-16 units; `end` is exclusive. */
export type SecretSpan = { start: number; end: number; kind: SecretKind };
