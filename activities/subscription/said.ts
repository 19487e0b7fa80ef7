/** What became of a person's word on a subscription; a refusal names its stable code. */
export type Said = "decided" | "already" | { refused: string };
