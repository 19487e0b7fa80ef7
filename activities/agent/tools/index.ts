import type { AgentTool } from "../tool.ts";
import { setCartLineTool, setContactTool, setPaymentMethodTool } from "./cart-tools.ts";
import { getOrdersTool, prepareSummaryTool, requestCancelTool } from "./order-tools.ts";
import { searchProductsTool, showProductsTool } from "./product-tools.ts";
import { getShopPolicyTool, handToPersonTool } from "./shop-tools.ts";

/** All that the model can do: read, and write the cart's working copy. Nothing here moves money, stock or an order. */
export const agentTools: readonly AgentTool[] = [
  searchProductsTool,
  showProductsTool,
  setCartLineTool,
  setContactTool,
  setPaymentMethodTool,
  prepareSummaryTool,
  getOrdersTool,
  requestCancelTool,
  getShopPolicyTool,
  handToPersonTool,
];
