export const ticketTopics = ["privacy", "security", "support"] as const;
export type TicketTopic = (typeof ticketTopics)[number];

const day = 24 * 60 * 60_000;

/** Milliseconds from the person's word to our answer; privacy: the promise of 30 days. */
const answerWithinMs: Record<TicketTopic, number> = {
  privacy: 30 * day,
  security: 3 * day,
  support: 7 * day,
};

/** A third of the time is left; a thirtieth is. */
const reminderShare = 1 / 3;
const escalationShare = 1 / 30;

/** By when whoever wrote at that time has an answer. */
export function ticketDueAt(topic: TicketTopic, writtenAt: Date): Date {
  return new Date(writtenAt.getTime() + answerWithinMs[topic]);
}

type Waiting = { topic: TicketTopic; dueAt: Date; remindedAt: Date | null; escalatedAt: Date | null };

/** What is due about a ticket that waits for its answer; null: nothing yet. */
export function ticketAlarm(ticket: Waiting, now: Date): "reminder" | "escalation" | null {
  const leftShare = (ticket.dueAt.getTime() - now.getTime()) / answerWithinMs[ticket.topic];
  if (leftShare <= escalationShare) return ticket.escalatedAt === null ? "escalation" : null;
  return leftShare <= reminderShare && ticket.remindedAt === null ? "reminder" : null;
}
