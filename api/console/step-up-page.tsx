import { z } from "zod";

import { showAccountPage } from "./account-layout.tsx";
import type { ConsoleContext } from "./console-env.ts";
import type { Form } from "./form.ts";
import { safePath } from "./see-other.ts";

/** A form that was sent and not carried out, to be sent again; only the browser has it meanwhile. */
export type KeptForm = { path: string; fields: readonly (readonly [string, string])[] };

const keptSchema = z.object({
  path: z.string().refine((path) => path !== "/console" && safePath(path) === path),
  fields: z.array(z.tuple([z.string(), z.string()])).max(50),
});

/** As it was sent to this very address. */
export function keep(c: ConsoleContext, { fields }: Form): KeptForm {
  return { path: new URL(c.req.url).pathname, fields };
}

/** What the step-up page carried along; undefined when it was asked for by itself. */
export function readKept(form: Form): KeptForm | undefined {
  const text = form.optional("kept");
  if (text === undefined) return undefined;
  try {
    return keptSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Where a person proves again who they are; behind it is the page `next`, or the form that was kept. */
export function showStepUp(
  c: ConsoleContext,
  { next, kept }: { next: string; kept?: KeptForm | undefined },
): Promise<Response> {
  const { session, words } = c.var.visit;
  const { stepUp } = words;
  const { hasFactor } = session;
  return showAccountPage(c, {
    title: stepUp.title,
    children: (
      <>
        <p>{hasFactor ? stepUp.withCode : stepUp.withPassword}</p>
        <p class="muted">{kept === undefined ? stepUp.resend : stepUp.kept}</p>
        <form method="post" action="/console/step-up" class="form">
          <input type="hidden" name="next" value={safePath(next)} />
          {kept === undefined ? null : <input type="hidden" name="kept" value={JSON.stringify(kept)} />}
          {hasFactor ? (
            <>
              <label for="code">{words.code.code}</label>
              <input id="code" name="code" autocomplete="one-time-code" maxLength={64} required autofocus />
            </>
          ) : (
            <>
              <label for="password">{words.session.password}</label>
              <input
                id="password"
                name="password"
                type="password"
                autocomplete="current-password"
                required
                autofocus
              />
            </>
          )}
          <button class="primary">{stepUp.go}</button>
        </form>
      </>
    ),
  });
}

/** The form as it was, with its key: it is carried out once, however often it is sent. */
export function showKept(
  c: ConsoleContext,
  { next, kept }: { next: string; kept: KeptForm },
): Promise<Response> {
  const { stepUp } = c.var.visit.words;
  return showAccountPage(c, {
    title: stepUp.proven,
    children: (
      <form method="post" action={kept.path}>
        {kept.fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="buttons">
          <button class="primary">{stepUp.send}</button>
          <a class="button" href={safePath(next)}>
            {stepUp.leave}
          </a>
        </div>
      </form>
    ),
  });
}
