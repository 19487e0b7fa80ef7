import { setTimeout as wait } from "node:timers/promises";
import { Worker, NativeConnection, Runtime, makeTelemetryFilterString } from "@temporalio/worker";
import type { WorkerInterceptors, WorkerOptions } from "@temporalio/worker";

import { defaultOutboxSettings } from "../activities/deps.ts";
import type { ActivityDeps } from "../activities/deps.ts";
import { createConversationActivities } from "../activities/conversation/index.ts";
import { createBreachActivities } from "../activities/breach/index.ts";
import { createErasureActivities } from "../activities/erasure/index.ts";
import { createEvidenceActivities } from "../activities/evidence/index.ts";
import { createKeyRotationActivities } from "../activities/key/index.ts";
import type { KeyDeps } from "../activities/key/index.ts";
import { createOrderActivities } from "../activities/order/index.ts";
import { createPayoutActivities } from "../activities/payout/index.ts";
import { createPrivacyActivities } from "../activities/privacy/index.ts";
import { createSubscriptionActivities } from "../activities/subscription/index.ts";
import { createUpgradeActivities } from "../activities/upgrade/index.ts";
import { createUpkeepActivities } from "../activities/upkeep/index.ts";
import { reconcile } from "../activities/upkeep/reconcile.ts";
import { createRetentionActivities } from "../activities/retention/index.ts";
import {
  defaultGapSettings,
  defaultPatience,
  defaultPurgeSettings,
} from "../activities/upkeep/upkeep-deps.ts";
import type { UpkeepDeps } from "../activities/upkeep/upkeep-deps.ts";
import { createAuditHeadFile } from "../clients/audit-head-file.ts";
import { parseAttachmentHosts } from "../clients/attachment-hosts.ts";
import { createAttachmentFetcher } from "../clients/fetch-attachment.ts";
import { createKbzPay } from "../clients/kbzpay.ts";
import { manualTransfer } from "../clients/manual-transfer.ts";
import { createTemporalLogger } from "../clients/temporal-logger.ts";
import { createMailClient } from "../clients/mail.ts";
import { createMessengerClient } from "../clients/messenger.ts";
import { createModelClient } from "../clients/model.ts";
import { createPushClient } from "../clients/push.ts";
import { loadCertificateSigner } from "../clients/certificate-signer.ts";
import { createErasureList } from "../clients/erasure-list.ts";
import { keyCacheTtlMs } from "../clients/sealer.ts";
import { defaultPayoutTimings } from "../domain/payout/timings.ts";
import { defaultErasureTimings } from "../domain/privacy/erasure-timings.ts";
import type { CertificateSigner } from "../domain/ports/certificate-signer.ts";
import { demandSettings } from "./config.ts";
import { activityInterceptors } from "./activity-interceptors.ts";
import type { Config } from "./config.ts";
import { invoicingOf } from "./invoicing.ts";
import { createIntakeDoor } from "./intake-door.ts";
import { openCoreMetrics } from "./core-metrics.ts";
import type { CoreMetrics } from "./core-metrics.ts";
import { measureActivities } from "./measure-activities.ts";
import { openCore } from "./open-core.ts";
import type { Core } from "./open-core.ts";
import { measureOutside } from "./outside-metrics.ts";
import type { RunningPart } from "./parts.ts";
import { platformMerchant } from "./platform-merchant.ts";
import { statePaths } from "./state-paths.ts";
import { taskQueues } from "./queues.ts";
import { ensureSchedules, pageCheckSchedule } from "./schedules.ts";
import { showMetrics } from "./show-metrics.ts";
import { createExecutions } from "./executions.ts";
import type { StatePaths } from "./state-paths.ts";
import { createProcesses, listRunning } from "./temporal-client.ts";
import { temporalTls } from "./tls.ts";
import { traceActivities } from "./trace-activities.ts";
import { UndoStack } from "./undo-stack.ts";
import { startLoops } from "./worker-loops.ts";
import type { loopIntervals } from "./worker-loops.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";
import type { WorkerMetrics } from "./worker-metrics.ts";
import { bundleWorkflows } from "./workflow-bundle.ts";

