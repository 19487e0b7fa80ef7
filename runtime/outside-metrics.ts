import type { Registry } from "prom-client";

import { createMeters } from "../clients/metrics.ts";
import type { OnRefused } from "../clients/egress.ts";
import { egressRefusals, processorNames } from "../domain/privacy/processors.ts";
import type { MailClient } from "../domain/ports/mail-client.ts";
import type { MessengerClient, SendResult } from "../domain/ports/messenger-client.ts";
import type { ModelClient } from "../domain/ports/model-client.ts";
import type { PushClient } from "../domain/ports/push-client.ts";
import type { Trace } from "../domain/ports/trace.ts";

const graphActions = [
  "permanent",
  "window",
  "person",
  "page_broken",
  "page_restricted",
  "thread_taken",
  "attachment",
  "retry",
];
/** Meta's documented codes of sending; its per-Page limits are 80000 to 80014. */
const graphCodes: ReadonlySet<string> = new Set(
  "0 1 2 4 10 17 32 100 190 200 230 368 551 613 1200 10303 36000".split(" "),
);
const modelOutcomes = [
  "complete",
  "cut",
  "filtered",
  "refused",
  "model.not_admitted",
  "model.timeout",
  "model.aborted",
  "model.unreachable",
  "model.rate_limited",
  "model.quota_exceeded",
  "model.server_error",
  "model.malformed",
  "model.refused_request",
  "model.not_authorised",
];
const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30];

/** Messenger, model, push and mail as this process sees them. */
export function createOutsideMetrics(registry: Registry) {
  const meters = createMeters(registry);
  const refusals = meters.counter({
    name: "shopthread_egress_refusals_total",
    help: "Calls that were not made because their host or processor may not get anything, by processor and reason",
    labels: { processor: processorNames, reason: egressRefusals },
  });
  const egressRefused: OnRefused = ({ name, reason }) => refusals.add({ processor: name, reason });
  return {
    egressRefused,
    modelCalls: meters.histogram({
      name: "shopthread_model_call_seconds",
      help: "Duration of calls of the model by what came back",
      labels: { call: ["respond", "read_slip"], outcome: modelOutcomes },
      buckets: callBuckets,
    }),
    modelTokens: meters.counter({
      name: "shopthread_model_tokens_total",
      help: "Tokens that were sent to the model and came from it",
      labels: { direction: ["input", "output"] },
    }),
    graphSends: meters.histogram({
      name: "shopthread_graph_send_seconds",
      help: "Duration of sends through Meta's Graph API by outcome",
      labels: { outcome: ["sent", "retry", "unknown", "refused"] },
      buckets: callBuckets,
    }),
    graphRefusals: meters.counter({
      name: "shopthread_graph_refusals_total",
      help: "Sends that Meta did not take, by what it means and its code",
      labels: {
        action: graphActions,
        code: (code) => graphCodes.has(code) || /^800(?:0\d|1[0-4])$/.test(code),
      },
    }),
    graphReads: meters.counter({
      name: "shopthread_graph_reads_total",
      help: "Other calls of the Graph API: subscriptions, tokens, looking for a sent message",
      labels: {
        call: [
          "get_page",
          "subscribe",
          "unsubscribe",
          "list_fields",
          "thread_owner",
          "list_conversations",
          "probe_token",
          "find_sent",
        ],
        outcome: ["ok", "failed"],
      },
    }),
    pushes: meters.counter({
      name: "shopthread_pushes_total",
      help: "Pushes to owners' devices by outcome",
      labels: { outcome: ["sent", "gone", "retry", "refused"] },
    }),
    mails: meters.counter({
      name: "shopthread_mails_total",
      help: "Mails to accounts, handed to the mail server, by outcome",
      labels: { outcome: ["sent", "retry", "refused"] },
    }),
  };
}

type OutsideMetrics = ReturnType<typeof createOutsideMetrics>;

type Outside = {
  model: ModelClient;
  messenger: MessengerClient;
  push: PushClient;
  mail: MailClient | null;
  trace: Trace;
};

export function measureOutside<Deps extends Outside>(
  deps: Deps,
  { outside }: { outside: OutsideMetrics },
): Deps {
  return {
    ...deps,
    model: measureModel(deps, outside),
    messenger: measureMessenger(deps, outside),
    push: measurePush(deps, outside),
    mail: measureMail(deps, outside),
  };
}

