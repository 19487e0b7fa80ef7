import { fc } from "./properties.ts";

/** Real-shaped items of every kind that Messenger sends, for one customer of one Page. `n` makes them different events. */
export function sampleItems(page: string, customer: string, { n, at }: { n: number; at: number }): Json[] {
  const item = (fields: Json): Json => ({
    sender: { id: customer },
    recipient: { id: page },
    timestamp: at,
    ...fields,
  });
  const mid = (name: string) => `m_${name}_${n}`;
  const echo = { sender: { id: page }, recipient: { id: customer } };
  const picture = { type: "image", payload: { url: "https://scontent.fbcdn.net/a.jpg", sticker_id: 1 } };
  return [
    item({ message: { mid: mid("text"), text: `မင်္ဂလာပါ ${n}` } }),
    item({ message: { mid: mid("tap"), text: "Yes", quick_reply: { payload: "confirm:x" } } }),
    item({ message: { mid: mid("picture"), attachments: [picture, { type: "file", payload: {} }] } }),
    item({ message: { mid: mid("reply"), text: "this", reply_to: { mid: mid("text") } } }),
    item({
      ...echo,
      message: { mid: mid("echo"), is_echo: true, app_id: 1_517_776_481_860_111, text: "ok" },
    }),
    item({ message: { mid: mid("gone"), is_deleted: true } }),
    item({ message_edit: { mid: mid("text"), text: "changed", num_edit: n } }),
    item({
      postback: { mid: mid("postback"), payload: "GET_STARTED", title: "Start", referral: { ref: "a" } },
    }),
    item({ delivery: { mids: [mid("echo")], watermark: at } }),
    item({ read: { watermark: at } }),
    item({ reaction: { mid: mid("echo"), action: "react", emoji: "❤", reaction: "love" } }),
    item({ referral: { ref: `ad-${n}`, source: "ADS", type: "OPEN_THREAD" } }),
    item({ optin: { type: "one_time_notif_req" } }),
    item({ pass_thread_control: { new_owner_app_id: 2, previous_owner_app_id: 1, metadata: "" } }),
    item({ account_linking: { status: "linked", authorization_code: "x" } }),
    { recipient: { id: page }, timestamp: at, policy_enforcement: { action: "block", reason: `${n}` } },
    { recipient: { id: page }, timestamp: at, app_roles: { "1": ["primary_receiver"] } },
  ];
}

export type Json = Record<string, unknown>;

/** What takes the place of a value; also names for a key. */
const texts = [
  "",
  " ",
  "\u0000",
  "a\uD83D",
  "\uDE00b",
  "\uFEFF",
  "\u202E",
  "__proto__",
  "constructor",
  "toString",
];
const numbers = [
  0,
  -0,
  -1,
  0.5,
  1e-320,
  2 ** 53,
  -(2 ** 63),
  1.7e308,
  1,
  1_790_000_000,
  1_790_000_000_000_000,
];
const values: unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  ...texts,
  ...numbers,
  "1790000000000",
  "9".repeat(300),
  "x".repeat(5_000),
  "🙂".repeat(600),
];

type Mutation =
  | { do: "drop" | "duplicate" | "nest" | "grow" | "wrap" | "as_text" | "poison"; at: number }
  | { do: "rename"; at: number; name: string }
  | { do: "replace"; at: number; value: unknown };

/** One to four changes of an item, somewhere in it; what is left is JSON. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom("drop", "duplicate", "nest", "grow", "wrap", "as_text", "poison"),
      at: fc.nat(200),
    }),
    fc.record({ do: fc.constant("rename" as const), at: fc.nat(200), name: fc.constantFrom(...texts) }),
    fc.record({ do: fc.constant("replace" as const), at: fc.nat(200), value: fc.constantFrom(...values) }),
  ),
  { minLength: 1, maxLength: 4 },
);

export function mutate(item: unknown, mutations: readonly Mutation[]): unknown {
  const root = { item: structuredClone(item) };
  for (const mutation of mutations) apply(root, mutation);
  return root.item;
}

type Slot = { holder: Record<string, unknown>; key: string };

function apply(root: { item: unknown }, mutation: Mutation): void {
  const slots = slotsOf(root);
  const slot = slots[mutation.at % slots.length];
  if (slot === undefined) return;
  const { holder, key } = slot;
  const value = holder[key];
  switch (mutation.do) {
    case "drop":
      return void (holder === root ? (holder[key] = {}) : delete holder[key]);
    case "duplicate":
      return own(holder, `${key}2`, structuredClone(value));
    case "nest":
      return own(holder, key, nested(100, value));
    case "grow":
      return own(holder, key, Array(1_001).fill(typeof value === "object" ? null : value));
    case "wrap":
      return own(holder, key, [value]);
    case "as_text":
      return own(holder, key, typeof value === "string" ? Number(value) || 7 : JSON.stringify(value));
    case "poison":
      return own(holder, "__proto__", { isPolluted: true, mid: "m_polluted", id: "666", text: "polluted" });
    case "rename":
      if (holder !== root) delete holder[key];
      return own(holder, holder === root ? key : mutation.name, value);
    case "replace":
      return own(holder, key, structuredClone(mutation.value));
  }
}

/** `__proto__` as a plain key, as a JSON parser makes it. */
function own(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function slotsOf(value: unknown): Slot[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder)
    .slice(0, 20)
    .flatMap((key) => [{ holder, key }, ...slotsOf(holder[key])]);
}

function nested(depth: number, core: unknown): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), core);
}
