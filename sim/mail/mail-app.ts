import { Hono } from "hono";
import { html } from "hono/html";

import type { SimContext } from "../sim-context.ts";
import type { Letter } from "./letters.ts";

/** The mailboxes of the simulated world as one page, newest first: a person finds the link to tap here. */
export function createMailApp(ctx: SimContext): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    const letters = ctx.letters.list(c.req.query("to")).toReversed();
    return c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Mails · Shopthread simulators</title>
          </head>
          <body>
            <main>
              <h1>Mails</h1>
              ${letters.length === 0 ? html`<p>None has arrived yet. Reload the page.</p>` : letters.map(shown)}
            </main>
          </body>
        </html>`,
    );
  });
  return app;
}

function shown({ at, from, to, subject, text }: Letter) {
  return html`<article>
    <h2>${subject}</h2>
    <p>${at} · from ${from} · to ${to}</p>
    <p>${text.split("\n").map((line) => html`${linked(line)}<br />`)}</p>
    <hr />
  </article>`;
}

function linked(line: string) {
  return /^https?:\/\/\S+$/.test(line) ? html`<a href="${line}">${line}</a>` : line;
}
