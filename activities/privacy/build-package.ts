import type { PrivacyActivities } from "../../workflows/privacy-request.contract.ts";

/** To be replaced by the package of the data inventory: until then nothing is made. */
export const buildPackage: PrivacyActivities["buildPackage"] = () => Promise.resolve();
