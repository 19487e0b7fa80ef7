import type { Context } from "hono";

import { platformShopId } from "../../db/accounts.ts";
import { insertTicket, listTicketMessages, ticketPlace, writeToTicket } from "../../db/tickets.ts";
import type { NewTicketMessage, TicketRow } from "../../db/tickets.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, TicketId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { ticketDueAt } from "../../domain/support/ticket.ts";
import type { TicketTopic } from "../../domain/support/ticket.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { readCredential, readSession } from "../auth/read-actor.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { notFound } from "../v1/fields.schema.ts";
import { newTicketCode } from "./ticket-code.ts";
import { toTicketMessage, toTicketSummary } from "./ticket.schema.ts";

/** Whose session stands behind a request that needs none; null: nobody's. */
export async function accountBehind(c: Context<ApiEnv>): Promise<AccountId | null> {
  const credential = readCredential(c);
  const session = credential === undefined ? undefined : await readSession(c.var.deps, credential.token);
  return session?.accountId ?? null;
}

type Opening = { topic: TicketTopic; text: string; language: Language; accountId: AccountId | null };

/** What was written is masked and sealed before it touches a disk. */
export async function openTicket(deps: ApiDeps, { topic, text, language, accountId }: Opening) {
  const id = newId<TicketId>();
  const { code, codeHash } = newTicketCode();
  const keys = await deps.sealer.makeKeys([{ shopId: platformShopId, subjectId: id, kind: "ticket" }]);
  const now = deps.clock.now();
  const message = await sealTicketMessage(deps, { ticketId: id, author: "person", accountId, text, now });
  const ticket = { id, codeHash, topic, accountId, language, keys, message, now };
  await deps.db.withShop(platformShopId, (trx) => insertTicket(trx, ticket));
  return { id, code, dueAt: ticketDueAt(topic, now) };
}

type Written = Pick<NewTicketMessage, "ticketId" | "author" | "accountId" | "now"> & {
  text: string;
  id?: string;
};

export async function sealTicketMessage(
  { sealer }: ApiDeps,
  { text, id = newId<string>(), ...message }: Written,
): Promise<NewTicketMessage> {
  const place = ticketPlace(message.ticketId, id);
  const [body] = await sealer.seal([{ place, plaintext: maskSecrets(normaliseText(text)).text }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  return { ...message, id, body };
}

export async function writeTicket(deps: ApiDeps, written: Written): Promise<void> {
  const message = await sealTicketMessage(deps, written);
  const result = await deps.db.withShop(platformShopId, (trx) => writeToTicket(trx, message));
  if (result === "unknown") throw notFound("tkt");
  if (result === "closed") {
    throw new AppError("conflict", "ticket.closed", {
      internal: "the ticket is closed",
      public: "This ticket is closed. Open a new one.",
    });
  }
}

/** With all that was said in it. */
export async function showTicket({ db, sealer, clock }: ApiDeps, row: TicketRow) {
  const messages = await db.withoutShop((trx) => listTicketMessages(trx, row.id));
  const opened = await sealer.open(
    messages.map(({ id, body }) => ({ place: ticketPlace(row.id, id), sealed: body })),
  );
  return {
    ...toTicketSummary(row, clock.now()),
    messages: messages.map((message, index) =>
      toTicketMessage(message, opened[index]?.toString("utf8") ?? null),
    ),
  };
}
