import type { Hono } from "hono";

import type { PageConnection, StartedPageConnection } from "./api-types.ts";
import { ApiProblem, callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { setFlash } from "./flash.ts";
import { readForm } from "./form.ts";
import { showPage } from "./layout.tsx";
import { Said } from "./parts.tsx";
import { wordFor } from "./words.ts";

const shopPage = "/console/shop";
const connections = "/console/pages/connections";

/** Connecting, looking at and disconnecting Facebook Pages; the shop's page lists them. */
export function mountPages(app: Hono<ConsoleEnv>): void {
  app.post("/pages/connections", (c) => startConnection(c));
  app.get("/pages/callback", (c) => completeConnection(c));
  app.get("/pages/connections/:id", (c) => showChoice(c, c.req.param("id")));

  app.post("/pages/connections/:id", async (c) => {
    const id = encodeURIComponent(c.req.param("id"));
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: `/page-connections/${id}/pages`,
        body: { metaPageId: form.required("metaPageId") },
      }),
      done: "pageConnected",
      page: `${connections}/${id}`,
    });
  });

  app.post("/pages/:pageId/check", (c) => change(c, c.req.param("pageId"), "check", "pageChecked"));
  app.post("/pages/:pageId/disconnect", (c) =>
    change(c, c.req.param("pageId"), "disconnect", "pageDisconnected"),
  );
}

function change(
  c: ConsoleContext,
  pageId: string,
  verb: "check" | "disconnect",
  done: "pageChecked" | "pageDisconnected",
): Promise<Response> {
  const path = `/pages/${encodeURIComponent(pageId)}/${verb}`;
  return carryOut(c, { call: () => ({ method: "POST", path }), done, page: shopPage });
}

/** A form may lead to our own pages only, so that Facebook is a link on the next page. */
async function startConnection(c: ConsoleContext): Promise<Response> {
  let started: StartedPageConnection;
  try {
    started = await callApi<StartedPageConnection>(c, { method: "POST", path: "/page-connections" });
  } catch (error) {
    flashProblem(c, error);
    return c.redirect(shopPage, 303);
  }
  const { words } = c.var.viewer;
  return showPage(c, {
    title: words.pages.leaving,
    section: "shop",
    children: (
      <>
        <h1>{words.pages.leaving}</h1>
        <p>{words.pages.leavingHelp}</p>
        <p>
          <a class="button primary" href={started.authoriseUrl} rel="noreferrer">
            {words.pages.goOn}
          </a>
        </p>
        <Back c={c} />
      </>
    ),
  });
}

/** Where Facebook leads the browser back to. */
async function completeConnection(c: ConsoleContext): Promise<Response> {
  const { state = "", code } = c.req.query();
  try {
    const body = { state, ...(code === undefined ? {} : { code }) };
    const path = "/page-connections/complete";
    const { id } = await callApi<PageConnection>(c, { method: "POST", path, body });
    return c.redirect(`${connections}/${id}`, 303);
  } catch (error) {
    if (!isNoLogin(error)) throw error;
    setFlash(c, { kind: "problem", code: "page.login_unknown" });
    return c.redirect(shopPage, 303);
  }
}

/** Not this session's, used before, too old, or never ours. */
function isNoLogin(error: unknown): boolean {
  return error instanceof ApiProblem && [403, 404, 422].includes(error.problem.status);
}

async function showChoice(c: ConsoleContext, id: string): Promise<Response> {
  const { words } = c.var.viewer;
  const path = `/page-connections/${encodeURIComponent(id)}`;
  const { problem, pages } = await callApi<PageConnection>(c, { method: "GET", path });
  return showPage(c, {
    title: words.pages.choose,
    section: "shop",
    children: (
      <>
        <h1>{words.pages.choose}</h1>
        {problem === null ? (
          <p>{words.pages.chooseHelp}</p>
        ) : (
          <p class="caution">{wordFor(words.problems, problem)}</p>
        )}
        <ul class="zones">
          {pages.map(({ metaPageId, name }) => (
            <li>
              <form method="post" action={`${connections}/${id}`}>
                <input type="hidden" name="metaPageId" value={metaPageId} />
                <strong>
                  <Said text={name} />
                </strong>{" "}
                <span class="muted">{metaPageId}</span>{" "}
                <button class="primary">{words.pages.connectThis}</button>
              </form>
            </li>
          ))}
        </ul>
        <form method="post" action={connections}>
          <button>{words.pages.again}</button>
        </form>
        <Back c={c} />
      </>
    ),
  });
}

function Back({ c }: { c: ConsoleContext }) {
  return (
    <p>
      <a href={shopPage}>{c.var.viewer.words.pages.back}</a>
    </p>
  );
}
