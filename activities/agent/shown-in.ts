import { fieldNames, shownToModel } from "../../domain/conversation/shown-to-model.ts";
import type { ShownToModel } from "../../domain/conversation/shown-to-model.ts";
import type { ProductId } from "../../domain/id.ts";
import type { PromptBlocks } from "./instructions.ts";
import { modelInput } from "./model-input.ts";
import type { TurnContext } from "./turn-draft.ts";

/** What a turn's prompts held of shop, conversation and tools' results, by names of fields and ids. */
export function shownIn(
  context: TurnContext,
  blocks: PromptBlocks,
  called: readonly { name: string; result: object }[],
): ShownToModel {
  const results = called.flatMap(({ name, result }) => fieldNames(name, result));
  const fields = [...Object.entries(blocks).flatMap(([name, block]) => fieldNames(name, block)), ...results];
  const isShown = (orderNumber: string | null) =>
    blocks.conversation.openOrders.some((order) => order.orderNumber === (orderNumber ?? "")) ||
    called.some(({ name }) => name === "get_orders");
  return shownToModel({
    fields: [...new Set(fields)],
    tools: [...new Set(called.map(({ name }) => name))],
    messageIds: context.history.flatMap((message) =>
      modelInput([message]).length === 0 ? [] : [message.id],
    ),
    orderIds: context.orders.flatMap(({ id, number }) => (isShown(number) ? [id] : [])),
    productIds: [...new Set(called.flatMap(({ result }) => productIdsIn(result)))],
  });
}

function productIdsIn(result: object): ProductId[] {
  if (!("products" in result) || !Array.isArray(result.products)) return [];
  return (result.products as { productId: ProductId }[]).map(({ productId }) => productId);
}
