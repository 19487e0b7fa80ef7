import { continueAsNew, proxyActivities } from "@temporalio/workflow";

import { activityOptions } from "./decisions.ts";
import { eraseSubject } from "./erase-subject.ts";
import { followRow } from "./follow-row.ts";
import { privacyChanged } from "./privacy-request.contract.ts";
import type {
  DecidePrivacy,
  PrivacyActivities,
  PrivacyDecisionResult,
  PrivacyInput,
  PrivacyRef,
  PrivacySnapshot,
  PrivacyTask,
  PrivacyUpdateName,
  PrivacyUpdates,
} from "./privacy-request.contract.ts";

const { loadPrivacyRequest } = proxyActivities<PrivacyActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the request
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: PrivacyUpdateName[] = [
  "cancelPrivacyRequest",
  "answerPrivacyRequest",
  "denyPrivacyRequest",
];

/**
 * From what a person asks about their data to its answer, which they are told. Somebody judges it where that is needed,
 * and a shop that is silent is not waited for; a deletion can be taken back for a while, and then it is carried out. The
 * clock goes on meanwhile: reminders, then the alarm. The row is the truth: it can be started from it in any state.
 */
export async function privacyRequest(input: PrivacyInput): Promise<void> {
  const ref = { shopId: input.shopId, requestId: input.requestId };
  const request = await followRow<PrivacySnapshot, PrivacyUpdates, PrivacyDecisionResult>({
    noun: "privacy_request",
    changed: privacyChanged,
    updateNames,
    load: () => loadPrivacyRequest(ref),
    decide: (known, name, decision) =>
      activities(known).decidePrivacyRequest({ ...ref, name, request: decision } as DecidePrivacy),
  });
  /** What is under way while the clock goes on. */
  let work: Promise<void> | undefined;
  let failure: unknown;

  for (;;) {
    const snapshot = request.latest();
    if (failure !== undefined) throw failure;
    if (snapshot.task !== null) work ??= begin(snapshot, snapshot.task);
    const { next } = snapshot;
    if (next) await request.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else if (snapshot.isOpen) await request.person();
    else if (await request.isOver()) return;
    const isAtRest = work === undefined && failure === undefined;
    if (isAtRest && (await request.isTimeToContinue())) await continueAsNew<typeof privacyRequest>(input);
  }

  /** Its end, good or bad, wakes whoever waits. */
  async function begin(snapshot: PrivacySnapshot, task: PrivacyTask): Promise<void> {
    try {
      request.adopt(await carryOut(ref, snapshot, task));
    } catch (error) {
      failure = error;
      request.adopt({ ...request.latest() });
    }
    work = undefined;
  }
}

async function carryOut(
  ref: PrivacyRef,
  snapshot: PrivacySnapshot,
  task: PrivacyTask,
): Promise<PrivacySnapshot> {
  const { finishPrivacyRequest } = activities(snapshot);
  const { buildPackage } = proxyActivities<PrivacyActivities>({
    ...activityOptions(snapshot.activity),
    startToCloseTimeout: "2h", // all that a shop has, a page at a time
  });
  const { what, subjectId, kind } = task;
  switch (what) {
    case "erase":
      await eraseSubject({ ...ref, subjectId });
      return finishPrivacyRequest({ ...ref, answer: "erased" });
    case "package":
      await buildPackage({ ...ref, subjectId, kind });
      return finishPrivacyRequest({ ...ref, answer: "packaged" });
  }
}

function activities(snapshot: PrivacySnapshot): PrivacyActivities {
  return proxyActivities<PrivacyActivities>(activityOptions(snapshot.activity));
}
