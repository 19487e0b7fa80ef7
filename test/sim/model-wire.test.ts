import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { expect, test } from "vitest";
import { createModelSim } from "../../sim/model/model-sim.ts";

function connect(apiKey = "test") {
  const sim = createModelSim({ slowMs: 5 });
  const client = new OpenAI({
    apiKey,
    baseURL: "http://model.test/v1",
    maxRetries: 0,
    fetch: async (input, init) => sim.app.fetch(new Request(input, init)),
  });
  return { sim, client };
}

test("answers with ids, output text and usage as the openai package reads them", async () => {
  const { client } = connect();
  const response = await client.responses.create({ model: "demo", input: "hello" });
  expect(response.id).toMatch(/^resp_[0-9a-f]{32}$/u);
  expect(response.status).toBe("completed");
  expect(response.output_text).toContain("Hello");
  expect(response.output[0]).toMatchObject({ type: "message", role: "assistant", status: "completed" });
  expect(response.output[0]?.id).toMatch(/^msg_/u);
  const usage = response.usage;
  expect(usage?.total_tokens).toBe((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0));
  expect(usage?.input_tokens).toBeGreaterThan(0);
});

test("calls only tools that the request offers", async () => {
  const { client } = connect();
  const without = await client.responses.create({ model: "demo", input: "what do you sell?" });
  expect(without.output.map((item) => item.type)).toEqual(["message"]);
  const tools = [
    { type: "function" as const, name: "search_products", strict: true, parameters: { type: "object" } },
  ];
  const withTool = await client.responses.create({ model: "demo", input: "what do you sell?", tools });
  expect(withTool.output[0]).toMatchObject({
    type: "function_call",
    name: "search_products",
    arguments: '{"query":null}',
  });
  const none = await client.responses.create({
    model: "demo",
    input: "what do you sell?",
    tools,
    tool_choice: "none",
  });
  expect(none.output.map((item) => item.type)).toEqual(["message"]);
});

test("lists its model", async () => {
  const models = await connect().client.models.list();
  expect(models.data.map((model) => model.id)).toEqual(["shopthread-demo"]);
});

test("refuses in the shape of OpenAI's errors", async () => {
  const { client, sim } = connect();
  const keyless = await sim.app.request("/v1/responses", { method: "POST", body: "{}" });
  expect(keyless.status).toBe(401);
  await expect(connect(" ").client.responses.create({ model: "demo", input: "x" })).rejects.toThrow(
    AuthenticationError,
  );
  await expect(client.post("/responses", { body: { model: "demo" } })).rejects.toThrow(BadRequestError);
  await expect(client.post("/chat/completions", { body: {} })).rejects.toThrow(NotFoundError);
});

test("repeats the last text in echo mode, and answers late but alike in slow mode", async () => {
  const { client, sim } = connect();
  sim.setMode("echo");
  const echoed = await client.responses.create({ model: "demo", input: "မင်္ဂလာပါ 123" });
  expect(echoed.output_text).toBe("မင်္ဂလာပါ 123");
  sim.setMode("slow");
  expect(sim.mode()).toBe("slow");
  const slow = await client.responses.create({ model: "demo", input: "hello" });
  expect(slow.output_text).toContain("Hello");
});
