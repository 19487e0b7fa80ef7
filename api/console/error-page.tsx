import type { ContentfulStatusCode } from "hono/utils/http-status";

import { toProblem } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { ApiProblem } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { Document, sendPage, showPage } from "./layout.tsx";
import { wordsOf } from "./words.ts";
import type { Words } from "./words.ts";

/** A problem as a page in the viewer's language; unexpected errors are logged and say nothing. */
export async function showError(c: ConsoleContext, error: unknown): Promise<Response> {
  const problem = error instanceof ApiProblem ? error.problem : toProblem(error, c.var.requestId);
  const isOurs = !(error instanceof ApiProblem) && problem.status >= 500;
  if (isOurs) {
    const { requestId, deps } = c.var;
    deps.log.error({ requestId, err: error }, "console.page_failed");
  }
  c.status(problem.status as ContentfulStatusCode);
  const viewer: Viewer | undefined = c.var.viewer;
  return viewer === undefined ? showBare(c, problem) : showWithin(c, viewer, problem);
}

async function showWithin(c: ConsoleContext, viewer: Viewer, problem: Problem): Promise<Response> {
  const { words } = viewer;
  // Reading what the layout needs may fail for the same reason.
  try {
    const children = <Explanation words={words} problem={problem} />;
    return await showPage(c, { title: words.errorTitle, section: null, children });
  } catch {
    return showBare(c, problem);
  }
}

async function showBare(c: ConsoleContext, problem: Problem): Promise<Response> {
  const words = wordsOf("en");
  return sendPage(
    c,
    <Document c={c} language="en" title={words.errorTitle}>
      <main id="main">
        <Explanation words={words} problem={problem} />
      </main>
    </Document>,
  );
}

/** Of an account for which there are no pages yet. */
const hasNoPages = new Set(["shop.none", "account.unverified"]);

function Explanation({ words, problem }: { words: Words; problem: Problem }) {
  const known: Readonly<Record<string, string>> = words.problems;
  return (
    <section class="card">
      <h1>{words.errorTitle}</h1>
      <p role="alert">{known[problem.code] ?? problem.detail ?? words.problems.internal}</p>
      {problem.code === "shop.none" ? (
        <p>
          <a class="button" href="/console/new-shop">
            {words.newShop.title}
          </a>{" "}
          <a class="button" href="/console/join">
            {words.team.accept}
          </a>
        </p>
      ) : null}
      {problem.code === "account.unverified" ? (
        <p>
          <a class="button" href="/console/verify">
            {words.verify.title}
          </a>
        </p>
      ) : null}
      {hasNoPages.has(problem.code) ? (
        <form method="post" action="/console/sign-out">
          <button>{words.session.signOut}</button>
        </form>
      ) : (
        <p>
          <a class="button" href="/console">
            {words.account.back}
          </a>
        </p>
      )}
      <p class="muted">
        {words.errorNumber}: <code>{problem.instance}</code>
      </p>
    </section>
  );
}
