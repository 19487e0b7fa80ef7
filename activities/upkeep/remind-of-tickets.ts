import { mailAdmins } from "../../db/mail-admins.ts";
import { takeTicketAlarms } from "../../db/tickets.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/**
 * Tickets that wait for an answer: compliance is mailed when a third of the time is left, and again before it is over.
 * Safe to run twice: the mark and the mails are one transaction.
 */
export async function remindOfTickets({
  db,
  clock,
  log,
}: Pick<UpkeepDeps, "db" | "clock" | "log">): Promise<void> {
  const now = clock.now();
  await db.withoutShop(async (trx) => {
    for (const { ticketId, alarm } of await takeTicketAlarms(trx, now)) {
      if (alarm === "escalation") log.error({ ticketId }, "ticket.waits_too_long");
      const kind = alarm === "escalation" ? "ticket_waits_long" : "ticket_waits";
      const businessKey = `${kind}:${ticketId}:${now.toISOString()}`;
      await mailAdmins(trx, { role: "compliance", kind, businessKey, now });
    }
  });
}
