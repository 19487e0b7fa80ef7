import { sql } from "kysely";

import type { AccountId, ParticipantId } from "../domain/id.ts";
import { judgePair } from "../domain/referral/fraud-rules.ts";
import type { FraudRules, PairFacts } from "../domain/referral/fraud-rules.ts";
import { holdScreened } from "./commission-states.ts";
import type { ShopTransaction } from "./connection.ts";
import { lockParticipants, raiseFlags } from "./fraud-flags.ts";
import type { NewFlag } from "./fraud-flags.ts";

/** Remembers a blind index of what the account's person used; safe to run twice. */
export async function putReferralSignal(
  trx: ShopTransaction,
  signal: { accountId: AccountId; kind: "device" | "email" | "phone"; index: Buffer; now: Date },
): Promise<void> {
  await trx
    .insertInto("referral_signals")
    .values({ account_id: signal.accountId, kind: signal.kind, index: signal.index, seen_at: signal.now })
    .onConflict((conflict) =>
      conflict.columns(["account_id", "kind", "index"]).doUpdateSet({ seen_at: signal.now }),
    )
    .execute();
}

type Pair = { payerId: ParticipantId; beneficiaryId: ParticipantId };
type KnownPair = Pair & PairFacts & { attributedOn: string | null };

/**
 * Looks at the commissions that nobody looked at yet, raises the flags that the rules ask for, and holds the commissions.
 * Returns how many there were; 0: none. Safe to run twice, and beside itself.
 */
export async function screenCommissions(
  trx: ShopTransaction,
  { rules, now, limit }: { rules?: FraudRules; now: Date; limit: number },
): Promise<number> {
  const pending = await trx
    .selectFrom("commissions")
    .select(["payment_id", "payer_id", "beneficiary_id", "level"])
    .where("state", "=", "pending")
    .where("kind", "=", "earning")
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  if (pending.length === 0) return 0;
  const pairs = pending.map((line) => ({ payerId: line.payer_id, beneficiaryId: line.beneficiary_id }));
  await lockParticipants(
    trx,
    pairs.flatMap(({ payerId, beneficiaryId }) => [payerId, beneficiaryId]),
  );
  const facts = await readFacts(trx, pairs);
  await raiseFlags(
    trx,
    facts.flatMap((known) => flagsOf(known, rules)),
    now,
  );
  await holdScreened(trx, pending);
  return pending.length;
}

function flagsOf(known: KnownPair, rules: FraudRules | undefined): NewFlag[] {
  const { payerId, beneficiaryId, attributedOn, signUpsInDay } = known;
  return judgePair(known, rules).flatMap(({ rule, severity }): NewFlag[] => {
    const flag = { participantId: beneficiaryId, rule, severity };
    if (rule === "velocity") {
      return [{ ...flag, evidenceKey: attributedOn ?? payerId, evidence: { count: signUpsInDay } }];
    }
    const about = (participantId: ParticipantId) => ({
      evidenceKey: participantId,
      evidence: { participantId },
    });
    const own = { ...flag, ...about(payerId) };
    // Whose account it is, is not known: both are held.
    return rule === "same_payout_account"
      ? [own, { ...flag, participantId: payerId, ...about(beneficiaryId) }]
      : [own];
  });
}

async function readFacts(trx: ShopTransaction, pairs: Pair[]): Promise<KnownPair[]> {
  const column = (key: keyof Pair) => pairs.map((pair) => pair[key]);
  const { rows } = await sql<KnownPair>`
    with recursive pairs as (
      select distinct payer_id, beneficiary_id
        from unnest(${column("payerId")}::uuid[], ${column("beneficiaryId")}::uuid[]) as t (payer_id, beneficiary_id)
    ), linked as (
      select distinct beneficiary_id as start, beneficiary_id as id from pairs
      union
      select linked.start, other.participant_id from linked
        join referral_traits own on own.participant_id = linked.id and own.kind in ('device', 'payout_account')
        join referral_traits other on other.kind = own.kind and other.index = own.index
    )
    select pairs.payer_id as "payerId", pairs.beneficiary_id as "beneficiaryId",
      array(select distinct a.kind from referral_traits a
        join referral_traits b on b.kind = a.kind and b.index = a.index
        where a.participant_id = pairs.payer_id and b.participant_id = pairs.beneficiary_id) as shared,
      exists (select from linked
        where start = pairs.beneficiary_id and linked.id = pairs.payer_id) as "isLinked",
      (select count(*)::int from referral_participants other
        where payer.referrer_id = pairs.beneficiary_id and other.referrer_id = payer.referrer_id
          and other.attributed_at <= payer.attributed_at
          and other.attributed_at > payer.attributed_at - interval '24 hours') as "signUpsInDay",
      to_char(payer.attributed_at at time zone 'UTC', 'YYYY-MM-DD') as "attributedOn"
    from pairs join referral_participants payer on payer.id = pairs.payer_id`.execute(trx);
  return rows;
}
