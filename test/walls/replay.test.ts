import { DefaultLogger, Runtime, Worker, makeTelemetryFilterString } from "@temporalio/worker";
import type { ReplayWorkerOptions } from "@temporalio/worker";
import { beforeAll, expect, test } from "vitest";

import {
  createDataConverter,
  createPayloadCodec,
  failureConverterPath,
  sealedEncoding,
} from "../../clients/payload-codec.ts";
import { mapPayloads, openHistory, readPayload } from "../../runtime/map-payloads.ts";
import { historiesKey, readHistories } from "../support/histories.ts";
import type { RecordedHistory } from "../support/histories.ts";
import { bundleOther } from "../support/other-bundle.ts";
import { workflowBundle } from "../support/temporal.ts";
import type { BreachActivities, BreachUpdateName } from "../../workflows/breach.contract.ts";
import type { ErasureActivities } from "../../workflows/erasure.contract.ts";
import type { KeyRotationActivities } from "../../workflows/key-rotation.contract.ts";
import type { PayoutActivities, PayoutUpdateName } from "../../workflows/payout.contract.ts";
import type { PrivacyActivities, PrivacyUpdateName } from "../../workflows/privacy-request.contract.ts";
import type {
  SubscriptionActivities,
  SubscriptionUpdateName,
} from "../../workflows/subscription.contract.ts";
import type * as workflows from "../../workflows/index.ts";
import type { UpgradeActivities, UpgradeUpdateName } from "../../workflows/upgrade.contract.ts";
import type { RetentionActivities } from "../../workflows/retention.contract.ts";
import type { UpkeepActivities } from "../../workflows/upkeep.contract.ts";

beforeAll(() => {
  const filter = makeTelemetryFilterString({ core: "ERROR", other: "ERROR" });
  Runtime.install({
    logger: new DefaultLogger("ERROR"),
    telemetryOptions: { logging: { forward: {}, filter } },
  });
});

const codec = createPayloadCodec([historiesKey]);
const recorded = readHistories();

/** What went wrong, by the name of the history; no keyring, no database, no server. */
async function replay(
  histories: RecordedHistory[],
  options: ReplayWorkerOptions,
): Promise<Record<string, string | undefined>> {
  const inputs = histories.map(({ name, history }) => ({ workflowId: name, history }));
  const results: Record<string, string | undefined> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(options, inputs))
    results[workflowId] = error && `${error.name}: ${error.message}`;
  return results;
}

const allFine = Object.fromEntries(recorded.map(({ name }) => [name, undefined]));

const workflowTypes: Record<keyof typeof workflows, true> = {
  conversation: true,
  order: true,
  reconcileRun: true,
  pageCheckRun: true,
  subscriptionUpgrade: true,
  referralPayout: true,
  privacyRequest: true,
  payoutRun: true,
  subscription: true,
  pageTendingRun: true,
  commissionRun: true,
  attestationReminderRun: true,
  ticketReminderRun: true,
  breach: true,
  erasure: true,
  evidence: true,
  keyRotation: true,
  retentionRun: true,
};

test("has histories of every workflow, of runs that end and of runs that are continued", () => {
  const text = (name: RegExp) =>
    recorded.filter((history) => name.test(history.name)).map(({ history }) => JSON.stringify(history));
  for (const workflow of Object.keys(workflowTypes))
    expect(text(/./).join()).toContain(`"workflowType":{"name":"${workflow}"}`);
  expect(text(/^conversation$/).join()).toContain("EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW");
  expect(text(/^conversation-2$/)).toHaveLength(1);
  for (const name of [/^order-by-transfer/, /^order-by-cash/, /^order-that-expires/])
    expect(text(name).join()).toContain("EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED");
});

/** What the workflows that follow a row call, and what people say to them. */
type Called = keyof (UpgradeActivities &
  SubscriptionActivities &
  PayoutActivities &
  BreachActivities &
  PrivacyActivities &
  ErasureActivities &
  KeyRotationActivities &
  RetentionActivities &
  UpkeepActivities);
type Said =
  | UpgradeUpdateName
  | SubscriptionUpdateName
  | PayoutUpdateName
  | BreachUpdateName
  | PrivacyUpdateName;
