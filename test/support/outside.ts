import { Pool } from "pg";

import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import type { FaultSpec } from "../../sim/faults.ts";
import type { ModelMode } from "../../sim/model/model-sim.ts";
import type { SimCall } from "../../sim/sim-log.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import { eventually } from "./eventually.ts";
import { postJson } from "./house.ts";
import type { House, TestShop } from "./house.ts";
import type { Customer } from "./people.ts";

export type SeenOutside = {
  mid: string;
  from: "customer" | "page";
  at: string;
  kind: string;
  text: string | null;
  payload: string | null;
  metadata: string | null;
  quickReplies: { title: string; payload: string }[];
};

export type Delivery = {
  id: string;
  psid: string;
  pageId: string;
  state: string;
  item: Record<string, unknown>;
};

/** The levers and logs of the simulators, over HTTP. */
export class Outside {
  private readonly url: string;

  constructor({ sim }: { sim: { url: string } }) {
    this.url = sim.url;
  }

  async setModel(mode: ModelMode): Promise<void> {
    await fetch(`${this.url}/model/mode`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode }),
    });
  }

  /** Answers the id of the armed fault. */
  async arm(fault: FaultSpec): Promise<string> {
    const response = await postJson(`${this.url}/faults`, fault);
    return ((await response.json()) as { id: string }).id;
  }

  /** Of an armed fault; 0 when it is used up. */
  async timesLeft(id: string): Promise<number | null> {
    const armed = await this.read<{ id: string; times: number | null }[]>("/faults");
    return armed.find((fault) => fault.id === id)?.times ?? 0;
  }

  /** Everything works again. */
  async calm(): Promise<void> {
    await fetch(`${this.url}/faults`, { method: "DELETE" });
    await this.setModel("demo");
  }

  calls(to: "graph" | "model" | "push", since = 0): Promise<SimCall[]> {
    return this.read(`/calls?to=${to}&since=${since}`);
  }

  /** The calls of the model that speak for this shop. */
  async modelCallsOf(shopName: string, since = 0): Promise<SimCall[]> {
    const calls = await this.calls("model", since);
    return calls.filter(({ body }) => JSON.stringify(body).includes(shopName));
  }

  messages(pageId: string, psid: string): Promise<SeenOutside[]> {
    return this.read(`/customers/${psid}/messages?pageId=${pageId}`);
  }

  deliveries(state: "pending" | "delivered" | "lost" | "given_up"): Promise<Delivery[]> {
    return this.read(`/webhooks?state=${state}`);
  }

  /** Delivers once, signed as Meta does; the product's answer, null when none came. */
  async deliver(body: unknown): Promise<number | null> {
    const response = await postJson(`${this.url}/webhooks`, { body });
    return ((await response.json()) as { status: number | null }).status;
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
    await this.deliver({ object: "page", entry: [entry] });
  }

  /** A person writes to the customer in Business Suite. */
  async humanWrites(shop: TestShop, customer: Customer, text: string): Promise<void> {
    await postJson(`${this.url}/pages/${shop.metaPageId}/echoes`, { psid: customer.psid, text });
  }

  private async read<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return (await response.json()) as T;
  }
}

/** Rows as they stand, by the superuser, whom row security does not bind. */
export async function rowsOf<Row extends object>(
  house: House,
  query: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await ownerPool(house).query<Row>(query, values)).rows;
}

const ownerPools = new Map<string, Pool>();

/** A connection costs as much as twenty questions. Those that nobody uses end by themselves, or with the database. */
function ownerPool({ database: { urls } }: House): Pool {
  const known = ownerPools.get(urls.owner);
  if (known) return known;
  const pool = new Pool({
    connectionString: urls.owner,
    max: 3,
    idleTimeoutMillis: 2_000,
    allowExitOnIdle: true,
  });
  pool.on("error", () => undefined);
  ownerPools.set(urls.owner, pool);
  return pool;
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
      if ((await new Outside(house).deliveries("pending")).length > 0) return false;
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
