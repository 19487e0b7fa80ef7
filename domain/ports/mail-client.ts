export type MailResult =
  | { outcome: "sent" }
  /** Nobody knows whether it went: sent again, it has the same Message-ID. */
  | { outcome: "retry"; code: string }
  | { outcome: "refused"; code: string };

export interface MailClient {
  sendMail(mail: {
    /** Makes the Message-ID. */
    id: string;
    to: string;
    subject: string;
    /** Plain text. */
    body: string;
  }): Promise<MailResult>;
}
