import { ApiProblem } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { FormProblem } from "./form.ts";

/** Says on the next page why a form was not carried out; what is no answer to a form is thrown on. */
export function flashProblem(c: ConsoleContext, error: unknown): void {
  if (error instanceof FormProblem) return setFlash(c, { kind: "problem", code: error.code });
  if (error instanceof ApiProblem && error.problem.status < 500 && error.problem.status !== 404) {
    return setFlash(c, { kind: "problem", code: error.problem.code });
  }
  throw error;
}
