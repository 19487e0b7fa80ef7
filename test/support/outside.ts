import { Client } from "pg";

import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import type { FaultSpec } from "../../sim/faults.ts";
import type { ModelMode } from "../../sim/model/model-sim.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import { eventually } from "./eventually.ts";
import { postJson } from "./house.ts";
import type { House, TestShop } from "./house.ts";
import type { Customer } from "./people.ts";

export type Call = { seq: number; path: string; body: unknown; status: number | null; outcome: string };

/** The levers of the simulators of a house. */
export class Outside {
  private readonly house: House;

  constructor(house: House) {
    this.house = house;
  }

  async setModel(mode: ModelMode): Promise<void> {
    await fetch(`${this.house.sim.url}/model/mode`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode }),
    });
  }

  async arm(fault: FaultSpec): Promise<void> {
    await postJson(`${this.house.sim.url}/faults`, fault);
  }

  /** Everything works again. */
  async calm(): Promise<void> {
    await fetch(`${this.house.sim.url}/faults`, { method: "DELETE" });
    await this.setModel("demo");
  }

  async calls(to: "graph" | "model" | "push", since = 0): Promise<Call[]> {
    const response = await fetch(`${this.house.sim.url}/calls?to=${to}&since=${since}`);
    return (await response.json()) as Call[];
  }

  /** The calls of the model that speak for this shop. */
  async modelCallsOf(shopName: string, since = 0): Promise<Call[]> {
    const calls = await this.calls("model", since);
    return calls.filter(({ body }) => JSON.stringify(body).includes(shopName));
  }

  /** What Meta sends us of a thread, as its controller or as a copy of another app's. */
  async metaSends(
    { shop, customer }: { shop: TestShop; customer: Customer },
    channel: "messaging" | "standby",
    item: Record<string, unknown>,
  ): Promise<void> {
    const isEcho = (item["message"] as { is_echo?: boolean } | undefined)?.is_echo === true;
    const [page, person] = [{ id: shop.metaPageId }, { id: customer.psid }];
    const sides = isEcho ? { sender: page, recipient: person } : { sender: person, recipient: page };
    const entry = {
      id: shop.metaPageId,
      time: Date.now(),
      [channel]: [{ ...sides, timestamp: Date.now(), ...item }],
    };
    await postJson(`${this.house.sim.url}/webhooks`, { body: { object: "page", entry: [entry] } });
  }

  /** A person writes to the customer in Business Suite. */
  async humanWrites(shop: TestShop, customer: Customer, text: string): Promise<void> {
    await postJson(`${this.house.sim.url}/pages/${shop.metaPageId}/echoes`, { psid: customer.psid, text });
  }
}

/** Rows as they stand, by the superuser, whom row security does not bind. */
export async function rowsOf<Row extends object>(
  house: House,
  query: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: house.database.urls.owner });
  await client.connect();
  try {
    return (await client.query<Row>(query, values)).rows;
  } finally {
    await client.end();
  }
}

/** The only customer of a fresh shop, once the door has let them in. */
export function onlyCustomer(house: House, shopId: ShopId): Promise<CustomerId> {
  return eventually("the shop has a customer", async () => {
    const rows = await rowsOf<{ id: CustomerId }>(house, "select id from customers where shop_id = $1", [
      shopId,
    ]);
    return rows[0]?.id;
  });
}

export type TurnSeen = { seq: number; state: string; outcome: string | null; rounds: number | null };

export function turnsOf(house: House, shopId: ShopId): Promise<TurnSeen[]> {
  return rowsOf<TurnSeen>(
    house,
    "select seq, state, outcome, rounds from turns where shop_id = $1 order by seq",
    [shopId],
  );
}

/**
 * Waits until every webhook is delivered and nothing of the shop's conversations is unclaimed, unstored or unsent; then
 * absence can be asserted.
 */
export async function settled(house: House, shopId: ShopId, timeoutMs = 15_000): Promise<void> {
  await eventually(
    "the conversation is at rest",
    async () => {
      const response = await fetch(`${house.sim.url}/webhooks?state=pending`);
      if (((await response.json()) as unknown[]).length > 0) return false;
      const [row] = await rowsOf<{ open: string }>(
        house,
        `select (select count(*) from intake where shop_id = $1 and claimed_at is null)
              + (select count(*) from turns where shop_id = $1
                  and (state = 'claimed' or (decision is not null and not is_decided)))
              + (select count(*) from outbox where shop_id = $1 and state in ('queued', 'sending')) as open`,
        [shopId],
      );
      return row?.open === "0";
    },
    timeoutMs,
  );
}

/** What the conversation's workflow has cost so far. */
export async function conversationHistory(house: House, customerId: CustomerId): Promise<string[]> {
  const id = conversationWorkflowId(toTypeId("cus", customerId));
  const history = await house.core.temporal.client.workflow.getHandle(id).fetchHistory();
  return (history.events ?? []).map(
    (event) => Object.keys(event).find((key) => key.endsWith("EventAttributes")) ?? "unknown",
  );
}
