import type { ContentfulStatusCode } from "hono/utils/http-status";

import { toProblem } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { ApiProblem } from "./call-api.ts";
import type { ConsoleContext, Viewer, Visit } from "./console-env.ts";
import { Document, sendPage, showPage } from "./layout.tsx";
import { refererPath } from "./see-other.ts";
import { languageOf } from "./session-language.ts";
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
    const children = <Explanation c={c} words={words} problem={problem} />;
    return await showPage(c, { title: words.errorTitle, section: null, children });
  } catch {
    return showBare(c, problem);
  }
}

async function showBare(c: ConsoleContext, problem: Problem): Promise<Response> {
  const visit: Visit | undefined = c.var.visit;
  const language = visit?.session.language ?? languageOf(c);
  const words = wordsOf(language);
  return sendPage(
    c,
    <Document c={c} language={language} title={titleOf(problem, words)}>
      <main id="main">
        <Explanation c={c} words={words} problem={problem} />
      </main>
    </Document>,
  );
}

/** Of an account for which there are no pages yet: nothing went wrong, it has to go on. */
const hasNoPages = new Set(["shop.none", "account.unverified"]);

function titleOf({ code }: Problem, words: Words): string {
  return hasNoPages.has(code) ? words.nextStepTitle : words.errorTitle;
}

function Explanation({ c, words, problem }: { c: ConsoleContext; words: Words; problem: Problem }) {
  const known: Readonly<Record<string, string>> = words.problems;
  const isForm = c.req.method === "POST";
  return (
    <section class="card">
      <h1>{titleOf(problem, words)}</h1>
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
          <a class="button" href={isForm ? refererPath(c) : "/console"}>
            {isForm ? words.backToForm : words.account.back}
          </a>
        </p>
      )}
      <p class="muted">
        {words.errorNumber}: <code>{problem.instance}</code>
      </p>
    </section>
  );
}
