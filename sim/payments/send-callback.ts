import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "../faults.ts";
import type { WebhookTimings } from "../sim-options.ts";
import type { SimMerchant, SimPayment } from "./payment-types.ts";
import { signed } from "./sign.ts";

export type CallbackSender = {
  /** Tells the merchant's server that the order is paid, until it answers `success`. */
  send: (payment: SimPayment, merchant: SimMerchant) => void;
  close: () => Promise<void>;
};

type Deps = { faults: Faults; timings: WebhookTimings; now: () => number };

export function createCallbackSender(deps: Deps): CallbackSender {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    send(payment, merchant) {
      const work = deliver(payment, merchant, { ...deps, signal: closing.signal });
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

async function deliver(
  payment: SimPayment,
  merchant: SimMerchant,
  { faults, timings, now, signal }: Deps & { signal: AbortSignal },
): Promise<void> {
  const startedAt = Date.now();
  let waitMs = timings.firstRetryMs;
  while (!signal.aborted && Date.now() - startedAt < timings.giveUpAfterMs) {
    const body = JSON.stringify({ Request: callbackFields(payment, merchant, now()) });
    const fault = faults.take("payments", `CALLBACK ${payment.notifyUrl}\n${body}`);
    if (fault?.lose) return;
    if (fault?.delayMs) await pause(fault.delayMs, signal);
    if (fault?.hang) await faults.hang(signal);
    const post = { url: payment.notifyUrl, body, timeoutMs: timings.answerTimeoutMs, signal };
    for (let extra = fault?.duplicate ?? 0; extra > 0; extra--) await postCallback(post);
    const isTaken = fault?.status === undefined && (await postCallback(post)) && !fault?.dropAfter;
    if (isTaken) return;
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, timings.maxRetryMs);
  }
}

/** Each repetition has a time, a nonce and therefore a signature of its own. */
export function callbackFields(payment: SimPayment, merchant: SimMerchant, now: number) {
  return signed(
    {
      appid: merchant.appId,
      notify_time: String(Math.floor(now / 1_000)),
      merch_code: merchant.merchantCode,
      merch_order_id: payment.merchantOrderId,
      mm_order_id: payment.transactionId,
      trans_currency: payment.currency,
      total_amount: String(payment.amount),
      trade_status: payment.status,
      trans_end_time: String(Math.floor((payment.paidAt ?? now) / 1_000)),
      nonce_str: randomUUID().replaceAll("-", ""),
    },
    merchant.key,
  );
}

type Post = { url: string; body: string; timeoutMs: number; signal: AbortSignal };

/** True when the merchant's server answered 200 and `success`. */
async function postCallback({ url, body, timeoutMs, signal }: Post): Promise<boolean> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers,
      body,
      signal: ending.signal,
    });
    return answer.status === 200 && (await answer.text()) === "success";
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
