import { z } from "zod";

import { formatMoney } from "../../../domain/money.ts";
import { defineTool } from "../tool.ts";
import type { ToolScope } from "../tool.ts";

export const getShopPolicyTool = defineTool({
  name: "get_shop_policy",
  description: "What the shop says of its hours, delivery areas and fees, returns, or ways to pay.",
  parameters: { topic: z.enum(["hours", "delivery", "returns", "payment"]) },
  run: ({ context }, { topic }) => ({ text: policyText(context, topic) }),
});

function policyText(
  context: ToolScope["context"],
  topic: "hours" | "delivery" | "returns" | "payment",
): string {
  const { policies, currency } = context.turn.shop;
  switch (topic) {
    case "hours":
      return policies.openHours[context.language];
    case "returns":
      return policies.returns[context.language];
    case "delivery":
      return policies.zones
        .map(({ name, feeMinor }) => `${name}: ${formatMoney({ amountMinor: feeMinor, currency })}`)
        .join("\n");
    case "payment":
      // Names only: account numbers go out with a placed order, rendered by code, if the owner shows them.
      return context.methods.map(({ name }) => name).join("\n");
  }
}

export const handToPersonTool = defineTool({
  name: "hand_to_person",
  description: "Hands the conversation to a person of the shop; you are silent afterwards.",
  parameters: { reason: z.enum(["asked", "complaint", "unsure"]) },
  run: ({ draft }, { reason }) => {
    draft.handOver = reason;
    return { handed: true };
  },
});
