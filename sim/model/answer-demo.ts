import { planNext } from "./demo/plan.ts";
import { assess } from "./demo/situation.ts";
import { wordAnswer } from "./demo/word-answer.ts";
import { readSlip } from "./read-slip.ts";
import type { ModelRequest } from "./read-request.ts";
import type { Answer } from "./response-wire.ts";

/** The sales assistant: understand the burst, make the next tool call that is still missing, else put it into words. */
export async function answerDemo(req: ModelRequest): Promise<Answer> {
  if (req.slip !== undefined) return { text: JSON.stringify(await readSlip(req.slip.imageUrl)) };
  const situation = assess(req);
  const next = planNext(situation);
  return next === undefined ? { text: wordAnswer(situation) } : { calls: [next] };
}
