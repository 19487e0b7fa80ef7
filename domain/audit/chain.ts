import { createHash } from "node:crypto";

/** What an entry says; `at` in UTC to the microsecond, as the database keeps it. */
export type AuditEntry = {
  shopId: string;
  id: string;
  at: string;
  actorKind: string;
  actorId: string | null;
  action: string;
  subjectId: string | null;
  resourceId: string | null;
  data: Record<string, unknown>;
};

/** The place of an entry in its log: numbers from 1 without a gap, given when it is linked, not when it was written. */
export type Link = { sequence: number; previousHash: Buffer; hash: Buffer };

/** The last link of a log, or what stands before its first one. */
export type Head = { sequence: number; hash: Buffer };

export const emptyHead: Head = { sequence: 0, hash: Buffer.alloc(32) };

/** The link that makes the entry the next one after the head. */
export function linkAfter({ sequence, hash: previousHash }: Head, entry: AuditEntry): Link {
  const next = sequence + 1;
  return { sequence: next, previousHash, hash: hashOf(entry, { sequence: next, previousHash }) };
}

export function linkAll(head: Head, entries: readonly AuditEntry[]): Link[] {
  const links: Link[] = [];
  let last = head;
  for (const entry of entries) {
    const link = linkAfter(last, entry);
    links.push(link);
    last = link;
  }
  return links;
}

function hashOf(entry: AuditEntry, { sequence, previousHash }: Omit<Link, "hash">): Buffer {
  const content = [
    sequence,
    entry.shopId,
    entry.id,
    entry.at,
    entry.actorKind,
    entry.actorId,
    entry.action,
    entry.subjectId,
    entry.resourceId,
    sorted(entry.data),
  ];
  return createHash("sha256").update(previousHash).update(JSON.stringify(content)).digest();
}

/** One text for equal data, in whatever order a database gives its fields back. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, field]) => [name, sorted(field)]);
}
