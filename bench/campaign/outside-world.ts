import type { FaultSpec } from "../../sim/faults.ts";
import type { SimCall } from "../../sim/sim-log.ts";
import { postJson } from "../../test/support/house.ts";

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

/** The simulators' levers and logs, over HTTP. */
export class OutsideWorld {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
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

  async setModel(mode: "demo" | "adversary" | "slow"): Promise<void> {
    await fetch(`${this.url}/model/mode`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode }),
    });
  }

  async calm(): Promise<void> {
    await fetch(`${this.url}/faults`, { method: "DELETE" });
    await this.setModel("demo");
  }

  messages(pageId: string, psid: string): Promise<SeenOutside[]> {
    return this.read(`/customers/${psid}/messages?pageId=${pageId}`);
  }

  deliveries(state: "pending" | "delivered" | "lost" | "given_up"): Promise<Delivery[]> {
    return this.read(`/webhooks?state=${state}`);
  }

  calls(to: "graph" | "model" | "push"): Promise<SimCall[]> {
    return this.read(`/calls?to=${to}`);
  }

  /** Delivers once, signed as Meta does; the product's answer, null when none came. */
  async deliver(body: unknown): Promise<number | null> {
    const response = await postJson(`${this.url}/webhooks`, { body });
    return ((await response.json()) as { status: number | null }).status;
  }

  private async read<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return (await response.json()) as T;
  }
}
