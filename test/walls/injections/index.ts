import { disguisedInjections } from "./disguises.ts";
import { listInjections } from "./injection.ts";
import { machineInjections } from "./machine.ts";
import { moneyInjections } from "./money.ts";
import { peopleInjections } from "./people.ts";

/** Everything that a customer may say; what stands in goods and on pictures is in `places.ts`. */
export const injections = listInjections({
  ...moneyInjections,
  ...peopleInjections,
  ...machineInjections,
  ...disguisedInjections,
});
