import { setTimeout as wait } from "node:timers/promises";

import { findObjection } from "../../db/objections.ts";
import type { Objection } from "../../db/objections.ts";
import { checkReply } from "../../domain/conversation/output-gate.ts";
import type { ReplyCheck, ReplyProblem } from "../../domain/conversation/output-gate.ts";
import { claimsOfOrders, collectReplyFacts } from "../../domain/conversation/reply-facts.ts";
import type { ShownToModel } from "../../domain/conversation/shown-to-model.ts";
import { turnLimits } from "../../domain/conversation/turn-limits.ts";
import type { ModelAnswer, ModelInputItem } from "../../domain/ports/model-client.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import type { TurnCredits } from "../conversation/turn-credits.ts";
import type { ActivityDeps } from "../deps.ts";
import { readCatalogue } from "./catalogue.ts";
import type { CatalogueProduct } from "./catalogue.ts";
import { blockText, instructionsOf, promptBlocks, rules } from "./instructions.ts";
import type { PromptBlocks } from "./instructions.ts";
import { shownIn } from "./shown-in.ts";
import { modelInput } from "./model-input.ts";
import { agentTools } from "./tools/index.ts";
import type { TurnContext, TurnDraft } from "./turn-draft.ts";

const { toolRounds, callsARound, maxOutputTokens } = turnLimits;

export type Usage = { rounds: number; inputTokens: number; outputTokens: number; ms: number };

/**
 * `failed`: the fallback answers, with the code for the owner; `short`: the model was not asked, since the shop has no
 * credits. An empty text is an answer where code says the rest.
 */
export type Reply = { usage: Usage; shown: ShownToModel | null } & (
  | { kind: "text"; text: string }
  | { kind: "failed"; code: string }
  | { kind: "short" }
);

type Work = {
  deps: ActivityDeps;
  context: TurnContext;
  credits: TurnCredits;
  draft: TurnDraft;
  giveUpAt: Date;
  signal: AbortSignal;
};

/**
 * Lets the model answer with tools, then lets through only what this turn's records say; a reply that says more is
 * repaired once. The model is tried again until it is given up; it is paid for once, because the turn is stored.
 */
export async function answer(work: Work): Promise<Reply> {
  const { deps, context, credits, draft } = work;
  const ready = await credits.whenReserved((trx) => readCatalogue(trx, context.turn.shop.id));
  if (ready.outcome === "short") return { kind: "short", usage: noRounds(), shown: null };
  const catalogue = ready.value;
  const talk = new Talk(work, { catalogue, blocks: promptBlocks(context, draft.cart, catalogue) });
  const text = await talk.run(modelInput(context.history));
  if (typeof text !== "string") return { kind: "failed", code: text.code, ...talk.record() };
  const check = talk.check(text);
  if (check.ok) return { kind: "text", text, ...talk.record() };
  const repaired = await talk.repair(text, check.problems);
  if (typeof repaired === "string" && talk.check(repaired).ok) {
    return { kind: "text", text: repaired, ...talk.record() };
  }
  deps.log.warn(
    { turnId: context.turn.id, reason: check.problems[0]?.kind, count: check.problems.length },
    "reply.refused",
  );
  return { kind: "failed", code: "reply.refused", ...talk.record() };
}

function noRounds(): Usage {
  return { rounds: 0, inputTokens: 0, outputTokens: 0, ms: 0 };
}

/** Nothing more is told to the model: the person is being erased or frozen, or has taken back what it would read. */
type NotAsked = { ok: false; code: Objection; retryAfterMs: null };

/** One conversation with the model, and what code told it. */
class Talk {
  readonly usage = noRounds();
  private readonly work: Work;
  private readonly catalogue: CatalogueProduct[];
  private instructions: string;
  private readonly blocks: PromptBlocks;
  private readonly records: unknown[];
  private readonly called: { name: string; result: object }[] = [];
  private input: ModelInputItem[] = [];
  /** The last answer ended at the limit of its length. */
  private isCut = false;

  constructor(work: Work, { catalogue, blocks }: { catalogue: CatalogueProduct[]; blocks: PromptBlocks }) {
    this.work = work;
    this.catalogue = catalogue;
    this.blocks = blocks;
    this.instructions = instructionsOf(blocks);
    this.records = [blocks];
  }

