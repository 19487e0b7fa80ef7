import { expect, test } from "vitest";
import { ModelShop, plain } from "./model-shop.ts";

const products = [
  plain("Red dress", 15_000, [
    ["S", 2],
    ["M", 5],
    ["L", 0],
  ]),
  plain("Blue shirt", 9_000),
  plain("Leather sandals", 22_000, [
    ["38", 4],
    ["39", 4],
    ["40", 1],
  ]),
  plain("Salt and pepper set", 7_000),
];

test("sells a dress in English, from the greeting to the summary", async () => {
  const shop = new ModelShop({ language: "en", products });
  expect(await shop.say("hello")).toContain("What are you looking for?");
  expect(await shop.say("what do you sell?")).toContain("Red dress – 15,000 Ks");
  expect(shop.lastCall("show_products")).toEqual({
    productIds: products.map((product) => product.productId),
  });
  expect(await shop.say("how much is the red dress")).toContain("15,000 Ks");
  expect(await shop.say("I want 2 of them")).toContain("which one would you like");
  expect(await shop.say("M")).toContain("2 × Red dress (M) – 30,000 Ks");
  expect(shop.quantityOf("var-red-dress-m")).toBe(2);
  expect(await shop.say("that's all")).toContain("name, phone number, township and full address");
  await shop.say("Aye Aye Mon, 09791234567, Hlaing, No 12, Pyay Road");
  expect(shop.contact).toEqual({
    name: "Aye Aye Mon",
    phone: "09791234567",
    township: "Hlaing",
    address: "No 12, Pyay Road",
  });
  expect(await shop.say("kpay")).toContain("summary");
  expect(shop.methodId).toBe("pm-kbz");
  expect(shop.summaryPending).toBe(true);
  expect(await shop.say("where is my order?")).not.toMatch(/confirmed|paid|shipped/u);
});

test("asks again for exactly the contact fields that are wrong or missing", async () => {
  const shop = new ModelShop({ language: "en", products });
  await shop.say("one blue shirt please");
  await shop.say("that's all");
  expect(await shop.say("My name is Thida")).toContain("phone number, township and full address");
  expect(await shop.say("call 12345")).toContain("doesn't look right");
  expect(await shop.say("09 791 234 567")).toContain("township and full address");
  expect(await shop.say("Mandalay")).toContain("Hlaing, Bahan");
  expect(await shop.say("Bahan")).toContain("your full address");
  expect(await shop.say("23 Inya Road")).toContain("How would you like to pay");
  await shop.say("cash on delivery");
  expect(shop.callNames()).toEqual(["set_payment_method", "prepare_summary"]);
});

test("takes goods, contact and payment method out of one message", async () => {
  const shop = new ModelShop({ language: "en", products });
  await shop.say("2 blue shirts, my name is Aye Aye, 09791234567, Hlaing, No 5 Pyay Road, COD");
  expect(shop.quantityOf("var-blue-shirt")).toBe(2);
  expect(shop.contact).toMatchObject({ name: "Aye Aye", township: "Hlaing", address: "No 5 Pyay Road" });
  expect(shop.methodId).toBe("pm-cod");
  await shop.say("yes");
  expect(shop.summaryPending).toBe(true);
});

test.each([false, true])(
  "adds, counts up, changes and removes lines (blocks refreshed in the turn: %s)",
  async (areBlocksLive) => {
    const shop = new ModelShop({ language: "en", products, areBlocksLive });
    await shop.say("I want 2 red dress size M and 1 blue shirt");
    expect(Object.fromEntries(shop.cart)).toEqual({ "var-red-dress-m": 2, "var-blue-shirt": 1 });
    await shop.say("one more blue shirt");
    expect(shop.quantityOf("var-blue-shirt")).toBe(2);
    await shop.say("change the red dress to S");
    expect(Object.fromEntries(shop.cart)).toEqual({ "var-blue-shirt": 2, "var-red-dress-s": 2 });
    await shop.say("make the blue shirt 3");
    expect(shop.quantityOf("var-blue-shirt")).toBe(3);
    await shop.say("remove the dress");
    expect(Object.fromEntries(shop.cart)).toEqual({ "var-blue-shirt": 3 });
    await shop.say("salt and pepper set, 2 please");
    expect(shop.quantityOf("var-salt-and-pepper-set")).toBe(2);
    expect(await shop.say("remove everything")).toContain("Your cart is empty");
  },
);

