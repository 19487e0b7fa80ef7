import { callApi } from "./call-api.ts";
import type { ApiCall } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { setFlash } from "./flash.ts";
import type { Words } from "./words.ts";

type Asked = {
  /** May throw `FormProblem`. */
  call: () => ApiCall;
  /** The word of the dictionary that says that it is done. */
  done: keyof Words["flash"];
  page: string;
};

/** Asks the API for a change and leads to the page, which says what became of it. */
export async function carryOut(c: ConsoleContext, { call, done, page }: Asked): Promise<Response> {
  try {
    await callApi(c, call());
    setFlash(c, { kind: "done", code: done });
  } catch (error) {
    flashProblem(c, error);
  }
  return c.redirect(page, 303);
}
