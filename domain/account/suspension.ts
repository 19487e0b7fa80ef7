/** Why an account may not sign in. */
export const suspensionReasons = ["abuse", "fraud", "legal", "payment", "security"] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];
