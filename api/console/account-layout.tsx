import type { Child } from "hono/jsx";

import type { ConsoleContext } from "./console-env.ts";
import { Document, sendPage } from "./layout.tsx";
import { FlashBox } from "./parts.tsx";

/** A page of the account itself: without a shop, which it may not have. */
export function showAccountPage(
  c: ConsoleContext,
  { title, children }: { title: string; children: Child },
): Promise<Response> {
  const { visit, flash } = c.var;
  const { session, words } = visit;
  return sendPage(
    c,
    <Document c={c} language={session.language} title={`${title} · Shopthread`}>
      <main id="main" class="account">
        <h1>{title}</h1>
        <FlashBox flash={flash} viewer={visit} />
        {children}
        <form method="post" action="/console/sign-out">
          <button class="quiet">{words.session.signOut}</button>
        </form>
      </main>
    </Document>,
  );
}
