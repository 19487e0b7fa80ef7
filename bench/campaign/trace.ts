import { toTypeId } from "../../domain/id.ts";
import { findCustomer } from "../system/bench-shop.ts";
import type { StruckFault } from "./faults/fault-kind.ts";
import type { Observation, Violation } from "./oracles/observation.ts";

type Line = { at: number; text: string };

/** The story of whom a violation concerns, line by line, with the faults that struck meanwhile. */
export async function traceOf(
  seen: Observation,
  violation: Violation,
  faults: StruckFault[],
): Promise<string> {
  const lines: Line[] = [
    ...conversationOf(seen, violation),
    ...(await workOn(seen, violation)),
    ...(violation.orderId === undefined ? [] : await orderStory(seen, violation.orderId)),
  ];
  const [from, to] = [Math.min(...lines.map(({ at }) => at)), Math.max(...lines.map(({ at }) => at))];
  const struck = faults
    .filter(({ at }) => lines.length === 0 || (at > from - 30_000 && at < to + 5_000))
    .map(({ at, id, title, what }) => ({ at, text: `!! ${id} ${title}: ${what}` }));
  return [`${violation.invariant}: ${violation.what}`, ...toLines([...lines, ...struck])].join("\n");
}

function conversationOf({ customers }: Observation, { psid }: Violation): Line[] {
  const customer = customers.find((one) => one.psid === psid);
  return (customer?.messages ?? []).map(({ from, at, text, payload, kind, metadata }) => ({
    at: Date.parse(at),
    text: `${from === "customer" ? ">" : "<"} ${text ?? payload ?? kind}${metadata ? `  [${metadata}]` : ""}`,
  }));
}

/** What the product made of the conversation, and what its owner asked for. */
async function workOn({ town, customers, shops, rows }: Observation, { psid }: Violation): Promise<Line[]> {
  const customer = customers.find((one) => one.psid === psid);
  const shop = shops.find((one) => one.shop.metaPageId === customer?.pageId);
  if (!customer || !shop) return [];
  const customerId = await findCustomer(town.core, shop.shop.shopId, customer.psid);
  const turns = await rows<{ at: Date; text: string }>(
    `select claimed_at as at, concat_ws(' ', 'turn', seq, state, outcome, error_code, 'tries', attempt) as text
     from turns where customer_id = $1
     union all select created_at, concat_ws(' ', 'message', seq, business_key, part, state, error_code, 'tries', attempts)
     from outbox where customer_id = $1`,
    [customerId],
  );
  const asked = shop.owner.decisions.filter(({ path }) => path.includes(toTypeId("cus", customerId)));
  return [
    ...turns.map(({ at, text }) => ({ at: at.getTime(), text: `-- ${text}` })),
    ...asked.map(({ at, path, statuses }) => ({ at, text: `owner: ${path} ${statuses.join(" ")}` })),
  ];
}

async function orderStory({ rows }: Observation, orderId: string): Promise<Line[]> {
  const events = await rows<{ at: Date; type: string; data: unknown }>(
    "select at, type, data from order_events where order_id = $1",
    [orderId],
  );
  const parts = await rows<{ created_at: Date; business_key: string; state: string }>(
    "select created_at, business_key, state from outbox where order_id = $1",
    [orderId],
  );
  return [
    ...events.map(({ at, type, data }) => ({
      at: at.getTime(),
      text: `order ${type} ${JSON.stringify(data)}`,
    })),
    ...parts.map((part) => ({
      at: part.created_at.getTime(),
      text: `message ${part.business_key}: ${part.state}`,
    })),
  ];
}

function toLines(lines: Line[]): string[] {
  return lines
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${new Date(at).toISOString().slice(11, 23)} ${text.replaceAll("\n", " / ")}`);
}
