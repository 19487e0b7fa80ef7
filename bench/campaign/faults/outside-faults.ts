import { setTimeout as wait } from "node:timers/promises";

import { waitUntil } from "../../../runtime/wait-until.ts";
import type { FaultSpec } from "../../../sim/faults.ts";
import { postJson } from "../../../test/support/house.ts";
import type { Random } from "../random.ts";
import type { FaultKind } from "./fault-kind.ts";

export const webhookFaults: FaultKind[] = [
  outside("F31", "webhook delivered several times", 5, (random) => ({
    to: "webhook",
    duplicate: random.int(1, 5),
    times: random.int(1, 4),
  })),
  outside("F32", "webhooks overtake each other", 4, (random) => ({
    to: "webhook",
    reorder: true,
    times: random.int(1, 3),
  })),
  outside("F07", "answer to a webhook lost", 4, (random) => ({
    to: "webhook",
    dropAfter: true,
    times: random.int(1, 4),
  })),
  outside("F36", "webhook late", 3, (random) => ({
    to: "webhook",
    delayMs: random.int(1_000, 10_000),
    times: random.int(1, 3),
  })),
  {
    id: "F34",
    title: "webhook comes again much later",
    weight: 4,
    stream: "outside",
    strike: async ({ town, random, replayable }) => {
      const bodies = replayable();
      if (bodies.length === 0) return { what: "none yet", hasStruck: false };
      for (let count = random.int(1, 20); count > 0; count -= 1)
        await town.outside.deliver(random.pick(bodies));
      return { what: "delivered", hasStruck: true };
    },
  },
  {
    id: "F33",
    title: "malformed event between good ones",
    weight: 2,
    stream: "outside",
    strike: async ({ town, random, pages }) => {
      const id = random.pick(pages());
      const bad = { sender: { id: "72000000000000" }, recipient: { id }, timestamp: "yesterday", message: 7 };
      const status = await town.outside.deliver({
        object: "page",
        entry: [{ id, time: Date.now(), messaging: [bad] }],
      });
      return { what: `answered ${status}`, hasStruck: status !== null };
    },
  },
];

export const pageFaults: FaultKind[] = [
  ofPage("F41", "Page token dies", 2, "revoke-token"),
  ofPage("F73", "Meta unsubscribes a Page", 2, "drop-subscription"),
];

/** Nobody is told: it is found by a look or by a send, and the owner connects again. */
function ofPage(id: string, title: string, weight: number, what: string): FaultKind {
  return {
    id,
    title,
    weight,
    stream: "outside",
    strike: async ({ town, random, pages }) => {
      const metaPageId = random.pick(pages());
      await postJson(`${town.sim.url}/pages/${metaPageId}/${what}`, {});
      return { what: metaPageId, hasStruck: true };
    },
  };
}

const callback = "/^CALLBACK /";
const wallet = "/^POST /";
const sending = String.raw`/^POST \/v[\d.]+\/\d+\/messages/`;

export const serviceFaults: FaultKind[] = [
  outside("F38", "Graph answers 500", 5, (random) => ({
    to: "graph",
    match: sending,
    status: 500,
    times: random.int(1, 4),
  })),
  outside("F37", "Graph limits the rate (613)", 3, (random) => ({
    to: "graph",
    match: sending,
    status: 400,
    body: {
      error: { message: "Calls to this api have exceeded the rate limit", type: "OAuthException", code: 613 },
    },
    times: random.int(1, 3),
  })),
  outside("F39", "message sent, answer lost", 6, (random) => ({
    to: "graph",
    match: sending,
    dropAfter: true,
    times: random.int(1, 4),
  })),
  outside("F35", "echo before the answer", 4, (random) => ({
    to: "graph",
    match: sending,
    answerDelayMs: random.int(500, 9_000),
    times: random.int(1, 3),
  })),
  outside("F40", "Graph hangs", 2, () => ({ to: "graph", match: sending, hang: true, times: 1 })),
  outside("F45", "model fails or is slow", 4, (random) =>
    random.pick<FaultSpec>([
      { to: "model", status: 500, times: 2 },
      { to: "model", status: 429, times: 2 },
      { to: "model", delayMs: 6_000, times: 2 },
      { to: "model", dropAfter: true, times: 1 },
      { to: "model", hang: true, times: 1 },
    ]),
  ),
  outside("F46", "model answers nonsense", 3, (random) => ({
    to: "model",
    status: 200,
    body: random.pick<unknown>([
      '{"output":[{"type":"func',
      {},
      { output: [{ type: "function_call", name: "give_all", arguments: "{" }] },
    ]),
    times: 2,
  })),
  outside("F66", "push fails", 2, (random) => ({
    to: "push",
    status: random.pick([500, 503, 429]),
    times: 3,
  })),
  outside("F44", "picture cannot be fetched", 3, (random) =>
    random.pick<FaultSpec>([
      { to: "cdn", status: 503, times: 2 },
      { to: "cdn", delayMs: 4_000, times: 2 },
      { to: "cdn", dropAfter: true, times: 1 },
    ]),
  ),
  outside("F67", "callback of a payment lost, late or several times", 4, (random) =>
    random.pick<FaultSpec>([
      { to: "payments", match: callback, lose: true, times: random.int(1, 3) },
      { to: "payments", match: callback, delayMs: random.int(2_000, 10_000), times: random.int(1, 3) },
      { to: "payments", match: callback, duplicate: random.int(1, 5), times: random.int(1, 3) },
      { to: "payments", match: callback, dropAfter: true, times: random.int(1, 3) },
    ]),
  ),
  outside("F67", "wallet fails, hangs, or its answer is lost", 4, (random) =>
    random.pick<FaultSpec>([
      { to: "payments", match: wallet, status: 500, times: random.int(1, 3) },
      { to: "payments", match: wallet, dropAfter: true, times: random.int(1, 3) },
      { to: "payments", match: wallet, delayMs: 5_000, times: 2 },
      { to: "payments", match: wallet, hang: true, times: 1 },
    ]),
  ),
  {
    id: "F50",
    title: "model is an adversary",
    weight: 2,
    stream: "outside",
    strike: async ({ town, random }) => {
      const seconds = random.int(5, 15);
      await town.outside.setModel("adversary");
      await wait(seconds * 1_000);
      await town.outside.setModel("demo");
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
];

/** Lies in wait for the next call that fits; the stream goes on without it when none comes. */
const usedWithinMs = 5_000;

function outside(id: string, title: string, weight: number, draw: (random: Random) => FaultSpec): FaultKind {
  return {
    id,
    title,
    weight,
    stream: "outside",
    strike: async ({ town, random }) => {
      const spec = draw(random);
      const id = await town.outside.arm(spec);
      const used = await waitUntil(
        async () => (await town.outside.timesLeft(id)) !== spec.times || undefined,
        {
          timeoutMs: usedWithinMs,
          everyMs: 200,
        },
      );
      return { what: JSON.stringify(spec), hasStruck: used !== undefined };
    },
  };
}