function measureModel({ model, trace }: Outside, metrics: OutsideMetrics): ModelClient {
  async function measured<Answer extends Awaited<ReturnType<ModelClient["respond" | "readSlip"]>>>(
    call: "respond" | "read_slip",
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const seconds = stopwatch();
    const answer = await trace.span(`model.${call}`, {}, async () => {
      const answer = await work();
      trace.add(answer.ok ? answer.usage : { code: answer.code });
      return answer;
    });
    const ending = "ending" in answer ? answer.ending : "complete";
    metrics.modelCalls.observe({ call, outcome: answer.ok ? ending : answer.code }, seconds());
    if (answer.ok) {
      metrics.modelTokens.add({ direction: "input" }, answer.usage.inputTokens);
      metrics.modelTokens.add({ direction: "output" }, answer.usage.outputTokens);
    }
    return answer;
  }
  return {
    respond: (request) => measured("respond", () => model.respond(request)),
    readSlip: (request) => measured("read_slip", () => model.readSlip(request)),
  };
}

function measureMessenger({ messenger, trace }: Outside, metrics: OutsideMetrics): MessengerClient {
  type Call = Parameters<OutsideMetrics["graphReads"]["add"]>[0]["call"];
  async function counted<Result>(call: Call, work: Promise<Result>, isOk: (result: Result) => boolean) {
    const result = await work;
    metrics.graphReads.add({ call, outcome: isOk(result) ? "ok" : "failed" });
    return result;
  }
  const isOk = ({ ok }: { ok: boolean }) => ok;
  return {
    async sendPart(part) {
      const seconds = stopwatch();
      const result = await trace.span("graph.send", {}, async () => {
        const result = await messenger.sendPart(part);
        const code = "code" in result ? `graph.${result.code}` : undefined;
        trace.add({ outcome: result.outcome, code });
        return result;
      });
      metrics.graphSends.observe({ outcome: result.outcome }, seconds());
      noteRefusal(metrics, result);
      return result;
    },
    sendAction: (page, psid, action) => messenger.sendAction(page, psid, action),
    getPage: (page) => counted("get_page", messenger.getPage(page), isOk),
    subscribe: (page, fields) => counted("subscribe", messenger.subscribe(page, fields), isOk),
    unsubscribe: (page) => counted("unsubscribe", messenger.unsubscribe(page), isOk),
    findThreadOwner: (page, psid) => counted("thread_owner", messenger.findThreadOwner(page, psid), isOk),
    listConversations: (page, after) =>
      counted("list_conversations", messenger.listConversations(page, after), isOk),
    listSubscribedFields: (page) => counted("list_fields", messenger.listSubscribedFields(page), isOk),
    probeToken: (page) => counted("probe_token", messenger.probeToken(page), isOk),
    findSentMessage: (search) =>
      counted("find_sent", messenger.findSentMessage(search), ({ outcome }) => outcome !== "unknown"),
  };
}

function noteRefusal(metrics: OutsideMetrics, result: SendResult): void {
  if (result.outcome === "refused") {
    metrics.graphRefusals.add({ action: result.action, code: result.code });
  }
  if (result.outcome === "retry") metrics.graphRefusals.add({ action: "retry", code: result.code ?? "none" });
}

function measurePush({ push, trace }: Outside, metrics: OutsideMetrics): PushClient {
  return {
    async sendPush(notice) {
      const result = await trace.span("push.send", { noticeId: notice.noticeId }, async () => {
        const result = await push.sendPush(notice);
        trace.add({ outcome: result.outcome });
        return result;
      });
      metrics.pushes.add({ outcome: result.outcome });
      return result;
    },
  };
}

function measureMail({ mail, trace }: Outside, metrics: OutsideMetrics): MailClient | null {
  if (mail === null) return null;
  return {
    async sendMail(letter) {
      const result = await trace.span("mail.send", { mailId: letter.id }, async () => {
        const result = await mail.sendMail(letter);
        trace.add({ outcome: result.outcome });
        return result;
      });
      metrics.mails.add({ outcome: result.outcome });
      return result;
    },
  };
}

function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1_000;
}
