import { mountConsole } from "../../api/console/console.ts";
import { openLiveEvents } from "../../api/console/live-events.ts";
import type { ApiPart } from "../../api/app.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { publicUrl } from "../api/api-world.ts";

export type Page = { status: number; headers: Headers; html: string };
export type Visit = {
  session?: string;
  form?: Record<string, string> | FormData;
  headers?: Record<string, string>;
};

/** The console over its API, with live notices of a real database. */
export async function createConsoleWorld(given?: OwnerWorld) {
  const world = given ?? (await createOwnerWorld());
  const live = openLiveEvents({ url: world.database.urls.api, log: world.deps.log });
  mount(world, [mountConsole(live)]);

  async function visit(method: "GET" | "POST", path: string, { session, form, headers = {} }: Visit = {}) {
    const response = await world.api.app.request(path, {
      method,
      headers: {
        ...(session === undefined ? {} : { cookie: `session=${session}` }),
        ...(method === "POST" ? { origin: publicUrl } : {}),
        ...headers,
      },
      ...(form === undefined ? {} : { body: form instanceof FormData ? form : new URLSearchParams(form) }),
    });
    const page: Page = { status: response.status, headers: response.headers, html: await response.text() };
    await world.api.drained();
    return page;
  }

  return {
    ...world,
    live,
    visit,
    close: async () => {
      await live.close();
      await world.close();
    },
  };
}

export type ConsoleWorld = Awaited<ReturnType<typeof createConsoleWorld>>;

function mount({ api, deps }: Awaited<ReturnType<typeof createOwnerWorld>>, parts: ApiPart[]): void {
  for (const part of parts) part(api.app, deps);
}
