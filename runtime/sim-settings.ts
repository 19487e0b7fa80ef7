import { z } from "zod";

import { webUrl } from "./setting-values.ts";
import { setting } from "./setting.ts";

const text = z.string();
const optionalText = z.string().optional();

/** What the simulators need; `npm start` decides it. */
export const simSettings = {
  SIM_WEBHOOK_URL: setting({
    schema: webUrl.optional(),
    default: "",
    meaning: "Where the simulated Messenger delivers its webhooks.",
  }),
  SIM_PAGE_ID: setting({ schema: optionalText, default: "", meaning: "Number of the demonstration Page." }),
  SIM_PAGE_NAME: setting({ schema: text, default: "Shwe Thread", meaning: "Its name." }),
  SIM_PAGE_TOKEN: setting({
    schema: optionalText,
    default: "",
    isSecret: true,
    meaning: "Its access token.",
  }),
};
