export const ticketTopics = ["privacy", "security", "support"] as const;
export type TicketTopic = (typeof ticketTopics)[number];

const day = 24 * 60 * 60_000;

/** Milliseconds from the person's last word to our answer; privacy: the promise of 30 days. */
const answerWithinMs: Record<TicketTopic, number> = {
  privacy: 30 * day,
  security: 3 * day,
  support: 7 * day,
};

/** A reminder, and then an escalation, as shares of the time that there is for an answer. */
const reminderShare = 2 / 3;
const escalationShare = 29 / 30;

export type TicketDeadlines = { dueAt: Date; remindAt: Date; escalateAt: Date };

export function ticketDeadlines(topic: TicketTopic, since: Date): TicketDeadlines {
  const at = (share: number) => new Date(since.getTime() + answerWithinMs[topic] * share);
  return { dueAt: at(1), remindAt: at(reminderShare), escalateAt: at(escalationShare) };
}
