import type { AddressInfo, Socket } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

import type { SimContext } from "../sim-context.ts";
import type { Letter } from "./letters.ts";

export type MailServer = { url: string; close: () => Promise<void> };

/**
 * A mail server on this machine: takes every letter, for whomever. Faults `to: "mail"` match `SEND to` and the letter's
 * words: `status` is the SMTP code, `hang` and `dropAfter` end without an answer.
 */
export async function startMailServer(
  ctx: SimContext,
  { host, port }: { host: string; port: number },
): Promise<MailServer> {
  const stop = new AbortController();
  /** By the client's port. */
  const connections = new Map<number, Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onData: (stream, { remotePort }, callback) => {
      const answer = async () => {
        const status = await take(ctx, stream, stop.signal).catch(() => 451);
        if (status === undefined) connections.get(remotePort)?.destroy();
        else callback(status < 400 ? null : refusal(status));
      };
      void answer();
    },
  });
  server.on("error", () => undefined); // a client that goes away is no trouble of ours
  server.server.on("connection", (socket) => {
    const { remotePort = 0 } = socket;
    connections.set(remotePort, socket);
    socket.once("close", () => connections.delete(remotePort));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  // A server that listens on TCP has an address with a port.
  const { port: listening } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${host}:${listening}`,
    async close() {
      stop.abort();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections.values()) socket.destroy();
      await ended;
    },
  };
}

/** The SMTP code of the answer; undefined: the connection is cut instead. */
async function take(ctx: SimContext, stream: Readable, stop: AbortSignal): Promise<number | undefined> {
  const letter = await readLetter(ctx, stream);
  const { text, ...head } = letter;
  const call = ctx.log.record({
    to: "mail",
    method: "SEND",
    path: `/${letter.to}`,
    query: {},
    headers: { "message-id": letter.messageId },
    body: { ...head, text },
  });
  const fault = ctx.faults.take("mail", `SEND ${letter.to}\n${letter.subject}\n${text}`);
  if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.hang) {
    call.outcome = "hung";
    await ctx.faults.hang(stop);
    return undefined;
  }
  if (fault?.status !== undefined) {
    Object.assign(call, { outcome: "fault", status: fault.status });
    return fault.status;
  }
  ctx.letters.add(letter);
  if (fault?.answerDelayMs) await sleep(fault.answerDelayMs, undefined, { ref: false });
  Object.assign(call, { outcome: fault?.dropAfter ? "dropped" : "answered", status: 250 });
  return fault?.dropAfter ? undefined : 250;
}

function refusal(status: number): Error {
  return Object.assign(new Error("refused by a fault"), { responseCode: status });
}

async function readLetter(ctx: SimContext, stream: Readable): Promise<Letter> {
  const mail = await simpleParser(stream);
  const to = Array.isArray(mail.to) ? mail.to : [mail.to];
  return {
    messageId: mail.messageId ?? "",
    at: new Date(ctx.now()).toISOString(),
    from: mail.from?.text ?? "",
    to: to.flatMap((list) => list?.value.map(({ address = "" }) => address) ?? []).join(", "),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
  };
}
