import type { TurnCounts } from "./turn-counts.ts";

/** What one plain turn costs; `docs/performance.md` tells how it came to be so little. */
export const expectedCounts = {
  events: 10,
  signals: 1,
  activities: 1,
  workflowTasks: 2,
  modelCalls: 2,
  graphCalls: 3,
  apiTransactions: 2,
  apiStatements: 10,
  looksForPage: 1,
  workerTransactions: 9,
  workerStatements: 57,
  keyringStatements: 0,
};

export type CountName = keyof typeof expectedCounts;

/** What something else adds in the middle of a turn now and then. */
const besides: Partial<Record<CountName, number>> = {
  apiStatements: 0.9, // the console's listening connection
  workerTransactions: 0.9, // the settler, should it look at the conversation
  workerStatements: 3, // likewise
};

export function countsByName({ api, worker, keyring, ...counts }: TurnCounts): Record<CountName, number> {
  const { events, signals, activities, workflowTasks, modelCalls, graphCalls, statements } = counts;
  const page = statements.filter(
    ({ login, text }) => login === "app_system" && text.includes("meta_page_id"),
  );
  return {
    events,
    signals,
    activities,
    workflowTasks,
    modelCalls,
    graphCalls,
    apiTransactions: api.transactions,
    apiStatements: api.statements,
    looksForPage: page.reduce((sum, { calls }) => sum + calls, 0),
    workerTransactions: worker.transactions,
    workerStatements: worker.statements,
    keyringStatements: keyring.statements,
  };
}

/** Each count that is higher than expected, as words. */
export function exceededCounts(counts: TurnCounts): string[] {
  const names = Object.keys(expectedCounts) as CountName[];
  const seen = countsByName(counts);
  return names
    .filter((name) => seen[name] > expectedCounts[name] + (besides[name] ?? 0))
    .map((name) => `${name}: ${seen[name]} instead of ${expectedCounts[name]}`);
}
