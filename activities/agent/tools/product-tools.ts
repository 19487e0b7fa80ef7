import { z } from "zod";

import { searchProducts } from "../../../domain/catalogue/search-products.ts";
import type { ProductCard } from "../../../domain/conversation/outbound.ts";
import { formatMoney } from "../../../domain/money.ts";
import { wantPayload } from "../../conversation/payloads.ts";
import type { CatalogueProduct } from "../catalogue.ts";
import { defineTool } from "../tool.ts";
import type { ToolScope } from "../tool.ts";

const mostCards = 10;
const longestCardLine = 80;

export const searchProductsTool = defineTool({
  name: "search_products",
  description:
    "Finds products of this shop with today's price and stock. query: words of the customer, or null for all products.",
  parameters: { query: z.string().max(200).nullable() },
  run: ({ catalogue, context }, { query }) => ({
    products: searchProducts(catalogue, query).map((product) => ({
      productId: product.productId,
      name: product.name,
      description: product.description.slice(0, 500),
      options: product.options.map((option) => ({
        variantId: option.variantId,
        name: option.name,
        priceText: formatMoney({ amountMinor: option.priceMinor, currency: context.turn.shop.currency }),
        available: option.available,
      })),
    })),
  }),
});

export const showProductsTool = defineTool({
  name: "show_products",
  description: "Shows product cards with picture and price below your answer.",
  parameters: { productIds: z.array(z.string()).max(mostCards) },
  run: ({ catalogue, context, draft }, { productIds }) => {
    const products = catalogue.filter(({ productId }) => productIds.includes(productId)).slice(0, mostCards);
    draft.cards = products.map((product) => toCard(product, context));
    return { shown: products.length };
  },
});

function toCard(product: CatalogueProduct, { turn }: ToolScope["context"]): ProductCard {
  const prices = product.options.map(({ priceMinor }) => priceMinor);
  const currency = turn.shop.currency;
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)];
  const price =
    lowest === highest
      ? formatMoney({ amountMinor: lowest, currency })
      : `${formatMoney({ amountMinor: lowest, currency })} – ${formatMoney({ amountMinor: highest, currency })}`;
  return {
    title: product.name.slice(0, longestCardLine),
    subtitle: prices.length === 0 ? "" : price.slice(0, longestCardLine),
    imageObjectId: product.imageObjectId,
    buttons: [
      {
        title: turn.conversation.language === "my" ? "ဒါကိုလိုချင်တယ်" : "I want this",
        payload: wantPayload(product.productId),
      },
    ],
  };
}
