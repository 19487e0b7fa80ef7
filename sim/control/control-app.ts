import { OpenAPIHono } from "@hono/zod-openapi";
import { ControlProblem, answerProblem } from "./control-problem.ts";

/** An app whose invalid requests and refusals are answered as problem+json. */
export function createControlApp(): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const detail = result.error.issues
        .map((one) => `${one.path.join(".") || "body"}: ${one.message}`)
        .join("; ");
      return answerProblem(c, new ControlProblem(400, "invalid_request", detail));
    },
  });
  app.onError((err, c) => {
    if (err instanceof ControlProblem) return answerProblem(c, err);
    return answerProblem(c, new ControlProblem(400, "failed", err.message));
  });
  return app;
}
