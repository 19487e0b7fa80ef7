import { createTransport } from "nodemailer";

import type { MailClient, MailResult } from "../domain/ports/mail-client.ts";
import { isEgressRefusal } from "./egress.ts";
import type { Egress } from "./egress.ts";

export type MailOptions = {
  egress: Egress;
  /** `smtps://user:password@host:465` or `smtp://…`; secrets never travel unencrypted, but on this machine. */
  url: string;
  /** As in `Shopthread <no-reply@shop.example>`. */
  from: string;
  timeoutMs?: number;
};

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** SMTP. The Message-ID comes from the mail's id, so that one that is sent twice can be known as one. */
export function createMailClient({ egress, url, from, timeoutMs = 10_000 }: MailOptions): MailClient {
  const { host, hostname } = new URL(url);
  const transport = createTransport({
    url,
    requireTLS: !loopback.has(hostname),
    tls: { minVersion: egress.isTls12Allowed(host) ? "TLSv1.2" : "TLSv1.3" },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? hostname;
  return {
    async sendMail({ id, to, subject, body }) {
      try {
        egress.admit("mail", url);
        await transport.sendMail({
          messageId: `<${id}@${domain}>`,
          from,
          to: { name: "", address: to },
          subject,
          text: body,
          // RFC 3834: no answer of a machine to it.
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return { outcome: "sent" };
      } catch (error) {
        return judge(error);
      }
    },
  };
}

/** A 5xx about this mail is for good; a refused sign-in is the setting's fault, and all else passes. */
function judge(error: unknown): MailResult {
  if (isEgressRefusal(error)) return { outcome: "retry", code: "smtp.not_admitted" };
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (code === "EAUTH") return { outcome: "retry", code: "smtp.not_authorised" };
  if (typeof responseCode === "number" && responseCode >= 500) {
    return { outcome: "refused", code: `smtp.${responseCode}` };
  }
  return { outcome: "retry", code: typeof responseCode === "number" ? `smtp.${responseCode}` : "smtp.away" };
}
