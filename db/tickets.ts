import type { Selectable } from "kysely";

import type { AccountId, TicketId } from "../domain/id.ts";
import type { NewKey, Sealed, SealedPlace } from "../domain/sealing.ts";
import type { Language } from "../domain/shop/policies.ts";
import { ticketAlarm, ticketDueAt } from "../domain/support/ticket.ts";
import type { TicketTopic } from "../domain/support/ticket.ts";
import { platformShopId } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import type { TicketMessagesTable, TicketsTable } from "./schema/incidents.ts";
import { insertSubjects } from "./subjects.ts";

export type TicketRow = Selectable<TicketsTable>;
export type TicketMessageRow = Selectable<TicketMessagesTable>;

/** What is written in a ticket lies under the ticket's own key. */
export function ticketPlace(ticketId: TicketId, messageId: string): SealedPlace {
  return {
    shopId: platformShopId,
    subjectId: ticketId,
    purpose: "support",
    field: "ticket.body",
    rowId: messageId,
  };
}

export type NewTicketMessage = {
  ticketId: TicketId;
  id: string;
  author: "person" | "staff";
  accountId: AccountId | null;
  body: Sealed;
  now: Date;
};

/** With its first message, in `withShop(platformShopId)`. */
export async function insertTicket(
  trx: ShopTransaction,
  ticket: {
    id: TicketId;
    codeHash: Buffer;
    topic: TicketTopic;
    accountId: AccountId | null;
    language: Language;
    keys: NewKey[];
    message: NewTicketMessage;
    now: Date;
  },
): Promise<void> {
  const { id, topic, keys, message, now } = ticket;
  await insertSubjects(trx, { shopId: platformShopId, subjects: [{ id, kind: "ticket" }], keys, now });
  await trx
    .insertInto("tickets")
    .values({
      id,
      code_hash: ticket.codeHash,
      topic,
      account_id: ticket.accountId,
      language: ticket.language,
      due_at: ticketDueAt(topic, now),
      last_message_at: now,
      created_at: now,
    })
    .execute();
  await insertTicketMessage(trx, message);
}

/** False: it was written before, by the same request. */
async function insertTicketMessage(trx: ShopTransaction, message: NewTicketMessage): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await trx
    .insertInto("ticket_messages")
    .values({
      ticket_id: message.ticketId,
      id: message.id,
      author: message.author,
      account_id: message.accountId,
      body: message.body,
      at: message.now,
    })
    .onConflict((conflict) => conflict.columns(["ticket_id", "id"]).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

export function findTicket(trx: ShopTransaction, id: TicketId): Promise<TicketRow | undefined> {
  return trx.selectFrom("tickets").selectAll().where("id", "=", id).executeTakeFirst();
}

export function findTicketByCode(trx: ShopTransaction, codeHash: Buffer): Promise<TicketRow | undefined> {
  return trx.selectFrom("tickets").selectAll().where("code_hash", "=", codeHash).executeTakeFirst();
}

/** The oldest first. */
export function listTicketMessages(trx: ShopTransaction, ticketId: TicketId): Promise<TicketMessageRow[]> {
  return trx
    .selectFrom("ticket_messages")
    .selectAll()
    .where("ticket_id", "=", ticketId)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

/** Those in one state, the oldest first. */
export function listTickets(
  trx: ShopTransaction,
  { state, after, limit }: { state: TicketRow["state"]; after?: TicketId; limit: number },
): Promise<TicketRow[]> {
  let query = trx.selectFrom("tickets").selectAll().where("state", "=", state).orderBy("id").limit(limit);
  if (after !== undefined) query = query.where("id", ">", after);
  return query.execute();
}

export type WriteResult = "written" | "unknown" | "closed";

/**
 * One more word in a ticket. A person's starts the time for our answer anew; ours answers it. Safe to run twice, by the
 * message's id.
 */
export async function writeToTicket(trx: ShopTransaction, message: NewTicketMessage): Promise<WriteResult> {
  const { ticketId, author, now } = message;
  const row = await trx
    .selectFrom("tickets")
    .selectAll()
    .where("id", "=", ticketId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return "unknown";
  if (row.state === "closed") return "closed";
  if (!(await insertTicketMessage(trx, message))) return "written";
  const isWaiting = row.state === "open";
  await trx
    .updateTable("tickets")
    .set({
      last_message_at: now,
      ...(author === "staff" ? { state: "answered" as const } : {}),
      ...(author === "person" && !isWaiting
        ? {
            state: "open" as const,
            due_at: ticketDueAt(row.topic, now),
            reminded_at: null,
            escalated_at: null,
          }
        : {}),
    })
    .where("id", "=", ticketId)
    .execute();
  return "written";
}

/** False: nobody has answered it yet, or there is none. Safe to run twice. */
export async function closeTicket(
  trx: ShopTransaction,
  { ticketId, now }: { ticketId: TicketId; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("tickets")
    .set((eb) => ({ state: "closed" as const, closed_at: eb.fn.coalesce("closed_at", eb.val(now)) }))
    .where("id", "=", ticketId)
    .where("state", "in", ["answered", "closed"])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A page of tickets is looked at in one transaction. */
const alarmPage = 200;

/**
 * Marks the tickets of which it is time to remind or to escalate, and answers them: in one transaction with the mails.
 * Two that look at once see each other's marks.
 */
export async function takeTicketAlarms(
  trx: ShopTransaction,
  now: Date,
): Promise<{ ticketId: TicketId; alarm: "reminder" | "escalation" }[]> {
  const rows = await trx
    .selectFrom("tickets")
    .where("state", "=", "open")
    .where("escalated_at", "is", null)
    .select(["id", "topic", "due_at as dueAt", "reminded_at as remindedAt", "escalated_at as escalatedAt"])
    .orderBy("due_at")
    .limit(alarmPage)
    .forUpdate()
    .execute();
  const due = rows.flatMap(({ id: ticketId, ...waiting }) => {
    const alarm = ticketAlarm(waiting, now);
    return alarm === null ? [] : [{ ticketId, alarm }];
  });
  for (const [alarm, column] of [
    ["reminder", "reminded_at"],
    ["escalation", "escalated_at"],
  ] as const) {
    const ids = due.filter((one) => one.alarm === alarm).map(({ ticketId }) => ticketId);
    if (ids.length === 0) continue;
    await trx
      .updateTable("tickets")
      .set({ [column]: now })
      .where("id", "in", ids)
      .execute();
  }
  return due;
}
