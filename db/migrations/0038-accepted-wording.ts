/** What was read when it was accepted: a version says which wording was meant, its hash that it was this one. */
export const acceptedWording: readonly string[] = [
  // Null: accepted before, or through the release before this one.
  `alter table policy_acceptances add column wording_hash text check (wording_hash ~ '^[0-9a-f]{64}$')`,
];
