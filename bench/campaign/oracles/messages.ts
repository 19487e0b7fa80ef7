import { fromTypeId } from "../../../domain/id.ts";
import { midHash } from "../../../domain/messenger/mid-hash.ts";
import type { Observation, Oracle, SeenCustomer, Violation } from "./observation.ts";

type Part = {
  id: string;
  shop_id: string;
  customer_id: string;
  seq: number;
  audience: string;
  state: string;
  is_resend: boolean;
  sending_at: Date | null;
};

/** I1: what was answered 200 is stored, or lies visibly in the dead letters. I2: and it is stored once. */
export const nothingIncomingIsLost: Oracle = async ({ customers, rows }) => {
  const kept = await rows<{ hash: string; times: number }>(
    `select encode(mid_hash, 'hex') as hash, count(*)::int as times from (
       select mid_hash from messages where direction = 'in' and mid_hash is not null
       union all select mid_hash from dead_letters where mid_hash is not null
       union all select mid_hash from intake where claimed_at is null and mid_hash is not null
         and kind in ('message', 'postback')) all_kept
     group by 1`,
  );
  const times = new Map(kept.map(({ hash, times: count }) => [hash, count]));
  return customers.flatMap((customer) =>
    saidBy(customer).flatMap(({ mid }): Violation[] => {
      const count = times.get(midHash(customer.pageId, mid).toString("hex")) ?? 0;
      if (count === 1) return [];
      const what = count === 0 ? `${mid} was taken and is nowhere` : `${mid} is stored ${count} times`;
      return [{ invariant: count === 0 ? "I1" : "I2", what, psid: customer.psid }];
    }),
  );
};

function saidBy({ messages, takenBack }: SeenCustomer) {
  return messages.filter(({ from, mid }) => from === "customer" && !takenBack.includes(mid));
}

/** I3: what went out was seen once, and nothing that was dropped was seen. */
export const nothingOutgoingIsDoubled: Oracle = async (seen) => {
  const parts = await listParts(seen);
  const shown = countShown(seen);
  const violations: Violation[] = [];
  for (const [id, { count, psid }] of shown) {
    if (count > 1)
      violations.push({ invariant: "I3", what: `${describe(parts.get(id))} was seen ${count} times`, psid });
    if (!parts.has(id)) violations.push({ invariant: "I3", what: `${id} was seen and is not stored`, psid });
  }
  for (const part of parts.values()) {
    const count = shown.get(part.id)?.count ?? 0;
    if (part.state === "sent" && count === 0)
      violations.push({ invariant: "I3", what: `${describe(part)} counts as sent and was never seen` });
    if ((part.state === "dropped" || part.state === "failed") && count > 0)
      violations.push({ invariant: "I3", what: `${describe(part)} was seen all the same` });
  }
  return violations;
};

/** I12: within a conversation messages are seen in the order in which they were written. */
export const messagesKeepTheirOrder: Oracle = async (seen) => {
  const parts = await listParts(seen);
  return seen.customers.flatMap(({ psid, messages }) => {
    const inOrder = messages
      .flatMap(({ metadata }) => parts.get(metadata ?? "") ?? [])
      .filter(({ is_resend }) => !is_resend);
    const late = inOrder.find((part, index) => index > 0 && part.seq < (inOrder[index - 1]?.seq ?? 0));
    return late ? [{ invariant: "I12", what: `${describe(late)} was overtaken`, psid }] : [];
  });
};

/** The agent says nothing from the moment at which a person has taken over until they give back. */
export const theAgentIsSilentBesideAPerson: Oracle = async (seen) => {
  const parts = await listParts(seen);
  const silences = seen.shops.flatMap(({ owner }) => owner.silences);
  const violations: Violation[] = [];
  for (const { psid, messages } of seen.customers) {
    for (const { metadata, at, text } of messages) {
      const part = parts.get(metadata ?? "");
      if (part?.audience !== "chat" || part.sending_at === null) continue;
      const [shownAt, claimedAt] = [Date.parse(at), part.sending_at.getTime()];
      const broken = silences.some(
        ({ customerId, from, until }) =>
          fromTypeId("cus", customerId) === part.customer_id &&
          Math.min(shownAt, claimedAt) > from &&
          shownAt < (until ?? Infinity),
      );
      if (broken) violations.push({ invariant: "mute", what: `the agent said “${text}” at ${at}`, psid });
    }
  }
  return violations;
};

/**
 * Every message is settled, but those of which nobody knows whether they arrived (the owner sees them), and those of a
 * deadline that passed a moment ago.
 */
export const everyMessageIsSettled: Oracle = async ({ rows }) => {
  const open = await rows<{ id: string; state: string; audience: string; rest: string }>(
    `select id, state, audience, concat_ws(' ', business_key, part, 'tries', attempts, error_code, 'next', next_attempt_at) as rest
     from outbox where created_at < now() - interval '30 seconds' and (state in ('queued', 'sending')
       or state = 'unknown' and not exists (select from owner_notices n
         where n.shop_id = outbox.shop_id and n.business_key = 'message:' || outbox.id || ':unknown'))`,
  );
  return open.map(({ id, state, audience, rest }) => ({
    invariant: "I14",
    what: `${audience} message ${id} is still ${state}: ${rest}`,
  }));
};

async function listParts({ rows }: Observation): Promise<Map<string, Part>> {
  const parts = await rows<Part>(
    "select id, shop_id, customer_id, seq::int, audience, state, is_resend, sending_at from outbox",
  );
  return new Map(parts.map((part) => [part.id, part]));
}

function countShown({ customers }: Observation): Map<string, { count: number; psid: string }> {
  const shown = new Map<string, { count: number; psid: string }>();
  for (const { psid, messages } of customers) {
    for (const { from, metadata } of messages) {
      if (from !== "page" || !metadata) continue;
      shown.set(metadata, { psid, count: (shown.get(metadata)?.count ?? 0) + 1 });
    }
  }
  return shown;
}

function describe(part: Part | undefined): string {
  return part ? `${part.audience} message ${part.seq} (${part.id}, ${part.state})` : "an unknown message";
}
