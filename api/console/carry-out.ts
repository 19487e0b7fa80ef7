import { ApiProblem, callApi, callRenewing } from "./call-api.ts";
import type { ApiCall } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { setFlash } from "./flash.ts";
import type { Form } from "./form.ts";
import { keep, showStepUp } from "./step-up-page.tsx";
import type { Words } from "./words.ts";

type Asked = {
  /** May throw `FormProblem`. */
  call: () => ApiCall;
  /** The word of the dictionary that says that it is done. */
  done: keyof Words["flash"];
  page: string;
  /** What was sent: kept over a step-up, on pages that know the visit. */
  form?: Form;
  /** Where to come back to from a proof of who asks; else the page. */
  comeBack?: string;
  /** Whether the session gets a new token by it. */
  isRenewing?: boolean;
};

/** Asks the API for a change and leads to the page, which says what became of it. */
export async function carryOut(
  c: ConsoleContext,
  { call, done, page, form, comeBack = page, isRenewing = false }: Asked,
): Promise<Response> {
  try {
    await (isRenewing ? callRenewing : callApi)(c, call());
    setFlash(c, { kind: "done", code: done });
  } catch (error) {
    if (isStepUpNeeded(error)) {
      return form === undefined
        ? c.redirect(stepUpPath(comeBack), 303)
        : showStepUp(c, { next: page, kept: keep(c, form) });
    }
    flashProblem(c, error);
  }
  return c.redirect(page, 303);
}

export function isStepUpNeeded(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.code === "step_up.required";
}

/** Where a person proves again who they are, and comes back from. */
export function stepUpPath(page: string): string {
  return `/console/step-up?next=${encodeURIComponent(page)}`;
}
