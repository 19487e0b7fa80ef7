import { createLimiter } from "../../clients/limiter.ts";
import { listGatewayWork } from "../../db/system-gateways.ts";
import type { GatewayWork } from "../../db/system-gateways.ts";
import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";
import { checkPayment } from "./check-payment.ts";
import { checkRefund } from "./check-refund.ts";

const batch = 100;
/** A provider that hangs holds a place for eight seconds. */
const atOnce = 8;

/** Looks after all payments and refunds that are due; one that fails does not hold the others, and stays due. */
export async function checkGateways(deps: UpkeepDeps): Promise<number> {
  const due = await listGatewayWork(deps.system, { now: deps.clock.now(), limit: batch });
  const limited = createLimiter(atOnce);
  await Promise.all(due.map((work) => limited(() => check(deps, work))));
  return due.length;
}

async function check(deps: UpkeepDeps, work: GatewayWork): Promise<void> {
  const { shopId } = work;
  try {
    await (work.kind === "payment"
      ? checkPayment(deps, { shopId, paymentId: work.id })
      : checkRefund(deps, { shopId, refundId: work.id }));
  } catch (err) {
    const which = work.kind === "payment" ? { paymentId: work.id } : { refundId: work.id };
    deps.log.error({ shopId, ...which, err }, "gateway.check_failed");
  }
}
