import { createHmac } from "node:crypto";

import { createMessengerClient } from "../../clients/messenger.ts";
import { createMetaLogin } from "../../clients/meta-login.ts";
import type { FaultSpec } from "../../sim/faults.ts";
import { startSim } from "../../sim/start-sim.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { postJson } from "../support/house.ts";
import { appSecret, ownAppId, verifyToken } from "./api-world.ts";
import type { Answer } from "./owner-world.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";
import { anywhere } from "../support/egress.ts";

/** The owner's API before a simulated Facebook. */
export async function createPageWorld() {
  const world = await createOwnerWorld();
  const sim = await startSim({
    port: 0,
    webhookUrl: "http://127.0.0.1:9/webhooks/messenger",
    page: { id: "110000000000001", name: "Nobody's Page", accessToken: "EAAnobody" },
    appId: ownAppId,
    appSecret,
    verifyToken,
  });
  const graph = {
    egress: anywhere,
    baseUrl: sim.url,
    version: "v26.0",
    appId: ownAppId,
    appSecret,
    timeoutMs: 2_000,
  };
  Object.assign(world.deps, {
    messenger: createMessengerClient(graph),
    metaLogin: createMetaLogin({ ...graph, dialogUrl: sim.url }),
  });
  return {
    ...world,
    sim,
    facebook: new Facebook(sim),
    addTenant: async () => {
      const tenant = await world.addTenant();
      await world.attest(tenant.shopId);
      return tenant;
    },
    addUnattested: () => world.addTenant(),
    close: async () => {
      await sim.close();
      await world.close();
    },
  };
}

export type PageWorld = Awaited<ReturnType<typeof createPageWorld>>;

export class Facebook {
  private readonly sim: RunningSim;
  private pages = 0;

  constructor(sim: RunningSim) {
    this.sim = sim;
  }

  /** A person with so many Pages of their own, whose numbers come back. */
  async addPerson(pageCount: number): Promise<{ personId: string; pageIds: string[] }> {
    const pageIds: string[] = [];
    for (let count = 0; count < pageCount; count += 1) {
      const id = `1199${String((this.pages += 1)).padStart(11, "0")}`;
      await postJson(`${this.sim.url}/pages`, { id, name: `Page ${id}`, isSubscribed: false });
      pageIds.push(id);
    }
    const person = await postJson(`${this.sim.url}/accounts`, { name: "Ma Hla", pageIds });
    return { personId: ((await person.json()) as { id: string }).id, pageIds };
  }

  /** What the person does in the dialog; where the browser is led to then. */
  async answer(
    authoriseUrl: string,
    choice: { personId: string; pageIds: string[] } | "refuse",
  ): Promise<URLSearchParams> {
    const form = new URL(authoriseUrl).searchParams;
    if (choice === "refuse") form.set("answer", "refuse");
    else {
      form.set("answer", "grant");
      form.set("account", choice.personId);
      for (const id of choice.pageIds) form.append("page", id);
    }
    const url = authoriseUrl.split("?")[0] ?? "";
    const response = await fetch(url, { method: "POST", body: form, redirect: "manual" });
    return new URL(response.headers.get("location") ?? "").searchParams;
  }

  async subscriptionsOf(pageId: string): Promise<string[]> {
    const pages = (await (await fetch(`${this.sim.url}/pages`)).json()) as {
      id: string;
      subscriptions: Record<string, string[]>;
    }[];
    return Object.keys(pages.find(({ id }) => id === pageId)?.subscriptions ?? {});
  }

  async arm(fault: FaultSpec): Promise<void> {
    await postJson(`${this.sim.url}/faults`, fault);
  }

  async calm(): Promise<void> {
    await fetch(`${this.sim.url}/faults`, { method: "DELETE" });
  }

  post(path: string): Promise<Response> {
    return postJson(this.sim.url + path, {});
  }
}

type Person = Awaited<ReturnType<Facebook["addPerson"]>>;

export async function start(world: OwnerWorld, token: string) {
  const started = await world.ask("POST", "/v1/page-connections", { token });
  const { id, authoriseUrl } = started.body as { id: string; authoriseUrl: string };
  return { id, authoriseUrl, status: started.status };
}

export function complete(world: OwnerWorld, token: string, back: URLSearchParams): Promise<Answer> {
  const [state, code] = [back.get("state"), back.get("code")];
  const body = { state, ...(code === null ? {} : { code }) };
  return world.ask("POST", "/v1/page-connections/complete", { token, body });
}

/** Through the dialog, up to the list of Pages. */
export async function signInAtFacebook(
  world: PageWorld,
  token: string,
  person: Person,
): Promise<{ id: string; pages: { metaPageId: string }[] }> {
  const { authoriseUrl } = await start(world, token);
  const back = await world.facebook.answer(authoriseUrl, person);
  return (await complete(world, token, back)).body;
}

export function connect(world: OwnerWorld, token: string, id: string, metaPageId: string): Promise<Answer> {
  return world.ask("POST", `/v1/page-connections/${id}/pages`, { token, body: { metaPageId } });
}

export function signedRequest(
  userId: string | number,
  { secret = appSecret, issuedAt = new Date() }: { secret?: string; issuedAt?: Date } = {},
): URLSearchParams {
  const issued = Math.floor(issuedAt.getTime() / 1_000);
  const json = JSON.stringify({ algorithm: "HMAC-SHA256", issued_at: issued, user_id: userId });
  const payload = Buffer.from(json).toString("base64url");
  const signature = createHmac("sha256", secret).update(payload).digest("base64url");
  return new URLSearchParams({ signed_request: `${signature}.${payload}` });
}