  async run(input: ModelInputItem[]): Promise<string | { code: string }> {
    this.input = input;
    for (let round = 1; ; round += 1) {
      const said = await this.ask(round > toolRounds ? "none" : "auto");
      if (!said.ok) return { code: said.code };
      if (said.calls.length === 0 || round > toolRounds) return said.text.trim();
      for (const call of said.calls.slice(0, callsARound)) await this.call(call);
    }
  }

  /** The request stands in the instructions: a message would read as the customer's. */
  async repair(refusedText: string, problems: readonly ReplyProblem[]): Promise<string | { code: string }> {
    const refusal = {
      refusedText: maskSecrets(refusedText).text,
      notInTheRecords: problems.map(({ kind, found }) => `${kind}: ${maskSecrets(found).text}`),
    };
    this.instructions = [
      this.instructions,
      "Your last answer was not sent, because the records do not say all of it. Write it again without that.",
      blockText("refused", refusal),
    ].join("\n\n");
    const said = await this.ask("none");
    return said.ok ? said.text.trim() : { code: said.code };
  }

  check(text: string): ReplyCheck {
    // Half a sentence can say another price, or leave out a “not”.
    if (this.isCut) return { ok: false, problems: [{ kind: "cut", found: "" }] };
    const { shop } = this.work.context.turn;
    const claims = claimsOfOrders(
      this.work.context.orders.map((order) => ({
        order: order.order_state,
        payment: order.payment_state,
        fulfilment: order.fulfilment_state,
      })),
    );
    return checkReply({
      text,
      rules,
      facts: collectReplyFacts({ currency: shop.currency, records: this.records, claims }),
    });
  }

  /** For the turn's record. */
  record(): { usage: Usage; shown: ShownToModel | null } {
    const { context } = this.work;
    const wasAsked = this.usage.rounds > 0;
    return { usage: this.usage, shown: wasAsked ? shownIn(context, this.blocks, this.called) : null };
  }

  private async call(call: { callId: string; name: string; argumentsJson: string }): Promise<void> {
    const { deps, context, draft } = this.work;
    const tool = agentTools.find(({ spec }) => spec.name === call.name);
    const result = tool
      ? await tool.run({ deps, context, draft, catalogue: this.catalogue }, call.argumentsJson)
      : { error: "unknown_tool" };
    this.records.push(result);
    if (tool) this.called.push({ name: call.name, result });
    this.input = [
      ...this.input,
      { kind: "call", ...call },
      { kind: "result", callId: call.callId, outputJson: JSON.stringify(result) },
    ];
  }

  private findObjection(): Promise<Objection | null> {
    const { deps, context } = this.work;
    const { shop, conversation } = context.turn;
    const midHashes = context.history.map(({ mid_hash: hash }) => hash);
    const told = { shopId: shop.id, customerId: conversation.customer_id, midHashes };
    return deps.db.withShop(shop.id, (trx) => findObjection(trx, told));
  }

  /** Tries until the turn gives the model up. */
  private async ask(toolChoice: "auto" | "none"): Promise<ModelAnswer | NotAsked> {
    const { deps, context, credits, giveUpAt, signal } = this.work;
    const { modelCallMs } = context.turn.shop.conversation_timings;
    for (;;) {
      const startedAt = deps.clock.now().getTime();
      const leftMs = giveUpAt.getTime() - startedAt;
      if (leftMs <= 0) return { ok: false, code: "model.timeout", retryAfterMs: null };
      const objection = await this.findObjection();
      if (objection !== null) return { ok: false, code: objection, retryAfterMs: null };
      const said = await deps.model.respond({
        instructions: this.instructions,
        input: this.input,
        tools: agentTools.map(({ spec }) => spec),
        toolChoice,
        maxOutputTokens,
        timeoutMs: Math.min(modelCallMs, leftMs),
        signal,
      });
      // The worker is going down: the turn is not stored, the next attempt answers.
      signal.throwIfAborted();
      this.usage.rounds += 1;
      this.usage.ms += deps.clock.now().getTime() - startedAt;
      if (said.usage) {
        this.usage.inputTokens += said.usage.inputTokens;
        this.usage.outputTokens += said.usage.outputTokens;
        credits.wasCalled(said.usage, "words");
      }
      if (said.ok) {
        this.isCut = said.ending === "cut";
        return said;
      }
      const leftNowMs = giveUpAt.getTime() - deps.clock.now().getTime();
      if (said.retryAfterMs === null || said.retryAfterMs >= leftNowMs) return said;
      await wait(Math.max(said.retryAfterMs, 200));
    }
  }
}
