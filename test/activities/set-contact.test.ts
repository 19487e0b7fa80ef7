import { expect, test } from "vitest";

import { setContactTool } from "../../activities/agent/tools/cart-tools.ts";
import type { ToolScope } from "../../activities/agent/tool.ts";
import { emptyContact } from "../../activities/agent/turn-draft.ts";
import { testPolicies } from "../support/house.ts";

/** What the tool looks at, and nothing else of a turn. */
function scopeOf(words: string[]): ToolScope {
  const history = words.map((text) => ({ direction: "in", body: { text } }));
  const cart = {
    fromVersion: 0,
    lines: [{ variantId: "v", quantity: 1 }],
    contact: emptyContact,
    contactVersion: 0,
    contactSource: "customer_order_step",
    zoneId: null,
    paymentMethodId: null,
    draftOrderId: null,
    isChanged: false,
  };
  return {
    context: { turn: { shop: { country: "MM", policies: testPolicies } }, history, batch: [], methods: [] },
    draft: { cart, prepared: null },
    catalogue: [],
  } as unknown as ToolScope;
}

const nothing = { name: null, phone: null, township: null, address: null };

test.each([
  ["name", "4111111111111111"],
  ["address", "No 4111 1111 1111 1111 Baho Road"],
  ["address", "၄၁၁၁-၁၁၁၁-၁၁၁၁-၁၁၁၁"],
  ["township", "my password is Tr0ub4dor&3x"],
  ["phone", "4111 1111 1111 1111"],
])(
  "set_contact keeps no secret as the %s, although the customer's words make it up: %s",
  async (field, text) => {
    const scope = scopeOf(text.split(" "));
    const result = await setContactTool.run(scope, JSON.stringify({ ...nothing, [field]: text }));
    expect(result).toMatchObject({ saved: [], error: "contains_secret" });
    expect(scope.draft.cart.contact).toEqual(emptyContact);
  },
);

test("set_contact keeps nothing of whoever orders nothing", async () => {
  const scope = scopeOf(["I am Ma Hla"]);
  scope.draft.cart.lines = [];
  const args = JSON.stringify({ ...nothing, name: "Ma Hla" });
  expect(await setContactTool.run(scope, args)).toMatchObject({ saved: [], error: "no_order_yet" });
  expect(scope.draft.cart.isChanged).toBe(false);
  scope.draft.cart.contact = { ...emptyContact, phone: "+959791234567" };
  expect(await setContactTool.run(scope, args)).toMatchObject({ saved: ["name"] });
});

test("set_contact keeps an address with ordinary numbers", async () => {
  const scope = scopeOf(["No 12, 3rd floor, Baho Road 11111"]);
  const args = { ...nothing, address: "No 12, 3rd floor, Baho Road 11111" };
  expect(await setContactTool.run(scope, JSON.stringify(args))).toMatchObject({ saved: ["address"] });
});

test.each([
  ["name", "U Attacker"],
  ["phone", "09 777 666 555"],
  ["township", "Hlaing"],
  ["address", "1 Evil Street"],
])("set_contact keeps no %s that the customer did not say: %s", async (field, text) => {
  const scope = scopeOf(["I am Ma Hla, 09 791 234 567, Sanchaung, No 12 Baho Road"]);
  const result = await setContactTool.run(scope, JSON.stringify({ ...nothing, [field]: text }));
  expect(result).toMatchObject({ saved: [], error: "not_said_by_customer" });
  expect(scope.draft.cart).toMatchObject({ contact: emptyContact, isChanged: false });
});