const calledAndSaid: Record<Called | Said, true> = {
  loadBreach: true,
  decideBreach: true,
  raiseAlarm: true,
  listAffected: true,
  tellAffected: true,
  readReceipts: true,
  proposeBreachDecision: true,
  approveBreachDecision: true,
  containBreach: true,
  closeIncident: true,
  loadUpgrade: true,
  decideUpgrade: true,
  bookUpgradeMoney: true,
  remindOfUpgrade: true,
  escalateUpgrade: true,
  lapseUpgrade: true,
  purgeUpgradeEvidence: true,
  submitUpgrade: true,
  cancelUpgrade: true,
  approveUpgrade: true,
  rejectUpgrade: true,
  requestUpgradeEvidenceAgain: true,
  refundUpgradeMoney: true,
  loadSubscription: true,
  decideSubscription: true,
  remindOfEnd: true,
  endPeriod: true,
  limitService: true,
  suspendService: true,
  scheduleDowngrade: true,
  cancelDowngrade: true,
  reversePlanPayment: true,
  loadPayout: true,
  decidePayout: true,
  gatePayout: true,
  executePayout: true,
  remindOfPayout: true,
  escalatePayout: true,
  tellParticipant: true,
  proposePayout: true,
  approvePayout: true,
  recordPayoutPaid: true,
  recordPayoutFailed: true,
  cancelPayout: true,
  reconcile: true,
  checkPages: true,
  tendPage: true,
  settleCommissions: true,
  remindOfAttestations: true,
  remindOfTickets: true,
  tallyPayouts: true,
  beginRetention: true,
  sweepRetention: true,
  endRetention: true,
  loadPrivacyRequest: true,
  decidePrivacyRequest: true,
  tellPrivacyPerson: true,
  lapsePrivacyRequest: true,
  routePrivacyRequest: true,
  beginPrivacyRequest: true,
  remindOfPrivacyRequest: true,
  raisePrivacyAlarm: true,
  buildPackage: true,
  finishPrivacyRequest: true,
  closePrivacyRequest: true,
  cancelPrivacyRequest: true,
  answerPrivacyRequest: true,
  denyPrivacyRequest: true,
  planErasure: true,
  loadErasure: true,
  fenceSubject: true,
  closeProcesses: true,
  countRunning: true,
  terminateStragglers: true,
  deleteExecutions: true,
  destroyKeys: true,
  proveUnreadable: true,
  removeRows: true,
  issueCertificate: true,
  endHolds: true,
  completeCertificate: true,
  closeKeyEpoch: true,
  rewrapKeys: true,
  countKeysLeft: true,
  destroyKeyEpoch: true,
};

test("has every activity and every decision of a plan, a payout, a breach, privacy, keys and the upkeep", () => {
  const text = recorded.map(({ history }) => JSON.stringify(history)).join();
  expect(Object.keys(calledAndSaid).filter((name) => !text.includes(`"name":"${name}"`))).toEqual([]);
});

test("replays recorded histories, sealed as they are, with the payload key alone", async () => {
  const options = { workflowBundle: workflowBundle(), dataConverter: createDataConverter([historiesKey]) };
  expect(await replay(recorded, options)).toEqual(allFine);
}, 60_000);

test("replays them opened, with no key at all", async () => {
  const opened = await Promise.all(
    recorded.map(async ({ name, history }) => ({ name, history: await openHistory(history, codec) })),
  );
  const dataConverter = { failureConverterPath };
  const options = { workflowBundle: workflowBundle(), dataConverter };
  expect(await replay(opened as RecordedHistory[], options)).toEqual(allFine);
}, 60_000);

test("notices a change of a workflow that running executions would not survive", async () => {
  const changed = await bundleOther(new URL("./changed-workflows.ts", import.meta.url));
  const changedOnes = recorded.filter(({ name }) => /^(conversation|order)/.test(name));
  const results = await replay(changedOnes, {
    workflowBundle: changed,
    dataConverter: createDataConverter([historiesKey]),
  });
  for (const [name, error] of Object.entries(results))
    expect({ name, error }).toEqual({ name, error: expect.stringContaining("DeterminismViolationError") });
  expect(Object.keys(results)).toHaveLength(changedOnes.length);
}, 60_000);

/** The SDK marks which of its own ways a run goes; no codec sees that. */
const sdkMark = "__sdk_internal_patch_number:";

test.each(recorded)("$name holds ids, numbers and codes, and nothing of a person", async ({ history }) => {
  const words: string[] = [];
  const payloads = await mapPayloads(history, async (payload) => {
    const { encoding = "", type } = payload.metadata;
    const isSearchAttribute = type !== undefined; // the server's own: which schedule started the run
    const isOfSdk = Buffer.from(payload.data ?? "", "base64")
      .toString()
      .startsWith(`{"id":"${sdkMark}`);
    if (!isSearchAttribute && !isOfSdk)
      expect(Buffer.from(encoding, "base64").toString()).toBe(sealedEncoding);
    collectWords(await readPayload(codec, payload), words);
    return null;
  });
  collectWords(payloads, words);
  expect(words.filter((word) => !isImpersonal(word))).toEqual([]);
  expect(words.join("\n")).not.toMatch(/Hla|Baho|Sanchaung|791 ?234 ?567/); // of `placeAnOrder`
});

function collectWords(value: unknown, words: string[]): void {
  if (typeof value === "string") words.push(value);
  else if (typeof value === "object" && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      words.push(name);
      collectWords(inner, words);
    }
}

/** Codes, ids, times and durations; a phone, a PSID or a sentence is none of them. */
function isImpersonal(word: string): boolean {
  return [
    /^$/,
    /^[A-Za-z][A-Za-z_]{0,79}$/, // names, states, kinds
    /^[a-z]+(?:[._-][A-Za-z]+)*$/, // codes
    /^(?:[a-z-]+\/[a-z]{2,5}_)?[0-7][0-9a-hjkmnp-tv-z]{25}(?:\/\d{4}-\d\d)?$/, // TypeIDs, also with a month
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    /^[0-9a-f]{32}$/, // hashes
    /^[\w-]{43}(?:\/request)?$/, // update ids
    /^(?:[a-z-]+-)?\d{4}-\d\d-\d\dT[\d:.]+Z$/, // times, and ids of scheduled runs
    /^\d{1,8}(?:\.\d{1,9}){0,2}s?$/, // counts, durations, versions
    /^1@recorded(?:-[0-9a-f]{32})?$/, // the worker
    new RegExp(`^${sdkMark}\\d+$`, "u"),
    /^@temporalio\/worker@[\d.]+\+[0-9a-f]{64}$/, // its build
  ].some((pattern) => pattern.test(word));
}
