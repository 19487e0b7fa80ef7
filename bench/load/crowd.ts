import { randomUUID } from "node:crypto";

import { replyText } from "../outside/model-answers.ts";
import type { Outside, Reply } from "../outside/outside.ts";
import type { WebhookPoster } from "./webhook-poster.ts";

export type Talker = { pageId: string; psid: string };

/** Milliseconds; `e2e` runs from the webhook's first byte to the reply at the Graph API. */
export type Turn = { ackMs: number; e2eMs: number };

export type Tally = { turns: Turn[]; acks: number[]; refused: number; unanswered: number };

export function newTally(): Tally {
  return { turns: [], acks: [], refused: 0, unanswered: 0 };
}

let people = 0;

/** Customers who write one message at a time and wait for the answer. */
export class Crowd {
  readonly talkers: Talker[];
  /** Messages that were answered with 200, by their ids. */
  readonly accepted: { mid: string; pageId: string }[] = [];
  private readonly poster: WebhookPoster;
  /** Whoever writes again before the answer shares it: a burst gets one. */
  private readonly waiting = new Map<string, Set<(reply: Reply) => void>>();

  constructor(poster: WebhookPoster, pageIds: readonly string[], size: number) {
    this.poster = poster;
    this.talkers = Array.from({ length: size }, (_, index) => {
      people += 1;
      return { pageId: pageIds[index % pageIds.length] ?? "", psid: `7${String(people).padStart(15, "0")}` };
    });
  }

  /** From now on the replies of `outside` are this crowd's. */
  listen(outside: Outside): void {
    outside.onReply = (reply) => this.hear(reply);
  }

  /** What is none of this crowd's is left alone. */
  hear(reply: Reply): void {
    if (reply.text !== replyText) return; // the disclosure goes before the first answer
    const waiting = this.waiting.get(reply.psid);
    this.waiting.delete(reply.psid);
    for (const hear of waiting ?? []) hear(reply);
  }

  isBusy({ psid }: Talker): boolean {
    return this.waiting.has(psid);
  }

  /** Writes, and waits for the webhook's answer only. */
  async write({ pageId, psid }: Talker, tally: Tally): Promise<boolean> {
    const mid = `m_${randomUUID()}`;
    const posted = await this.poster
      .post({ pageId, psid, mid, text: "I would like one more, please" })
      .catch(() => ({ status: 0, ms: Infinity }));
    tally.acks.push(posted.ms);
    if (posted.status === 200) this.accepted.push({ mid, pageId });
    else tally.refused += 1;
    return posted.status === 200;
  }

  /** Writes, and waits for the reply; what has none after `patienceMs` counts as unanswered. */
  async talk(talker: Talker, tally: Tally, patienceMs = 60_000): Promise<void> {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let hear: (reply?: Reply) => void = () => undefined;
    const heard = new Promise<Reply | undefined>((resolve) => {
      hear = resolve;
      timer = setTimeout(() => resolve(undefined), patienceMs);
    });
    this.waiting.set(talker.psid, (this.waiting.get(talker.psid) ?? new Set()).add(hear));
    const index = tally.acks.length;
    const isAccepted = await this.write(talker, tally);
    const reply = isAccepted ? await heard : undefined;
    clearTimeout(timer);
    this.forget(talker, hear);
    if (reply === undefined) tally.unanswered += isAccepted ? 1 : 0;
    else tally.turns.push({ ackMs: tally.acks[index] ?? 0, e2eMs: reply.at - startedAt });
  }

  private forget({ psid }: Talker, hear: (reply: Reply) => void): void {
    const waiting = this.waiting.get(psid);
    waiting?.delete(hear);
    if (waiting?.size === 0) this.waiting.delete(psid);
  }
}
