import { setTimeout as wait } from "node:timers/promises";

import type { ShopTransaction } from "../../db/connection.ts";
import { reserveCredits, settleCredits } from "../../db/credits.ts";
import type { Reservation } from "../../db/credits.ts";
import type { CreditPart } from "../../domain/credit/ledger.ts";
import { costOf, creditRates, creditsOf, mostCreditsOf, noUsage } from "../../domain/credit/rates.ts";
import type { TurnUsage } from "../../domain/credit/rates.ts";
import type { ModelUsage } from "../../domain/ports/model-client.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ClaimedTurn } from "./claim-turn.ts";
import type { OpenedMessage } from "./opened-message.ts";

/** What other turns have reserved comes back when they end, in seconds. */
const askAgainMs = 500;

type Turn = Pick<ClaimedTurn, "id" | "attempt" | "shop" | "mayAskModel">;
type Ready<T> = { outcome: "ready"; value: T } | { outcome: "short" };

/**
 * The shop's credits for one turn: reserved once before the model is first asked, for its words or for a picture, and
 * settled with the turn. Safe to run twice: a retried turn finds its reservation, and what a dead attempt had used is
 * the platform's to pay.
 */
export class TurnCredits {
  private readonly deps: ActivityDeps;
  private readonly turn: Turn;
  private readonly upperBound: number;
  private readonly giveUpAt: Date;
  private readonly signal: AbortSignal;
  private parts: CreditPart[] | undefined;
  private usage: TurnUsage = noUsage;

  constructor(
    deps: ActivityDeps,
    turn: Turn,
    { batch, giveUpAt, signal }: { batch: readonly OpenedMessage[]; giveUpAt: Date; signal: AbortSignal },
  ) {
    this.deps = deps;
    this.turn = turn;
    this.upperBound = mostCreditsOf({ pictures: countPictures(batch) });
    this.giveUpAt = giveUpAt;
    this.signal = signal;
  }

  /**
   * Reads what the model is to be asked with, and reserves in the same transaction. While other turns hold the last
   * credits it asks again, until the turn gives up. A plan that is over pays for nothing, whatever credits are left.
   */
  async whenReserved<T>(read: (trx: ShopTransaction) => Promise<T>): Promise<Ready<T>> {
    if (!this.turn.mayAskModel) return { outcome: "short" };
    for (;;) {
      const willAskAgain = this.deps.clock.now() < this.giveUpAt;
      const { value, reservation } = await this.deps.db.withShop(this.turn.shop.id, async (trx) => ({
        value: await read(trx),
        reservation: await this.reserve(trx, willAskAgain),
      }));
      if (reservation.outcome === "reserved") {
        this.parts = reservation.parts;
        return { outcome: "ready", value };
      }
      if (!reservation.mayComeBack || !willAskAgain) return { outcome: "short" };
      await wait(askAgainMs, undefined, { signal: this.signal });
    }
  }

  /** Of one call that was answered, or is billed although it failed. */
  wasCalled({ inputTokens, outputTokens }: ModelUsage, of: "words" | "picture"): void {
    this.usage = {
      calls: this.usage.calls + 1,
      pictures: this.usage.pictures + (of === "picture" ? 1 : 0),
      inputTokens: this.usage.inputTokens + inputTokens,
      outputTokens: this.usage.outputTokens + outputTokens,
    };
  }

  /** The last of the transaction that stores the turn; answers that are not sent were paid for as well. */
  async settle(trx: ShopTransaction, now: Date): Promise<void> {
    const { parts, turn, usage } = this;
    if (!parts && turn.attempt === 1) return;
    const credits = creditsOf(usage);
    const costMicroUsd = costOf(usage, this.deps.modelPrice);
    await settleCredits(trx, {
      shopId: turn.shop.id,
      turnId: turn.id,
      charge: credits === 0 ? null : { credits, costMicroUsd, rateVersion: creditRates.version },
      ...(parts ? { parts } : {}),
      now,
    });
  }

  private reserve(trx: ShopTransaction, willAskAgain: boolean): Promise<Reservation> {
    if (this.parts) return Promise.resolve({ outcome: "reserved", parts: this.parts });
    return reserveCredits(trx, {
      shopId: this.turn.shop.id,
      turnId: this.turn.id,
      upperBound: this.upperBound,
      isRetry: this.turn.attempt > 1,
      willAskAgain,
      now: this.deps.clock.now(),
    });
  }
}

/** Those that may still be read. */
function countPictures(batch: readonly OpenedMessage[]): number {
  return batch.reduce(
    (count, { body }) => count + (body.attachments ?? []).filter(({ slip }) => slip === undefined).length,
    0,
  );
}
