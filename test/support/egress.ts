import type { Egress } from "../../clients/egress.ts";

/** For clients under test: whatever they call is admitted. */
export const anywhere: Egress = {
  admit: () => undefined,
  fetch: (_name, url, init) => fetch(url, init),
  isTls12Allowed: () => true,
  watch: () => undefined,
};
