import { randomBytes } from "node:crypto";

export function newMid(): string {
  return `m_${randomBytes(30).toString("base64url")}`;
}
