import { z } from "zod";

import { isPhoneSaidByCustomer, isSaidByCustomer } from "../../../domain/conversation/said-by-customer.ts";
import { normalisePhone } from "../../../domain/phone.ts";
import type { PhoneCountry } from "../../../domain/phone.ts";
import { findZone, listTownships } from "../../../domain/shop/find-zone.ts";
import { maskSecrets } from "../../../domain/text/mask-secrets.ts";
import { maxQuantity } from "../../../domain/order/price-order.ts";
import { findOption } from "../catalogue.ts";
import { cartForModel, missingFields } from "../price-cart.ts";
import { defineTool } from "../tool.ts";
import type { ToolScope } from "../tool.ts";
import type { Contact } from "../turn-draft.ts";

const longest = { name: 80, phone: 30, township: 80, address: 300 } as const;

export const setCartLineTool = defineTool({
  name: "set_cart_line",
  description: "Sets how many of a variant the customer wants; 0 removes it.",
  parameters: { variantId: z.string(), quantity: z.int().min(0).max(maxQuantity) },
  run: ({ catalogue, context, draft }, { variantId, quantity }) => {
    const { cart } = draft;
    const found = findOption(catalogue, variantId);
    if (!found) return { cart: cartForModel(context, cart, catalogue), error: "unknown_variant" };
    const { available } = found.option;
    if (quantity > available) {
      return { cart: cartForModel(context, cart, catalogue), error: "not_enough_stock", available };
    }
    const others = cart.lines.filter((line) => line.variantId !== found.option.variantId);
    cart.lines = quantity === 0 ? others : [...others, { variantId: found.option.variantId, quantity }];
    touch(draft);
    return { cart: cartForModel(context, cart, catalogue) };
  },
});

export const setContactTool = defineTool({
  name: "set_contact",
  description:
    "Saves what the customer has said of name, phone, township and address. null leaves a field as it is. Use the customer's own words. Only when the cart holds something.",
  parameters: {
    name: z.string().max(longest.name).nullable(),
    phone: z.string().max(longest.phone).nullable(),
    township: z.string().max(longest.township).nullable(),
    address: z.string().max(longest.address).nullable(),
  },
  run: ({ context, draft }, given) => {
    if (!isOrdering(draft.cart)) {
      return { saved: [], missing: missingFields(context, draft.cart), error: "no_order_yet" };
    }
    const words = customerWords(context);
    const { shop } = context.turn;
    // Words of several messages can be put together to a number that no message holds.
    const texts = [given.name, given.phone, given.township, given.address];
    if (texts.some((text) => text !== null && maskSecrets(text).masked.length > 0)) {
      return { saved: [], missing: missingFields(context, draft.cart), error: "contains_secret" };
    }
    const isForeign = (["name", "township", "address"] as const).some((field) => {
      const value = given[field];
      return value !== null && !isSaidByCustomer(value, words);
    });
    if (isForeign || (given.phone !== null && !isPhoneSaidByCustomer(given.phone, words))) {
      return { saved: [], missing: missingFields(context, draft.cart), error: "not_said_by_customer" };
    }
    const accepted: Partial<Contact> = {};
    if (given.name !== null) accepted.name = given.name.trim();
    if (given.address !== null) accepted.address = given.address.trim();
    const phone =
      given.phone === null ? undefined : normalisePhone(given.phone, shop.country as PhoneCountry);
    if (phone !== undefined) accepted.phone = phone;
    const zone = given.township === null ? undefined : findZone(shop.policies, given.township);
    if (given.township !== null && zone) accepted.township = given.township.trim();
    save(draft, accepted);
    draft.cart.zoneId = zone?.id ?? draft.cart.zoneId;
    return {
      saved: Object.keys(accepted),
      missing: missingFields(context, draft.cart),
      ...(given.phone !== null && phone === undefined ? { error: "phone_invalid" } : {}),
      ...(given.township !== null && !zone
        ? { error: "township_unknown", townships: listTownships(shop.policies).slice(0, 40) }
        : {}),
    };
  },
});

export const setPaymentMethodTool = defineTool({
  name: "set_payment_method",
  description: "Chooses one of the shop's payment methods for the order.",
  parameters: { paymentMethodId: z.string() },
  run: ({ context, draft }, { paymentMethodId }) => {
    const method = context.methods.find(({ id }) => id === paymentMethodId);
    if (!method) return { error: "unknown_method" };
    if (draft.cart.paymentMethodId !== method.id) {
      draft.cart.paymentMethodId = method.id;
      touch(draft);
    }
    return { saved: true, missing: missingFields(context, draft.cart) };
  },
});

/** Who only asks is not recorded; who has ordered before may correct what is kept. */
function isOrdering({ lines, contact }: ToolScope["draft"]["cart"]): boolean {
  return lines.length > 0 || Object.values(contact).some((field) => field !== null);
}

function save(draft: ToolScope["draft"], accepted: Partial<Contact>): void {
  const { cart } = draft;
  const next = { ...cart.contact, ...accepted };
  const isSame = (Object.keys(next) as (keyof Contact)[]).every(
    (field) => next[field] === cart.contact[field],
  );
  if (isSame) return;
  cart.contact = next;
  cart.contactVersion += 1;
  cart.contactSource = "customer_order_step";
  touch(draft);
}

/** A changed cart no longer is what a summary said. */
function touch(draft: ToolScope["draft"]): void {
  draft.cart.isChanged = true;
  draft.cart.draftOrderId = null;
  draft.prepared = null;
}

function customerWords({ history, batch }: ToolScope["context"]): string[] {
  const own = history.filter(({ direction }) => direction === "in");
  return [...new Set([...own, ...batch])].map(({ body }) => body.text ?? "");
}
