import { afterAll, beforeAll, expect, test } from "vitest";

import { fieldNames } from "../../domain/conversation/shown-to-model.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf, settled } from "../support/outside.ts";
import { slip } from "../support/order-story.ts";
import { Customer, Owner, placeAnOrder } from "../support/people.ts";

let house: House;
let outside: Outside;
beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

type Turn = {
  outcome: string;
  startedAt: string;
  storedAt: string;
  model: { name: string; rounds: number; inputTokens: number; outputTokens: number } | null;
  shownToModel: Record<
    "fields" | "tools" | "messageIds" | "orderIds" | "productIds" | "pictureIds",
    string[]
  >;
};

async function turnsOf(shop: TestShop): Promise<Turn[]> {
  const customerId = toTypeId("cus", await onlyCustomer(house, shop.shopId));
  const { data } = await new Owner(house, shop).get<{ data: Turn[] }>(
    `/v1/conversations/${customerId}/turns`,
  );
  return data;
}

type Prompt = {
  model: string;
  instructions: string;
  input: { role?: string; type?: string; output?: string; call_id?: string; name?: string }[];
};

/** The fields of a request to the model, read from its bytes: blocks of the instructions, and results of tools. */
function fieldsOf({ instructions, input }: Prompt): string[] {
  const blocks = [...instructions.matchAll(/<block name="(\w+)">(.*?)<\/block>/gu)];
  const names = new Map(input.map(({ call_id: id, name }) => [id, name] as const).filter(([, name]) => name));
  return [
    ...blocks.flatMap(([, name = "", json = "null"]) => fieldNames(name, JSON.parse(json))),
    ...input.flatMap(({ type, call_id: id, output }) =>
      type === "function_call_output" ? fieldNames(names.get(id) ?? "", JSON.parse(output ?? "null")) : [],
    ),
  ];
}

/** All that a question for a price needs, and nothing of a person. */
const leastFields = [
  "shop.name",
  "shop.agentName",
  "shop.languages",
  "shop.currency",
  "shop.openHours",
  "shop.returns",
  "shop.zones.name",
  "shop.zones.feeText",
  "shop.paymentMethods.paymentMethodId",
  "shop.paymentMethods.name",
  "shop.paymentMethods.kind",
  "conversation.language",
  "conversation.firstContact",
  "conversation.cart.subtotalText",
  "conversation.cart.missing",
  "conversation.summaryPending",
  "search_products.products.productId",
  "search_products.products.name",
  "search_products.products.description",
  "search_products.products.options.variantId",
  "search_products.products.options.name",
  "search_products.products.options.priceText",
  "search_products.products.options.available",
];

test("M:ONAMI-24 sends the model the least fields of a shop, and keeps which fields and records it was sent", async () => {
  const shop = await openTestShop(house, { name: "Logged Shop" });
  const customer = new Customer(house, shop);
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);

  const calls = await outside.modelCallsOf("Logged Shop");
  const prompts = calls.map(({ body }) => body as Prompt);
  const [turn] = await turnsOf(shop);
  expect(turn?.shownToModel.fields.toSorted()).toEqual(leastFields.toSorted());
  expect([...new Set(prompts.flatMap(fieldsOf))].toSorted()).toEqual(leastFields.toSorted());
  const [said] = await rowsOf<{ id: string }>(
    house,
    "select id from messages where shop_id = $1 and direction = 'in'",
    [shop.shopId],
  );
  expect(turn?.shownToModel).toMatchObject({
    tools: ["search_products"],
    messageIds: [toTypeId("msg", said?.id ?? "")],
    orderIds: [],
    productIds: [toTypeId("prd", shop.products[0]?.productId ?? "")],
    pictureIds: [],
  });
  expect(turn?.model).toMatchObject({ rounds: prompts.length, inputTokens: expect.any(Number) });
  expect(turn?.model?.name).toBe(prompts[0]?.model);
  expect(Date.parse(turn?.storedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(turn?.startedAt ?? ""));
  const [row] = await rowsOf<{ shown: string }>(
    house,
    "select shown_to_model::text as shown from turns where shop_id = $1",
    [shop.shopId],
  );
  expect(row?.shown).not.toMatch(/Red Dress|45,?000|Silk|How much/);
});

test("keeps which orders and pictures the model was shown, and that it was shown nothing", async () => {
  const shop = await openTestShop(house, { name: "Slip Shop" });
  const customer = new Customer(house, shop);
  await placeAnOrder(customer);
  await customer.sendSlip(slip());
  await customer.hearsText("I have your payment slip");
  await settled(house, shop.shopId);
  const [withSlip] = await turnsOf(shop);
  expect(withSlip).toMatchObject({ model: null, shownToModel: { fields: [], messageIds: [] } });
  expect(withSlip?.shownToModel.pictureIds).toHaveLength(1);

  await customer.say("Where is my order?");
  const asked = await eventually("the question is a turn", async () => {
    const turn = (await turnsOf(shop)).find(({ shownToModel }) => shownToModel?.tools.includes("get_orders"));
    return turn;
  });
  expect(asked.shownToModel.orderIds).toHaveLength(1);
  expect(asked.shownToModel.fields).toContain("get_orders.orders.state");
  expect(asked.shownToModel.fields.join(" ")).not.toMatch(/phone|address|contact\./i);

  await customer.say("person");
  await customer.hearsText("someone will answer you");
  await settled(house, shop.shopId);
  expect((await turnsOf(shop))[0]).toMatchObject({ outcome: "answered", model: null, shownToModel: null });
});
