import { z } from "zod";

import { privacyProfiles } from "../domain/privacy/due-date.ts";
import { setting } from "./setting.ts";

/** Of requests about privacy that are made from now on. */
export const privacySettings = {
  SHOPTHREAD_ACCOUNT_COOL_OFF_DAYS: setting({
    schema: z
      .string()
      .regex(/^(?:\d|1[0-4])$/, "must be 0 to 14")
      .transform(Number),
    default: "7",
    meaning: "Days in which the deletion of one's own account can be taken back.",
  }),
  SHOPTHREAD_PRIVACY_PROFILE: setting({
    schema: z.enum(privacyProfiles, `must be one of ${privacyProfiles.join(", ")}`).optional(),
    default: "",
    meaning: "By when requests about privacy are due. Empty: by the country of the shop; never over 30 days.",
  }),
};
