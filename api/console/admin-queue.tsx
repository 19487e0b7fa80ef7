import type { Child } from "hono/jsx";

import type { PageOf } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { AdminSection } from "./admin-sections.ts";
import type { ConsoleContext, Visitor } from "./console-env.ts";
import { platformTimeZone, showAdminPage } from "./layout.tsx";
import { Older } from "./parts.tsx";

/** Who looks at a page of the platform, in whose own time it is. */
export type AdminPlace = Visitor & { shop: { timeZone: string } };

export function adminPlace(c: ConsoleContext): AdminPlace {
  return { ...c.var.visitor, shop: { timeZone: platformTimeZone } };
}

type Queue<State extends string, Item> = {
  section: AdminSection;
  title: string;
  /** Of the API, below `/v1`; `by` is the name of its filter. */
  path: string;
  by: "state" | "queue";
  states: readonly State[];
  shown: State;
  names: Record<State, string>;
  /** Above the tabs, and below them. */
  before?: Child;
  lead?: string;
  empty: string;
  row: (item: Item, viewer: AdminPlace) => Child;
};

/** A list that admins work off: a tab for each of its states, and the way to what is older. */
export async function showQueue<State extends string, Item>(
  c: ConsoleContext,
  queue: Queue<State, Item>,
): Promise<Response> {
  const viewer = adminPlace(c);
  const { order } = viewer.words;
  const { section, title, by, shown } = queue;
  const page = `/console/admin/${section}`;
  const cursor = c.req.query("cursor");
  const after = (place: string) => `&cursor=${encodeURIComponent(place)}`;
  const path = `${queue.path}?${by}=${shown}${cursor === undefined ? "" : after(cursor)}`;
  const { data, nextCursor: next } = await callApi<PageOf<Item>>(c, { method: "GET", path });
  return showAdminPage(c, {
    title,
    section,
    children: (
      <>
        <h1>{title}</h1>
        {queue.before}
        <nav class="tabs" aria-label={order.boards}>
          {queue.states.map((state) => (
            <a href={`${page}?${by}=${state}`} aria-current={state === shown ? "page" : undefined}>
              <span>{queue.names[state]}</span>
            </a>
          ))}
        </nav>
        {queue.lead === undefined ? null : <p class="muted lead-in">{queue.lead}</p>}
        {data.length === 0 ? <p class="empty">{queue.empty}</p> : null}
        <ul class="rows">
          {data.map((item) => (
            <li>{queue.row(item, viewer)}</li>
          ))}
        </ul>
        <Older path={next && `${page}?${by}=${shown}${after(next)}`} text={order.older} />
      </>
    ),
  });
}

/** A case as its queue shows it. */
export function QueueRow({
  href,
  end,
  since,
  children,
}: {
  href: string;
  end?: Child;
  since: Child;
  children: Child;
}) {
  return (
    <a class="row" href={href}>
      <span class="row-main">{children}</span>
      {end === undefined ? null : <span class="row-end">{end}</span>}
      <span class="row-end muted">{since}</span>
    </a>
  );
}
