import { ApiProblem } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import type { Flash } from "./flash.ts";
import { FormProblem } from "./form.ts";
import { problemWord } from "./problem-word.ts";

/** Says on the next page why a form was not carried out; what is no answer to a form is thrown on. */
export function flashProblem(c: ConsoleContext, error: unknown): void {
  setFlash(c, problemFlash(error));
}

/** The same, for a page that is the answer itself. */
export function problemFlash(error: unknown): Flash {
  if (error instanceof FormProblem) return { kind: "problem", code: error.code };
  if (error instanceof ApiProblem && error.problem.status < 500 && error.problem.status !== 404) {
    return { kind: "problem", code: problemWord(error.problem) };
  }
  throw error;
}
