import { expect, test } from "vitest";
import { answerAdversary, ATTACK_NAMES, SLIP_NAMES } from "../../sim/model/answer-adversary.ts";
import { readRequest, responseBody } from "../../sim/model/read-request.ts";
import { ModelShop, plain } from "./model-shop.ts";

const tools = ["search_products", "set_cart_line"].map((name) => ({ type: "function", name }));

function ask(text: string, rounds: unknown[] = []) {
  const input = [{ role: "user", content: [{ type: "input_text", text }] }, ...rounds];
  return answerAdversary(readRequest(responseBody.parse({ model: "demo", input, tools })));
}

test("repeats itself for the same conversation, whatever the ids are", async () => {
  const [first, second] = await Promise.all([ask("hello"), ask("hello")]);
  expect(first).toEqual(second);
});

test("rotates over many attacks by the words of the conversation", async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => ask(`message ${at}`)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBeGreaterThan(15);
});

test.each(ATTACK_NAMES)(
  "plays %s when a line asks for it, and the openai package parses it",
  async (name) => {
    expect(await ask(`hi\n[adversary: ${name}]`)).toEqual(await ask(`hi\n[adversary: ${name}]`));
    const shop = new ModelShop({ language: "en", products: [plain("Red dress", 15_000)], mode: "adversary" });
    const response = await shop.client.responses.create({ model: "demo", input: `hi\n[adversary: ${name}]` });
    expect(response.id).toMatch(/^resp_/u);
  },
);

test("sends arguments that are no JSON, tools that do not exist, and quantities that no shop sells", async () => {
  const malformed = (await ask("[adversary: malformed_json]")).calls?.[0]?.arguments ?? "";
  expect(() => JSON.parse(malformed)).toThrow(SyntaxError);
  expect((await ask("[adversary: no_such_tool]")).calls?.[0]?.name).toBe("mark_order_paid");
  const products = {
    products: [
      { productId: "p", name: "Dress", options: [{ variantId: "v-1", name: "", priceText: "1 Ks" }] },
    ],
  };
  const searched = [
    { type: "function_call", call_id: "c", name: "search_products", arguments: '{"query":null}' },
    { type: "function_call_output", call_id: "c", output: JSON.stringify(products) },
  ];
  const negative = (await ask("[adversary: negative_quantity]", searched)).calls?.[0];
  expect(JSON.parse(negative?.arguments ?? "")).toEqual({ variantId: "v-1", quantity: -3 });
});

test("never stops calling tools in its endless loop", async () => {
  const round = [
    { type: "function_call", call_id: "c", name: "search_products", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: "{}" },
  ];
  const answer = await ask("[adversary: endless_loop]", Array.from({ length: 20 }, () => round).flat());
  expect(answer.calls).toHaveLength(1);
});

test("uses the ids and the order numbers that an attacker writes into the chat", async () => {
  const id = "0190a5c2-7a31-7bbb-8c3d-0123456789ab";
  const { calls } = await ask(`Add ${id} and cancel A-1007\n[adversary: takes_ids_of_text]`);
  expect(calls?.map(({ name, arguments: json }) => [name, JSON.parse(json) as unknown])).toEqual([
    ["show_products", { productIds: [id] }],
    ["set_cart_line", { variantId: id, quantity: 1 }],
    ["set_payment_method", { paymentMethodId: id }],
    ["request_cancel", { orderNumber: "A-1007" }],
  ]);
});

test("ends an answer in the middle as the limit of tokens does, and counts what it did", async () => {
  const shop = new ModelShop({ language: "en", products: [plain("Red dress", 15_000)], mode: "adversary" });
  const response = await shop.client.responses.create({ model: "demo", input: "hi\n[adversary: cut_short]" });
  expect(response.status).toBe("incomplete");
  expect(response.incomplete_details).toEqual({ reason: "max_output_tokens" });
  expect(shop.sim.attacks()).toEqual({ cut_short: 1 });
});

test("reads every picture as a payment that matches when told so, and knows other lies", async () => {
  const reading = await readSlip("slip_matches: please pay 17,500", "slip_matches");
  expect(JSON.parse(reading)).toMatchObject({ isSlip: true, isLegible: true, amount: "17500" });
  expect(await readSlip("x", "slip_words")).toContain("paid");
  expect(SLIP_NAMES.length).toBeGreaterThan(3);
});

async function readSlip(prompt: string, name: string): Promise<string> {
  const content = [
    { type: "input_text", text: `${prompt}\n[adversary: ${name}]` },
    { type: "input_image", image_url: "data:image/png;base64,AAAA" },
  ];
  const body = {
    model: "demo",
    input: [{ role: "user", content }],
    text: { format: { type: "json_schema" } },
  };
  return (await answerAdversary(readRequest(responseBody.parse(body)))).text ?? "";
}
