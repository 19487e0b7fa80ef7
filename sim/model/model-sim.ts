import { setTimeout as wait } from "node:timers/promises";
import { Hono, type Context } from "hono";
import { answerAdversary } from "./answer-adversary.ts";
import { answerDemo } from "./answer-demo.ts";
import { readRequest, responseBody, type ModelRequest } from "./read-request.ts";
import { newId, toError, toResponse, type Answer } from "./response-wire.ts";

export type ModelMode = "demo" | "adversary" | "echo" | "slow";

export interface ModelSim {
  app: Hono;
  setMode(mode: ModelMode): void;
  mode(): ModelMode;
  /** How often the adversary did what, by the attack's name. */
  attacks(): Record<string, number>;
}

export interface ModelSimOptions {
  /** How long "slow" thinks before it answers like "demo". */
  slowMs?: number;
}

const SLOW_MS = 20_000;
const MODEL = {
  id: "shopthread-demo",
  object: "model",
  created: 1_767_225_600,
  owned_by: "shopthread-demonstration",
};

/**
 * The demonstration model server: the wire format of OpenAI's Responses API, answers from the request body alone.
 * Routes are `/v1/responses` and `/v1/models`; between requests it remembers nothing but the mode, and
 * how often the adversary did what.
 */
export function createModelSim(options: ModelSimOptions = {}): ModelSim {
  let mode: ModelMode = "demo";
  const attacks = new Map<string, number>();
  const count = (attack: string) => attacks.set(attack, (attacks.get(attack) ?? 0) + 1);
  const app = new Hono();
  app.use("/v1/*", async (c, next) => {
    c.header("x-request-id", newId("req"));
    if (!/^Bearer \S+$/u.test(c.req.header("authorization") ?? "")) {
      return c.json(toError("You didn't provide an API key.", { code: "invalid_api_key" }), 401);
    }
    return next();
  });
  app.get("/v1/models", (c) => c.json({ object: "list", data: [MODEL] }));
  app.get("/v1/models/:id", (c) => c.json({ ...MODEL, id: c.req.param("id") }));
  app.post("/v1/responses", (c) => respond(c, { mode, slowMs: options.slowMs ?? SLOW_MS, count }));
  app.notFound((c) => c.json(toError(`Unknown request URL: ${c.req.method} ${c.req.path}.`), 404));
  app.onError((error, c) =>
    c.json(toError(error.message, { type: "server_error", code: "server_error" }), 500),
  );
  return {
    app,
    setMode: (next) => {
      mode = next;
    },
    mode: () => mode,
    attacks: () => Object.fromEntries(attacks),
  };
}

interface Manner {
  mode: ModelMode;
  slowMs: number;
  count: (attack: string) => void;
}

async function respond(c: Context, { mode, slowMs, count }: Manner) {
  const json: unknown = await c.req.json().catch(() => undefined);
  const body = responseBody.safeParse(json);
  if (!body.success) {
    const [issue] = body.error.issues;
    return c.json(toError(issue?.message ?? "Invalid body.", { param: issue?.path.join(".") ?? "" }), 400);
  }
  if (body.data.stream === true) {
    return c.json(toError("The demonstration model does not stream.", { param: "stream" }), 400);
  }
  if (mode === "slow") await wait(slowMs, undefined, { ref: false, signal: c.req.raw.signal });
  const answer = await answerIn(mode, readRequest(body.data), count);
  return c.json(toResponse(body.data, answer, new Date()));
}

async function answerIn(mode: ModelMode, req: ModelRequest, count: Manner["count"]): Promise<Answer> {
  switch (mode) {
    case "demo":
    case "slow":
      return answerDemo(req);
    case "adversary": {
      const answer = await answerAdversary(req);
      if (answer.isPreparing !== true) count(answer.attack);
      return answer;
    }
    case "echo":
      return { text: req.burst.at(-1) ?? "" };
  }
}
