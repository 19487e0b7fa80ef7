/** The login that the internet reaches makes no credits: grants come from the worker's. */
export const creditRights: readonly string[] = [
  `revoke insert on credit_grants, credit_lines from app_api`,
  `revoke update (available, reserved, reversed_at) on credit_grants from app_api`,
];