/** As many conversations as talk in the same minutes: a smaller cache replays, at six times the price. */
const maxCachedWorkflows = 1_000;
const connections = 20;

type WorkerDeps = UpkeepDeps & KeyDeps;

/** What tests give in place of the settings. */
export type WorkerOverrides = {
  queues?: { main: string; bulk: string };
  /** Fewer than the SDK's 100 make a queue out of little. */
  activitiesAtOnce?: number;
  workflowBundle?: { codePath: string };
  deps?: Partial<WorkerDeps>;
  interceptors?: WorkerInterceptors;
  intervals?: typeof loopIntervals;
  hasSchedules?: boolean;
  core?: Partial<Core>;
};

/** Polls both task queues, sends, sweeps and pushes, until it is stopped. */
export async function startWorker(config: Config, overrides: WorkerOverrides = {}): Promise<RunningPart> {
  const undo = new UndoStack();
  try {
    const opened = await openCore(config, { name: "worker", login: "worker", connections });
    undo.push(() => opened.close());
    const core = { ...opened, ...overrides.core };
    const metrics = createWorkerMetrics(core.clock.now());
    core.egress.watch(metrics.outside.egressRefused);
    const coreMetrics = await installRuntime(core);
    undo.push(await showMetrics(core, metrics, coreMetrics));
    const queues = overrides.queues ?? taskQueues;
    const paths = statePaths(config.SHOPTHREAD_HOME);
    const signer = await loadCertificateSigner(paths.keyring);
    const given = workerDeps(core, { taskQueue: queues.main, metrics, signer, paths });
    const deps = measureOutside({ ...given, ...overrides.deps }, metrics);
    const makeSchedules = () =>
      overrides.hasSchedules === false
        ? Promise.resolve(0)
        : ensureSchedules(core.temporal.client, queues.bulk);
    // The loops need no Temporal: a worker that starts while it is away sends and pushes what is queued.
    const loops = startLoops(deps, core.config, {
      intervals: overrides.intervals,
      restoreSchedules: async () => {
        const made = await makeSchedules();
        if (made > 0) await pickUp(deps, metrics);
        return made;
      },
      onRun: metrics.loopEnded,
    });
    undo.push(() => loops.stop());
    const workers = await createWorkers(core, deps, { ...overrides, queues, undo, metrics });
    const runs = workers.map((worker) => worker.run());
    let isToEnd = false;
    for (const run of runs) {
      run.catch((err: unknown) => {
        // By then an activity that did not end is another worker's.
        if (isToEnd) core.log.warn({ err }, "worker.forced_to_end");
        else failLoudly(core, err);
      });
    }
    await makeSchedules();
    await pickUp(deps, metrics);
    if (overrides.hasSchedules !== false) await checkPagesNow(core);
    return {
      stop: async () => {
        await loops.stop();
        isToEnd = true;
        for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
        await Promise.allSettled(runs);
        await undo.unwind();
      },
    };
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

async function createWorkers(
  core: Core,
  deps: WorkerDeps,
  {
    queues,
    undo,
    workflowBundle,
    activitiesAtOnce,
    interceptors,
    metrics,
  }: WorkerOverrides & { queues: typeof taskQueues; undo: UndoStack; metrics: WorkerMetrics },
): Promise<Worker[]> {
  const connection = await connectWhenThere(core);
  undo.push(() => connection.close());
  const common: WorkerOptions = {
    connection,
    namespace: core.config.TEMPORAL_NAMESPACE,
    taskQueue: queues.main,
    workflowBundle: workflowBundle ?? (await givenBundle(core.config)),
    dataConverter: core.dataConverter,
    stickyQueueScheduleToStartTimeout: "3s", // what a crashed worker's conversations wait for
    shutdownGraceTime: "10s",
    shutdownForceTime: "15s",
    interceptors: {
      ...interceptors,
      activity: [
        traceActivities(core.trace),
        measureActivities(metrics),
        ...activityInterceptors(core.log),
        ...(interceptors?.activity ?? []),
      ],
    },
  };
  const main = await Worker.create({
    ...common,
    maxCachedWorkflows,
    ...(activitiesAtOnce === undefined ? {} : { maxConcurrentActivityTaskExecutions: activitiesAtOnce }),
    activities: {
      ...createConversationActivities(deps),
      ...createErasureActivities(deps),
      ...createEvidenceActivities(deps),
      ...createOrderActivities(deps),
      ...createPayoutActivities(deps),
      ...createPrivacyActivities(deps),
      ...createSubscriptionActivities(deps),
      ...createBreachActivities(deps),
      ...createUpgradeActivities(deps),
    },
  });
  const bulk = await Worker.create({
    ...common,
    taskQueue: queues.bulk,
    maxCachedWorkflows: 10,
    activities: {
      ...createUpkeepActivities(deps),
      ...createRetentionActivities(deps),
      ...createKeyRotationActivities(deps),
    },
  });
  return [main, bulk];
}

async function givenBundle({ SHOPTHREAD_WORKFLOW_BUNDLE: codePath }: Config) {
  return codePath === undefined ? bundleWorkflows() : { codePath };
}

const connectEveryMs = 1_000;

/** A worker that starts during an outage waits for its end. */
async function connectWhenThere({ config, log, temporal }: Core): Promise<NativeConnection> {
  const tls = temporalTls(config);
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The SDK's core would take TLS 1.2 as well: whom the client has reached speaks 1.3.
      if (tls !== undefined) await temporal.ping();
      return await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS ?? "", tls: tls ?? null });
    } catch (err) {
      if (attempt === 1) log.warn({ err }, "temporal.away");
      await wait(connectEveryMs);
    }
  }
}

