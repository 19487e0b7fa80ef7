import { OpenAPIHono } from "@hono/zod-openapi";

import { AppError } from "../domain/app-error.ts";
import type { ApiEnv } from "./env.ts";

export type ApiRouter = OpenAPIHono<ApiEnv>;

/** A router whose validation answers 422 with pointers, and never with what was sent. */
export function createRouter(): ApiRouter {
  return new OpenAPIHono<ApiEnv>({
    strict: false,
    defaultHook: (result) => {
      if (result.success) return;
      throw new AppError("invalid", "request.invalid", {
        internal: `validation of ${result.target} failed`,
        public: "The request does not fit its description.",
        errors: result.error.issues.map(({ path, message }) => ({
          pointer: `${placeOf[result.target] ?? ""}/${path.map(String).join("/")}`,
          message,
        })),
      });
    },
  });
}

const placeOf: Record<string, string> = {
  json: "",
  form: "",
  query: "?query",
  param: "?path",
  header: "?header",
  cookie: "?cookie",
};
