import type { Context } from "hono";

export type ProblemStatus = 400 | 404 | 409 | 422 | 502;

/** problem+json as a thrown value, so that handlers stay flat. */
export class ControlProblem extends Error {
  readonly status: ProblemStatus;
  readonly code: string;

  constructor(status: ProblemStatus, code: string, detail: string) {
    super(detail);
    this.name = "ControlProblem";
    this.status = status;
    this.code = code;
  }
}

export function answerProblem(c: Context, problem: ControlProblem): Response {
  const { status, code, message } = problem;
  const body = { type: "about:blank", title: "The simulator refuses", status, code, detail: message };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}
