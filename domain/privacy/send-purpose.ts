import type { DataPurpose } from "./data-purpose.ts";

/**
 * For what a message is sent that belongs to no conversation and to no order. `privacy_rights`: what a person is owed of
 * their own data goes out to one who is frozen as well.
 */
export type SendPurpose = Extract<DataPurpose, "follow_up" | "marketing" | "improvement" | "privacy_rights">;
