/** What a shop may try before it pays, less than any plan grants: some hundred answers. */
export const trialGrant = { kind: "trial", credits: 200, effectKey: "trial" } as const;
