/** Conversations and orders, where somebody waits; and what may take its time. */
export const taskQueues: { main: string; bulk: string } = { main: "main", bulk: "bulk" };

/** The second queue of whoever uses this one as the first; tests have queues of their own. */
export function bulkQueueOf(main: string): string {
  return main === taskQueues.main ? taskQueues.bulk : `${main}-bulk`;
}
