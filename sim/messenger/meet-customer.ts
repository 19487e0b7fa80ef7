import type { SimContext } from "../sim-context.ts";
import type { SimCustomer } from "../world/world-types.ts";

/** The customer as the Page knows them; a first contact makes them. */
export function meetCustomer(ctx: SimContext, pageId: string, psid: string): SimCustomer {
  const known = ctx.world.findCustomer(pageId, psid);
  if (known) return known;
  const customer = { pageId, psid, name: null, lastActionAt: null, readUntil: 0, seenUntil: 0 };
  ctx.world.putCustomer(customer);
  return customer;
}
