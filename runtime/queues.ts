/** Conversations and orders, where somebody waits; and what may take its time. */
export const taskQueues: { main: string; bulk: string } = { main: "main", bulk: "bulk" };
