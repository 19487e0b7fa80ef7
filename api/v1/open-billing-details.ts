import type { Context } from "hono";

import { billingDetailsPlace } from "../../db/billing-details.ts";
import type { BillingDetailsId } from "../../domain/id.ts";
import type { BillingDetails } from "../../domain/invoice/invoice.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { ApiEnv } from "../env.ts";

/** Nulls when there are none, or when their key is gone. */
export async function openBillingDetails(
  c: Context<ApiEnv>,
  row: { id: BillingDetailsId; details: Sealed } | undefined,
): Promise<BillingDetails> {
  const { deps, actor } = c.var;
  const toOpen =
    row === undefined
      ? []
      : [{ place: billingDetailsPlace({ shopId: actor.shopId, id: row.id }), sealed: row.details }];
  const [plaintext] = await deps.sealer.open(toOpen);
  if (plaintext === undefined) return { name: null, address: null };
  // Our own JSON, sealed by `putBillingDetails`.
  return JSON.parse(plaintext.toString("utf8")) as BillingDetails;
}
