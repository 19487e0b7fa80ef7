import {
  allHandlersFinished,
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { ApplicationFailure } from "@temporalio/common";

/** What a process needs to know of the row that it stands behind. */
type RowSnapshot = {
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
};

/** How a process reads its row and lets people decide about it; each of these is an activity. */
type Row<Snapshot extends RowSnapshot, Updates extends object, Result extends { snapshot: Snapshot }> = {
  /** The process's noun, for its errors: `order`. */
  noun: string;
  /** The signal by which others say that the row changed. */
  changed: string;
  updateNames: (keyof Updates & string)[];
  /** Refuses by a throw what can never become true, before it costs an event. */
  validator?: (request: Updates[keyof Updates]) => void;
  load: () => Promise<Snapshot>;
  /** What is done when somebody rings; without it the row is loaded again. */
  look?: (known: Snapshot) => Promise<Snapshot>;
  decide: <Name extends keyof Updates & string>(
    known: Snapshot,
    name: Name,
    request: Updates[Name],
  ) => Promise<Result>;
};

/** What a process has seen of its row, and its ways to wait for more. */
type FollowedRow<Snapshot extends RowSnapshot> = {
  /** The newest snapshot. */
  latest(): Snapshot;
  /** Takes a snapshot unless a newer one is known: a decision and a deadline may cross. */
  adopt(snapshot: Snapshot): void;
  /** Waits until somebody changes the row, or until the deadline, which it then meets. */
  personOrDeadline(waitMs: number, meetDeadline: () => Promise<Snapshot>): Promise<void>;
  /** Waits until somebody changes the row, however long that is: for a state that has no deadline. */
  person(): Promise<void>;
  /** After the last deadline: true when nobody came after all, and nothing is left to do. */
  isOver(): Promise<boolean>;
  /** True when the history has grown long and no handler is at work: continue as new, with nothing awaited before. */
  isTimeToContinue(): Promise<boolean>;
};

/**
 * Stands a workflow behind its row: registers its signal and its updates, then loads the row. Whoever decides gets the
 * row's answer, and the process goes on from the newest state that anybody has seen.
 */
export async function followRow<
  Snapshot extends RowSnapshot,
  Updates extends object,
  Result extends { snapshot: Snapshot },
>(row: Row<Snapshot, Updates, Result>): Promise<FollowedRow<Snapshot>> {
  let hasChanged = false;
  let current: Snapshot | undefined;

  setHandler(defineSignal(row.changed), () => {
    hasChanged = true;
  });
  for (const name of row.updateNames) {
    const update = defineUpdate<Result, [Updates[typeof name]]>(name);
    setHandler(update, decide(name), row.validator ? { validator: row.validator } : {});
  }
  adopt(await row.load());
  return { latest, adopt, personOrDeadline, person, isOver, isTimeToContinue };

  async function personOrDeadline(waitMs: number, meetDeadline: () => Promise<Snapshot>): Promise<void> {
    const isWoken = await condition(somebodyCameAfter(latest()), waitMs);
    if (hasChanged) return look();
    if (!isWoken) adopt(await meetDeadline());
  }

  async function person(): Promise<void> {
    await condition(somebodyCameAfter(latest()));
    if (hasChanged) await look();
  }

  function somebodyCameAfter(snapshot: Snapshot): () => boolean {
    return () => hasChanged || latest() !== snapshot;
  }

  async function isOver(): Promise<boolean> {
    const snapshot = latest();
    await condition(allHandlersFinished);
    if (!hasChanged) return latest() === snapshot;
    await look();
    return false;
  }

  async function look(): Promise<void> {
    hasChanged = false;
    adopt(await (row.look ? row.look(latest()) : row.load()));
  }

  function decide<Name extends keyof Updates & string>(name: Name) {
    return async (request: Updates[Name]): Promise<Result> => {
      const result = await row.decide(current ?? (await row.load()), name, request);
      adopt(result.snapshot);
      return result;
    };
  }

  function adopt(snapshot: Snapshot): void {
    if (current === undefined || snapshot.rowVersion >= current.rowVersion) current = snapshot;
  }

  function latest(): Snapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable(`the ${row.noun} was not loaded`, `${row.noun}.not_loaded`);
  }
}

async function isTimeToContinue(): Promise<boolean> {
  if (!workflowInfo().continueAsNewSuggested) return false;
  await condition(allHandlersFinished);
  return true;
}
