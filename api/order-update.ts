import { toTypeId } from "../domain/id.ts";
import type { OrderId, ShopId } from "../domain/id.ts";
import { orderWorkflow, orderWorkflowId } from "../workflows/order.contract.ts";
import type {
  DecisionResult,
  OrderInput,
  OrderUpdateName,
  OrderUpdates,
} from "../workflows/order.contract.ts";
import { requestUpdate } from "./request-update.ts";
import type { UpdateGateway } from "./request-update.ts";

export type OrderUpdateRequest<Name extends OrderUpdateName> = {
  shopId: ShopId;
  orderId: OrderId;
  name: Name;
  request: OrderUpdates[Name];
  updateId: string;
  findRecorded(): Promise<DecisionResult | undefined>;
  deadlineMs?: number;
};

/** A decision about an order. Its workflow is started from its row when it does not run. */
export function requestOrderUpdate<Name extends OrderUpdateName>(
  gateway: UpdateGateway,
  { shopId, orderId, name, ...rest }: OrderUpdateRequest<Name>,
): Promise<DecisionResult> {
  const input: OrderInput = { version: 1, shopId, orderId };
  return requestUpdate<DecisionResult>(gateway, {
    workflowId: orderWorkflowId(toTypeId("ord", orderId)),
    workflowType: orderWorkflow,
    input,
    update: name,
    ...rest,
  });
}
