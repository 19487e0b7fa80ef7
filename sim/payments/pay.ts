import { randomInt } from "node:crypto";
import { ControlProblem } from "../control/control-problem.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimPayment } from "./payment-types.ts";
import { tradeStatus } from "./payment-types.ts";

/**
 * The customer scans and pays: the amount is the code's. Twice is refused, as wallets do, and so is what is closed or
 * too late, unless `isForced`: then the wallet has taken the money all the same.
 */
export function pay(ctx: SimContext, payment: SimPayment, { isForced }: { isForced: boolean }): SimPayment {
  const status = tradeStatus(payment, ctx.now());
  if (status === "PAY_SUCCESS") throw new ControlProblem(409, "already_paid", "It is paid already");
  if (status !== "WAIT_PAY" && !isForced) {
    throw new ControlProblem(409, "cannot_be_paid", `It is ${status}`);
  }
  const paid: SimPayment = {
    ...payment,
    status: "PAY_SUCCESS",
    transactionId: `0100${randomInt(10 ** 11, 10 ** 12)}`,
    paidAt: ctx.now(),
  };
  ctx.world.putPayment(paid);
  const merchant = ctx.world.findMerchant(payment.merchantCode);
  if (merchant) ctx.callbacks.send(paid, merchant);
  return paid;
}

/** By the text of its code, as a camera reads it. */
export function findScanned(ctx: SimContext, code: string): SimPayment | undefined {
  return ctx.world.listPayments().find((payment) => payment.code === code.trim());
}
