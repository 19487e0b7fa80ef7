import type { Hono } from "hono";

import type { Words } from "./words.ts";
import { ApiProblem, callApi } from "./call-api.ts";
import type { ApiCall } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { showConversation } from "./conversation-page.tsx";
import { showConversations } from "./conversation-list-page.tsx";
import { FormProblem, readForm } from "./form.ts";

export function mountConversations(app: Hono<ConsoleEnv>): void {
  app.get("/conversations", showConversations);
  app.get("/conversations/:customerId", (c) => showConversation(c, c.req.param("customerId")));

  app.post("/conversations/:customerId/take-over", (c) => {
    const id = c.req.param("customerId");
    return change(c, id, "takenOver", { method: "POST", path: "take-over" });
  });
  app.post("/conversations/:customerId/give-back", (c) => {
    const id = c.req.param("customerId");
    return change(c, id, "givenBack", { method: "POST", path: "give-back" });
  });
  app.post("/conversations/:customerId/agent", async (c) => {
    const isEnabled = (await readForm(c)).optional("isEnabled") === "true";
    const id = c.req.param("customerId");
    const code = isEnabled ? "agentOn" : "agentOff";
    return change(c, id, code, { method: "PUT", path: "agent", body: { isEnabled } });
  });
  app.post("/conversations/:customerId/messages", async (c) => {
    const id = c.req.param("customerId");
    const form = await readForm(c);
    try {
      await callApi(c, {
        method: "POST",
        path: `/conversations/${encodeURIComponent(id)}/messages`,
        body: { text: form.required("text") },
        idempotencyKey: form.required("key"),
      });
      // The message stands in the transcript; who writes goes on writing.
      return c.redirect(`/console/conversations/${encodeURIComponent(id)}#text`, 303);
    } catch (error) {
      const code = codeOf(error);
      // What was typed is not lost: the page comes again with it.
      return showConversation(c, id, { text: form.optional("text") ?? "", problem: code });
    }
  });
}

/** Comes back to the conversation; `path` is below it. */
function change(c: ConsoleContext, customerId: string, done: keyof Words["flash"], call: ApiCall) {
  const below = `/conversations/${encodeURIComponent(customerId)}`;
  return carryOut(c, {
    call: () => ({ ...call, path: `${below}/${call.path}` }),
    done,
    page: `/console${below}`,
  });
}

function codeOf(error: unknown): string {
  if (error instanceof FormProblem) return error.code;
  if (error instanceof ApiProblem && error.problem.status !== 404) return error.problem.code;
  throw error;
}
