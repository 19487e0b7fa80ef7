import { z } from "@hono/zod-openapi";

import type { TicketMessageRow, TicketRow } from "../../db/tickets.ts";
import { toTypeId } from "../../domain/id.ts";
import { ticketTopics } from "../../domain/support/ticket.ts";
import { TimeSchema, idText, notBlank, textOf, timeOrNull } from "../v1/fields.schema.ts";

const longestTicket = 4_000;

export const TicketTextField = textOf(longestTicket)
  .min(1)
  .openapi({ ...notBlank, description: "Passwords, codes and card numbers have no place in it." });

export const NewTicketBody = z
  .strictObject({
    topic: z.enum(ticketTopics).openapi({
      description: "`privacy`: an answer within 30 days; `security`: what somebody may have got hold of.",
    }),
    text: TicketTextField,
    language: z.enum(["en", "my"]).default("en"),
  })
  .openapi("NewTicket");

export const OpenedTicketSchema = z
  .object({
    id: idText("tkt"),
    code: z
      .string()
      .openapi({ description: "Shown once. Whoever has it reads the ticket, its answers included." }),
    dueAt: TimeSchema.openapi({ description: "By then you have an answer." }),
  })
  .openapi("OpenedTicket");

const TicketMessageSchema = z.object({
  author: z.enum(["person", "staff"]),
  text: z.string().nullable().openapi({ description: "Null when it was erased." }),
  at: TimeSchema,
});

export const TicketSummarySchema = z
  .object({
    id: idText("tkt"),
    topic: z.enum(ticketTopics),
    state: z.enum(["open", "answered", "closed"]),
    accountId: idText("acc").nullable().openapi({ description: "Null: it was written without an account." }),
    language: z.enum(["en", "my"]),
    createdAt: TimeSchema,
    dueAt: TimeSchema,
    isOverdue: z.boolean(),
    closedAt: TimeSchema.nullable(),
  })
  .openapi("TicketSummary");

export const TicketSchema = TicketSummarySchema.extend({ messages: z.array(TicketMessageSchema) }).openapi(
  "Ticket",
);

export function toTicketSummary(row: TicketRow, now: Date): z.infer<typeof TicketSummarySchema> {
  return {
    id: toTypeId("tkt", row.id),
    topic: row.topic,
    state: row.state,
    accountId: row.account_id === null ? null : toTypeId("acc", row.account_id),
    language: row.language,
    createdAt: row.created_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    isOverdue: row.state === "open" && row.due_at < now,
    closedAt: timeOrNull(row.closed_at),
  };
}

export function toTicketMessage(
  { author, at }: TicketMessageRow,
  text: string | null,
): z.infer<typeof TicketMessageSchema> {
  return { author, text, at: at.toISOString() };
}
