import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { Hono } from "hono";
import { html } from "hono/html";
import type { SimContext } from "../sim-context.ts";
import type { SimAccount, SimPage } from "../world/world-types.ts";

type Asked = { appId: string; redirectUri: string; state: string };

const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
const style =
  "body{font:16px sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}label{display:block;margin:.4rem 0}fieldset{margin:1rem 0}";

/** Facebook's login dialog: the tester is one of the accounts, and lets the app use Pages of it, or refuses. */
export function createLoginDialog(ctx: SimContext): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const asked = readAsked(ctx, new URL(c.req.url).searchParams);
    if (typeof asked === "string") return c.text(asked, 400);
    c.header("content-security-policy", contentSecurityPolicy);
    c.header("referrer-policy", "no-referrer");
    return c.html(await dialogPage(ctx, asked));
  });
  app.post("/", async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const asked = readAsked(ctx, form);
    if (typeof asked === "string") return c.text(asked, 400);
    return form.get("answer") === "refuse" ? refuse(c, asked) : grant(ctx, c, { asked, form });
  });
  return app;
}

/** A text: why it is no request of an app. */
function readAsked(ctx: SimContext, from: URLSearchParams): Asked | string {
  const appId = from.get("client_id") ?? "";
  const redirectUri = from.get("redirect_uri") ?? "";
  if (!ctx.world.findApp(appId))
    return "Invalid App ID: The provided app ID does not look like a valid app ID.";
  if (!URL.canParse(redirectUri)) return "The redirect_uri URL must be absolute";
  return { appId, redirectUri, state: from.get("state") ?? "" };
}

function dialogPage(ctx: SimContext, { appId, redirectUri, state }: Asked) {
  const hidden = { client_id: appId, redirect_uri: redirectUri, state };
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const forms = ctx.world.listAccounts().map(
    (account) =>
      html`<form method="post">
        ${fields}<input type="hidden" name="account" value="${account.id}" />
        <fieldset>
          <legend>${account.name}</legend>
          ${pagesOf(ctx, account).map(
            ({ id, name }) =>
              html`<label
                ><input type="checkbox" name="page" value="${id}" checked /> ${name} (${id})</label
              >`,
          )}
          <button name="answer" value="grant">Continue as ${account.name}</button>
        </fieldset>
      </form>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Log in (simulated Facebook)</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1>Simulated Facebook</h1>
          <p>App ${appId} asks for Pages. Choose who you are, and which Pages it may use.</p>
          ${forms}
          <form method="post">${fields}<button name="answer" value="refuse">Not now</button></form>
        </main>
      </body>
    </html>`;
}

export function pagesOf(ctx: SimContext, account: SimAccount): SimPage[] {
  const { pageIds } = account;
  return ctx.world.listPages().filter(({ id }) => pageIds === null || pageIds.includes(id));
}

function refuse(c: Context, { redirectUri, state }: Asked): Response {
  const url = new URL(redirectUri);
  const answer = {
    error: "access_denied",
    error_code: "200",
    error_reason: "user_denied",
    error_description: "Permissions error",
    state,
  };
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return c.redirect(url.href, 302);
}

function grant(
  ctx: SimContext,
  c: Context,
  { asked, form }: { asked: Asked; form: URLSearchParams },
): Response {
  const account = ctx.world.findAccount(form.get("account") ?? "");
  if (!account) return c.text("There is no such account", 400);
  const own = new Set(pagesOf(ctx, account).map(({ id }) => id));
  const pageIds = form.getAll("page").filter((id) => own.has(id));
  const code = `AQ${randomBytes(48).toString("base64url")}`;
  const { appId, redirectUri, state } = asked;
  ctx.world.putLogin({ token: code, kind: "code", accountId: account.id, appId, pageIds, redirectUri });
  const url = new URL(redirectUri);
  url.searchParams.set("code", code);
  url.searchParams.set("state", state);
  return c.redirect(url.href, 302);
}
