import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { Problem } from "../problem.ts";
import type { ConsoleContext } from "./console-env.ts";
import type { Form } from "./form.ts";
import { showPage } from "./layout.tsx";

/** Offers the very same request again, with its key: it is carried out once, however often it is sent. */
export async function showRetry(
  c: ConsoleContext,
  { problem, form, back }: { problem: Problem; form: Form; back: { page: string; title: string } },
): Promise<Response> {
  const { words } = c.var.viewer;
  const isUnknown = problem.status === 504;
  c.status(problem.status as ContentfulStatusCode);
  return showPage(c, {
    title: words.errorTitle,
    section: null,
    children: (
      <section class="card card-act">
        <h1>{isUnknown ? words.decide.unknownTitle : words.decide.awayTitle}</h1>
        <p>{isUnknown ? words.decide.unknownLead : words.decide.awayLead}</p>
        <form method="post" action={new URL(c.req.url).pathname}>
          {form.fields.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="buttons">
            <button class="primary">{words.decide.sendAgain}</button>
            <a class="button" href={back.page}>
              ← {back.title}
            </a>
          </div>
        </form>
      </section>
    ),
  });
}