/** What a lost Temporal database or a long outage left behind is picked up at once, not in five minutes. */
async function pickUp(deps: UpkeepDeps, metrics: WorkerMetrics): Promise<void> {
  try {
    const reconciled = await reconcile(deps);
    metrics.wasReconciled(reconciled);
    deps.log.info({ ...reconciled }, "reconcile.done");
  } catch (err) {
    deps.log.warn({ err }, "reconcile.failed");
  }
}

/** Whatever happened to Pages while no worker ran is found at once, not within the hour. */
async function checkPagesNow({ temporal, log }: Core): Promise<void> {
  try {
    await temporal.client.schedule.getHandle(pageCheckSchedule).trigger();
  } catch (err) {
    log.warn({ err }, "page.check_not_begun");
  }
}

/** The supervisor starts it again. */
function failLoudly({ log }: Core, err: unknown): void {
  log.fatal({ err }, "worker.ended");
  process.exit(1);
}

/** The SDK's own log, into ours, and its core's figures. One runtime a process: the first worker decides. */
let runtime: Promise<CoreMetrics | undefined> | undefined;
function installRuntime({ config, log }: Core): Promise<CoreMetrics | undefined> {
  const install = async () => {
    const metrics = config.SHOPTHREAD_WORKER_METRICS_PORT === "off" ? undefined : await openCoreMetrics();
    Runtime.install({
      logger: createTemporalLogger(log),
      shutdownSignals: [], // `run-part.ts` hears them; a worker that is shut down twice does not end cleanly
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: "WARN", other: "WARN" }) },
        ...(metrics === undefined ? {} : { metrics: metrics.exporter }),
      },
    });
    return metrics;
  };
  runtime ??= install();
  return runtime;
}