test("offers what is left when the stock does not reach, and a yes takes it", async () => {
  const shop = new ModelShop({ language: "en", products });
  expect(await shop.say("two pairs of sandals size 40")).toContain("put 1 × Leather sandals (40)");
  expect(shop.cart.size).toBe(0);
  await shop.say("yes");
  expect(shop.quantityOf("var-leather-sandals-40")).toBe(1);
});

test("answers a burst of questions together", async () => {
  const shop = new ModelShop({ language: "en", products });
  const answer = await shop.say(
    "Hi!",
    "what time do you open?",
    "how much to deliver to Bahan?",
    "how much is the blue shirt?",
  );
  expect(answer).toContain("9:00–18:00");
  expect(answer).toContain("Bahan: 2,000 Ks");
  expect(answer).toContain("Blue shirt is 9,000 Ks");
});

test("answers questions about the shop from its policies", async () => {
  const shop = new ModelShop({ language: "en", products });
  expect(await shop.say("can I return things?")).toContain("within 7 days");
  expect(await shop.say("how can I pay?")).toContain("KBZPay, Wave Pay");
  expect(await shop.say("do you accept kpay?")).toContain("KBZPay, Wave Pay");
  expect(shop.methodId).toBeUndefined();
});

test("says that it is a demonstration when asked", async () => {
  expect(await new ModelShop({ language: "en", products }).say("are you a bot?")).toContain("demonstration");
});

test("says honestly what it does not know and what the shop does not have", async () => {
  const shop = new ModelShop({ language: "en", products });
  expect(await shop.say("what's the capital of France?")).toContain("don't know");
  expect(await shop.say("do you have a helicopter?")).toContain("couldn't find that");
});

test("hands over to a person when asked, and when the customer is angry", async () => {
  const shop = new ModelShop({ language: "en", products });
  await shop.say("can I talk to a real person?");
  expect(shop.calls).toEqual([{ name: "hand_to_person", args: { reason: "asked" } }]);
  await shop.say("you are useless!!");
  expect(shop.calls).toEqual([{ name: "hand_to_person", args: { reason: "complaint" } }]);
});

test("tells an order's state in the words of the tool, also to a customer who says they paid", async () => {
  const shop = new ModelShop({ language: "en", products, orders: [order] });
  expect(await shop.say("where is my parcel")).toContain("P-1042: waiting for the transfer, total 17,500 Ks");
  const answer = await shop.say("I have paid");
  expect(answer).toContain("waiting for the transfer");
  expect(answer).toContain("slip");
  expect(await shop.say("cancel my order")).toBe("");
  expect(shop.lastCall("request_cancel")).toEqual({ orderNumber: null });
});

test("changes the address after a summary and asks for a new one", async () => {
  const shop = new ModelShop({ language: "en", products });
  await shop.say("1 blue shirt");
  await shop.say("that's all");
  await shop.say("Aye Aye, 09791234567, Hlaing, No 5 Pyay Road");
  await shop.say("cod");
  expect(await shop.say("Change\n[quick reply: change:ord_1]")).toContain("what would you like to change");
  expect(await shop.say("change the address")).toContain("full address");
  await shop.say("No 7 Inya Road, Bahan");
  expect(shop.contact).toMatchObject({ township: "Bahan", address: "No 7 Inya Road" });
  expect(shop.callNames()).toEqual(["set_contact", "prepare_summary"]);
});

test("points to the button when the summary waits and the customer only says yes", async () => {
  const shop = new ModelShop({ language: "en", products });
  await shop.say("1 blue shirt");
  await shop.say("that's all");
  await shop.say("Aye Aye, 09791234567, Hlaing, No 5 Pyay Road");
  await shop.say("cod");
  expect(await shop.say("ok sure")).toContain("tap the button");
  expect(shop.callNames()).toEqual([]);
});

test("finds what is not among the first twenty products by a second search", async () => {
  const many = Array.from({ length: 25 }, (_, at) => plain(`Candle number ${at + 1}`, 1_000));
  const shop = new ModelShop({ language: "en", products: [...many, plain("Bamboo flute", 8_000)] });
  expect(await shop.say("do you have a bamboo flute?")).toContain("Bamboo flute is 8,000 Ks");
});

const order = {
  orderNumber: "P-1042",
  state: "waiting for the transfer",
  totalText: "17,500 Ks",
  balanceText: "17,500 Ks",
  canCancel: true,
  placedAt: "2026-11-01T00:00:00Z",
};
