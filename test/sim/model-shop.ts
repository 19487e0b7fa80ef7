import OpenAI from "openai";
import type { ResponseInputItem, Tool } from "openai/resources/responses/responses";
import { createModelSim, type ModelMode } from "../../sim/model/model-sim.ts";

interface TestOption {
  variantId: string;
  name: string;
  price: number;
  available: number;
}
export interface TestProduct {
  productId: string;
  name: string;
  description: string;
  options: TestOption[];
}
interface TestOrder {
  orderNumber: string;
  state: string;
  totalText: string;
  balanceText: string;
  canCancel: boolean;
  placedAt: string;
}
interface Settings {
  language: "my" | "en";
  products?: TestProduct[];
  zones?: { name: string; feeText: string }[];
  /** What is delivered to, when zones are named otherwise than their townships. */
  townships?: string[];
  orders?: TestOrder[];
  /** What the owner wrote, where the usual text does not fit the test. */
  policies?: Record<string, string>;
  mode?: ModelMode;
  /** Whether the blocks show the cart after each tool call, or as it was when the turn began. */
  areBlocksLive?: boolean;
}
interface Call {
  name: string;
  args: Record<string, unknown>;
}

/** A shop of this test alone: it plays the product's tools, keeps the conversation and talks through the openai package. */
export class ModelShop {
  readonly sim = createModelSim({ slowMs: 10 });
  readonly client = new OpenAI({
    apiKey: "test",
    baseURL: "http://model.test/v1",
    maxRetries: 0,
    fetch: async (input, init) => this.sim.app.fetch(new Request(input, init)),
  });
  readonly settings: Settings;
  /** The calls of the last turn. */
  calls: Call[] = [];
  /** What the model was given as records in the last turn: the blocks and the tools' results. */
  records: unknown[] = [];
  contact: Record<string, string> = {};
  methodId: string | undefined;
  cart = new Map<string, number>();
  history: ResponseInputItem[] = [];
  summaryPending = false;

  constructor(settings: Settings) {
    this.settings = settings;
    this.sim.setMode(settings.mode ?? "demo");
  }

  /** One turn over a burst of messages; answers with the final text. */
  async say(...texts: string[]): Promise<string> {
    this.calls = [];
    this.records = [];
    this.history.push(...texts.map((text) => message("user", text)));
    const rounds: ResponseInputItem[] = [];
    const before = this.instructions();
    for (let round = 0; round < 5; round += 1) {
      const response = await this.client.responses.create({
        model: "demo",
        instructions: this.settings.areBlocksLive === true ? this.instructions() : before,
        input: [...this.history, ...rounds],
        tools: TOOLS,
        parallel_tool_calls: false,
        store: false,
      });
      const asked = response.output.filter((item) => item.type === "function_call");
      if (asked.length === 0) {
        this.history.push(message("assistant", response.output_text));
        return response.output_text;
      }
      for (const item of asked) {
        const args = JSON.parse(item.arguments) as Record<string, unknown>;
        this.calls.push({ name: item.name, args });
        const result = this.answer(item.name, args);
        this.records.push(result);
        const output = JSON.stringify(result);
        rounds.push(item, { type: "function_call_output", call_id: item.call_id, output });
      }
    }
    throw new Error(`no answer after five rounds: ${JSON.stringify(this.calls)}`);
  }

  callNames(): string[] {
    return this.calls.map((call) => call.name);
  }

  lastCall(name: string): Record<string, unknown> | undefined {
    return this.calls.findLast((call) => call.name === name)?.args;
  }

  quantityOf(variantId: string): number {
    return this.cart.get(variantId) ?? 0;
  }

  get zones() {
    return this.settings.zones ?? ZONES;
  }

  private get townships(): string[] {
    return this.settings.townships ?? this.zones.map((zone) => zone.name);
  }

  private instructions(): string {
    const shop = {
      name: "Padauk House",
      agentName: "Padauk",
      languages: ["my", "en"],
      currency: "MMK",
      zones: this.zones,
      paymentMethods: METHODS,
    };
    const conversation = {
      language: this.settings.language,
      firstContact: this.history.every((item) => !("role" in item) || item.role === "user"),
      cart: this.cartView(),
      openOrders: (this.settings.orders ?? []).map(({ orderNumber, state }) => ({ orderNumber, state })),
      summaryPending: this.summaryPending,
    };
    this.records.push(shop, conversation);
    return [
      "You sell for a shop.",
      `<block name="shop">${JSON.stringify(shop)}</block>`,
      `<block name="conversation">${JSON.stringify(conversation)}</block>`,
    ].join("\n");
  }

  private answer(name: string, args: Record<string, unknown>): unknown {
    switch (name) {
      case "search_products":
        return { products: this.search(args["query"]) };
      case "show_products":
        return { shown: (args["productIds"] as string[]).length };
      case "set_cart_line":
        return this.setLine(String(args["variantId"]), Number(args["quantity"]));
      case "set_contact":
        return this.setContact(args);
      case "set_payment_method":
        if (!METHODS.some((method) => method.paymentMethodId === args["paymentMethodId"])) {
          return { error: "unknown_method" };
        }
        this.methodId = String(args["paymentMethodId"]);
        return { saved: true, missing: this.missing() };
      case "prepare_summary":
        if (this.cart.size === 0) return { ready: false, missing: this.missing(), problem: "empty_cart" };
        if (this.missing().length > 0) return { ready: false, missing: this.missing() };
        this.summaryPending = true;
        return { ready: true };
      case "get_orders":
        return { orders: this.settings.orders ?? [] };
      case "request_cancel":
        return (this.settings.orders ?? []).length === 0 ? { error: "no_such_order" } : { asked: true };
      case "get_shop_policy":
        return { text: { ...POLICIES, ...this.settings.policies }[String(args["topic"])] };
      case "hand_to_person":
        return { handed: true };
      default:
        return { error: "unknown_tool" };
    }
  }