/** The activities' world, from the settings. */
function activityDeps(core: Core, processes: ActivityDeps["processes"]): ActivityDeps {
  const config = demandSettings(core.config, "the worker", [
    "OPENAI_BASE_URL",
    "META_APP_ID",
    "META_APP_SECRET",
    "SHOPTHREAD_PUBLIC_URL",
  ]);
  return {
    db: core.db,
    clock: core.clock,
    sealer: core.sealer,
    blindIndexer: core.blindIndexer,
    objects: core.objects,
    images: core.images,
    attachments: createAttachmentFetcher({
      egress: core.egress,
      hosts: parseAttachmentHosts(config.ATTACHMENT_HOSTS),
    }),
    messenger: createMessengerClient({
      egress: core.egress,
      baseUrl: config.GRAPH_BASE_URL,
      version: config.GRAPH_VERSION,
      appId: config.META_APP_ID,
      appSecret: config.META_APP_SECRET[0] ?? "",
    }),
    model: createModelClient({
      egress: core.egress,
      apiKey: config.OPENAI_API_KEY ?? "",
      baseUrl: config.OPENAI_BASE_URL,
      model: config.OPENAI_MODEL,
    }),
    modelName: config.OPENAI_MODEL,
    modelPrice: {
      inputMicroUsd: microUsd(config.OPENAI_INPUT_PRICE),
      outputMicroUsd: microUsd(config.OPENAI_OUTPUT_PRICE),
    },
    push: createPush(core),
    gateways: {
      kbzpay: createKbzPay({ egress: core.egress, baseUrl: config.KBZPAY_BASE_URL, clock: core.clock }),
    },
    platformMerchant: platformMerchant(config),
    invoicing: invoicingOf(config),
    processes,
    publicUrl: config.SHOPTHREAD_PUBLIC_URL,
    supportEmail: config.SHOPTHREAD_SUPPORT_EMAIL,
    privacyProfile: config.SHOPTHREAD_PRIVACY_PROFILE,
    outbox: defaultOutboxSettings,
    log: core.log,
    trace: core.trace,
    atStep: (step) => Promise.resolve(core.trace.step(step)),
  };
}

function workerDeps(
  core: Core,
  {
    taskQueue,
    metrics,
    signer: certificateSigner,
    paths,
  }: { taskQueue: string; metrics: WorkerMetrics; signer: CertificateSigner; paths: StatePaths },
): WorkerDeps {
  const processes = createProcesses(core.temporal, taskQueue, (workflowId) => {
    core.log.warn({ workflowId }, "process.was_stuck");
    metrics.stuckRunEnded();
  });
  return {
    ...activityDeps(core, processes),
    system: core.system,
    keyRotator: core.keyRotator,
    keyCacheTtlMs,
    mail: createMail(core),
    listRunning: () => listRunning(core.temporal, taskQueue),
    patience: defaultPatience,
    payoutProvider: manualTransfer,
    payoutTimings: defaultPayoutTimings,
    forgetKeys: (subjectId) => core.sealer.forget(subjectId),
    executions: createExecutions(core.temporal),
    erasureList: createErasureList(paths.erasureList),
    certificateSigner,
    erasureTimings: defaultErasureTimings,
    door: createIntakeDoor({
      ...core,
      processes,
      settings: { messenger: { appIds: [core.config.META_APP_ID ?? ""] } },
    }),
    metaAppId: core.config.META_APP_ID ?? "",
    gaps: defaultGapSettings,
    auditHeads: createAuditHeadFile(statePaths(core.config.SHOPTHREAD_HOME).auditHeads),
    buildPackage: null,
    purge: defaultPurgeSettings,
  };
}

/** Without a mail server, mails wait in their rows. */
function createMail({ config, egress }: Core): UpkeepDeps["mail"] {
  const { SMTP_URL: url, MAIL_FROM: from } = config;
  return url === undefined ? null : createMailClient({ egress, url, from });
}

/** Without a push project, notices are still in the console. */
function createPush({ config, clock, egress }: Core): ActivityDeps["push"] {
  const { FCM_PROJECT_ID: projectId, FCM_CLIENT_EMAIL: clientEmail, FCM_PRIVATE_KEY: privateKey } = config;
  if (!projectId || !clientEmail || !privateKey) {
    return { sendPush: () => Promise.resolve({ outcome: "refused", code: "push.not_configured" }) };
  }
  return createPushClient({
    egress,
    baseUrl: config.FCM_BASE_URL,
    tokenUrl: config.FCM_TOKEN_URL,
    projectId,
    clientEmail,
    privateKey,
    clock,
  });
}

function microUsd(usd: number): number {
  return Math.round(usd * 1_000_000);
}