  private get products(): TestProduct[] {
    return this.settings.products ?? [];
  }

  private search(query: unknown) {
    const words = typeof query === "string" ? query.toLowerCase().split(" ") : [];
    const found = this.products.filter((product) =>
      words.every((word) => `${product.name} ${product.description}`.toLowerCase().includes(word)),
    );
    return found.slice(0, 20).map((product) => ({
      ...product,
      options: product.options.map(({ price, ...option }) => ({ ...option, priceText: money(price) })),
    }));
  }

  private setLine(variantId: string, quantity: number) {
    const option = this.products
      .flatMap((product) => product.options)
      .find((option) => option.variantId === variantId);
    if (option === undefined) return { error: "unknown_variant", cart: this.cartView() };
    if (quantity > option.available) {
      return { error: "not_enough_stock", available: option.available, cart: this.cartView() };
    }
    if (quantity === 0) this.cart.delete(variantId);
    else this.cart.set(variantId, quantity);
    return { cart: this.cartView() };
  }

  private setContact(args: Record<string, unknown>) {
    if (this.cart.size === 0 && Object.keys(this.contact).length === 0) {
      return { saved: [], missing: this.missing(), error: "no_order_yet" };
    }
    const said = this.history.map((item) => JSON.stringify(item)).join("\n");
    const saved: string[] = [];
    let error: string | undefined;
    for (const [field, value] of Object.entries(args)) {
      if (typeof value !== "string") continue;
      if (!said.includes(JSON.stringify(value).slice(1, -1))) error = "not_said_by_customer";
      else if (field === "phone" && value.replace(/[^\d၀-၉]/gu, "").length < 9) error = "phone_invalid";
      else if (field === "township" && !this.townships.includes(value)) error = "township_unknown";
      else {
        this.contact[field] = value;
        saved.push(field);
      }
    }
    const { townships } = this;
    return { saved, missing: this.missing(), ...(error === undefined ? {} : { error, townships }) };
  }

  private missing(): string[] {
    const fields = ["name", "phone", "township", "address"].filter(
      (field) => this.contact[field] === undefined,
    );
    return this.methodId === undefined ? [...fields, "paymentMethod"] : fields;
  }

  private cartView() {
    let sum = 0;
    const lines = [...this.cart].map(([variantId, quantity]) => {
      const product = this.products.find((p) => p.options.some((option) => option.variantId === variantId));
      const option = product?.options.find((option) => option.variantId === variantId);
      const total = (option?.price ?? 0) * quantity;
      sum += total;
      const isOne = product?.options.length === 1;
      const name = isOne ? product.name : `${product?.name} (${option?.name})`;
      return { variantId, name, quantity, lineTotalText: money(total) };
    });
    return { lines, subtotalText: money(sum), missing: this.missing() };
  }
}

const ZONES = [
  { name: "Hlaing", feeText: "2,500 Ks" },
  { name: "Bahan", feeText: "2,000 Ks" },
  { name: "လှိုင်", feeText: "2,500 Ks" },
  { name: "ဗဟန်း", feeText: "2,000 Ks" },
  { name: "လှိုင်သာယာ", feeText: "3,500 Ks" },
];
const METHODS = [
  { paymentMethodId: "pm-kbz", name: "KBZPay", kind: "transfer" },
  { paymentMethodId: "pm-wave", name: "Wave Pay", kind: "transfer" },
  { paymentMethodId: "pm-cod", name: "Cash on delivery", kind: "cod" },
];
const POLICIES: Record<string, string> = {
  hours: "9:00–18:00, every day",
  delivery: "1–3 days in Yangon",
  returns: "within 7 days, unworn",
  payment: "KBZPay, Wave Pay or cash on delivery",
};
const TOOL_NAMES = [
  "search_products",
  "show_products",
  "set_cart_line",
  "set_contact",
  "set_payment_method",
  "prepare_summary",
  "get_orders",
  "request_cancel",
  "get_shop_policy",
  "hand_to_person",
];
const TOOLS: Tool[] = TOOL_NAMES.map((name) => ({
  type: "function",
  name,
  strict: true,
  parameters: { type: "object", properties: {}, additionalProperties: false },
}));

/** One product from a short line: `plain("Red dress", 15000)` or with options `[["S", 3], ["M", 5]]`. */
export function plain(
  name: string,
  price: number,
  options: [string, number][] = [["", 10]],
  description = "",
): TestProduct {
  const key = name.toLowerCase().replaceAll(" ", "-");
  return {
    productId: `prd-${key}`,
    name,
    description,
    options: options.map(([option, available]) => ({
      variantId: option === "" ? `var-${key}` : `var-${key}-${option.toLowerCase()}`,
      name: option,
      price,
      available,
    })),
  };
}

function message(role: "user" | "assistant", text: string): ResponseInputItem {
  const type = role === "user" ? "input_text" : "output_text";
  // The package types assistant history as a full output message; the API takes this shorter form, which the product sends.
  return { role, content: [{ type, text }] } as unknown as ResponseInputItem;
}

function money(amount: number): string {
  return `${amount.toLocaleString("en-US")} Ks`;
}
