import { sql } from "kysely";
import type { Insertable, Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, CommissionId, FraudFlagId, ParticipantId, ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import { levelRates, maturesAt, settlingAmount, shareOf } from "../domain/referral/commission.ts";
import type { ShopTransaction } from "./connection.ts";
import { listMemberIds } from "./memberships.ts";
import { findReferralPolicy } from "./referral-policies.ts";
import { listAncestors } from "./referrals.ts";
import type { CommissionsTable } from "./schema/referral.ts";

export type CommissionRow = Selectable<CommissionsTable>;

/**
 * What a verified payment for a plan earns those above the payer, in the transaction that accepts it; returns how many
 * lines are new. Safe to run twice: one earning for each payment, beneficiary and level. From here on the payer's
 * referrer cannot be set any more.
 */
export async function createCommissions(
  trx: ShopTransaction,
  payment: {
    paymentId: string;
    shopId: ShopId;
    payerAccountId: AccountId;
    amountMinor: number;
    currency: Currency;
    paidAt: Date;
    now: Date;
  },
): Promise<number> {
  const { paymentId, shopId, amountMinor, currency, paidAt, now } = payment;
  const payerId = await markPaid(trx, payment);
  const policy = await findReferralPolicy(trx, paidAt);
  const rates = levelRates(policy);
  const ancestors = await listAncestors(trx, { participantId: payerId, levels: rates.length });
  const members = await listMemberIds(trx, shopId);
  const lines = ancestors.flatMap(({ id, level, state, accountId }) => {
    const rate_bps = rates[level - 1] ?? 0;
    const amount_minor = shareOf(amountMinor, rate_bps);
    // The share of one who takes part no more, or is in the shop that pays, stays with the platform: levels do not move up.
    const isOwn = accountId !== null && members.includes(accountId);
    if (state !== "active" || isOwn || amount_minor === 0) return [];
    return {
      id: newId<CommissionId>(),
      payment_id: paymentId,
      payer_shop_id: shopId,
      payer_id: payerId,
      beneficiary_id: id,
      level,
      kind: "earning" as const,
      base_minor: amountMinor,
      rate_bps,
      amount_minor,
      currency,
      state: "pending" as const,
      paid_at: paidAt,
      matures_at: maturesAt(paidAt, policy),
      created_at: now,
    };
  });
  return insertLines(trx, lines);
}

/** The payer's place in the tree, held until commit, so that an attribution at the same moment is before or after. */
async function markPaid(
  trx: ShopTransaction,
  { payerAccountId, paidAt, now }: { payerAccountId: AccountId; paidAt: Date; now: Date },
): Promise<ParticipantId> {
  const { id } = await trx
    .insertInto("referral_participants")
    .values({
      id: newId<ParticipantId>(),
      account_id: payerAccountId,
      first_paid_at: paidAt,
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict.column("account_id").doUpdateSet((eb) => ({
        first_paid_at: eb.fn.coalesce("referral_participants.first_paid_at", "excluded.first_paid_at"),
      })),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Lines that are there already are left as they are. */
async function insertLines(trx: ShopTransaction, lines: Insertable<CommissionsTable>[]): Promise<number> {
  if (lines.length === 0) return 0;
  const inserted = await trx
    .insertInto("commissions")
    .values(lines)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .execute();
  return inserted.length;
}

/**
 * Takes back what a refund of the payment makes undue, as negative lines that keep to the earning's state, or go into the
 * next payout when the earning was paid; returns how many lines are new. Safe to run twice: one for each refund.
 */
export async function reverseCommissions(
  trx: ShopTransaction,
  refund: { paymentId: string; refundId: string; refundedMinor: number; now: Date },
): Promise<number> {
  const groups = await lockGroups(trx, (query) => query.where("payment_id", "=", refund.paymentId));
  const known = await trx
    .selectFrom("commissions")
    .select("beneficiary_id")
    .where("payment_id", "=", refund.paymentId)
    .where("refund_id", "=", refund.refundId)
    .limit(1)
    .executeTakeFirst();
  if (known !== undefined) return 0;
  const lines = groups.map((group) => {
    const refundedMinor = group.refundedMinor + refund.refundedMinor;
    const amount = settlingAmount({ ...group, refundedMinor });
    const cause = { kind: "reversal" as const, refund_id: refund.refundId, base_minor: refund.refundedMinor };
    return { ...lineOf(group, amount, refund.now), ...cause };
  });
  return insertLines(trx, lines);
}

/** An upheld flag takes what is not in a payout yet; in the transaction of the decision. */
export async function cancelCommissions(
  trx: ShopTransaction,
  { participantId, flagId, now }: { participantId: ParticipantId; flagId: FraudFlagId; now: Date },
): Promise<number> {
  const groups = await lockGroups(trx, (query) =>
    query.where("beneficiary_id", "=", participantId).where("state", "in", ["pending", "held", "payable"]),
  );
  const lines = groups
    .filter(({ netMinor }) => netMinor !== 0)
    .map((group) => {
      const amount = settlingAmount({ ...group, isCancelled: true });
      return { ...lineOf(group, amount, now), kind: "reversal" as const, flag_id: flagId };
    });
  return insertLines(trx, lines);
}

/** With the last upheld flag gone, what flags took is given back, less what was refunded meanwhile. */
export async function restoreCommissions(
  trx: ShopTransaction,
  { participantId, flagId, now }: { participantId: ParticipantId; flagId: FraudFlagId; now: Date },
): Promise<number> {
  const groups = await lockGroups(trx, (query) => query.where("beneficiary_id", "=", participantId));
  const lines = groups
    .filter(({ isCancelled }) => isCancelled)
    .map((group) => {
      const amount = settlingAmount({ ...group, isCancelled: false });
      return { ...lineOf(group, amount, now), kind: "restoration" as const, flag_id: flagId };
    });
  return insertLines(trx, lines);
}

/** An earning with what its lines say together. */
type Group = CommissionRow & {
  paidMinor: number;
  refundedMinor: number;
  rateBps: number;
  isCancelled: boolean;
  netMinor: number;
};

type EarningQuery = ReturnType<typeof earningsOf>;

function earningsOf(trx: ShopTransaction) {
  return trx.selectFrom("commissions").selectAll().where("kind", "=", "earning");
}

/** Whoever adds lines holds the earnings: what is read of the others afterwards stays true until commit. */
async function lockGroups(
  trx: ShopTransaction,
  choose: (query: EarningQuery) => EarningQuery,
): Promise<Group[]> {
  const earnings = await choose(earningsOf(trx)).orderBy("id").forUpdate().execute();
  if (earnings.length === 0) return [];
  const sums = await trx
    .selectFrom("commissions")
    .where("payment_id", "in", [...new Set(earnings.map(({ payment_id }) => payment_id))])
    .groupBy(["payment_id", "beneficiary_id", "level"])
    .select([
      "payment_id",
      "beneficiary_id",
      "level",
      sql<number>`sum(amount_minor)::bigint`.as("netMinor"),
      sql<number>`coalesce(sum(base_minor) filter (where refund_id is not null), 0)::bigint`.as(
        "refundedMinor",
      ),
      sql<boolean>`count(*) filter (where flag_id is not null and kind = 'reversal')
        > count(*) filter (where kind = 'restoration')`.as("isCancelled"),
    ])
    .execute();
  return earnings.flatMap((earning) => {
    const sum = sums.find(
      ({ payment_id, beneficiary_id, level }) =>
        payment_id === earning.payment_id &&
        beneficiary_id === earning.beneficiary_id &&
        level === earning.level,
    );
    if (sum === undefined) return [];
    const { netMinor, refundedMinor, isCancelled } = sum;
    const standing = { netMinor, refundedMinor, isCancelled };
    return { ...earning, ...standing, paidMinor: earning.base_minor, rateBps: earning.rate_bps };
  });
}

/** A further line of the group: it waits as long as the earning does. */
function lineOf(group: Group, amountMinor: number, now: Date) {
  const { payment_id, payer_shop_id, payer_id, beneficiary_id, level, rate_bps, currency } = group;
  const isOpen = group.state === "pending" || group.state === "held";
  return {
    id: newId<CommissionId>(),
    payment_id,
    payer_shop_id,
    payer_id,
    beneficiary_id,
    level,
    rate_bps,
    currency,
    base_minor: 0,
    amount_minor: amountMinor,
    state: isOpen ? group.state : ("payable" as const),
    held_reason: isOpen ? group.held_reason : null,
    paid_at: group.paid_at,
    matures_at: group.matures_at,
    created_at: now,
  };
}

export type CommissionTotal = { currency: Currency; state: CommissionRow["state"]; amountMinor: number };

export function sumCommissions(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<CommissionTotal[]> {
  return trx
    .selectFrom("commissions")
    .where("beneficiary_id", "=", participantId)
    .groupBy(["currency", "state"])
    .orderBy("currency")
    .select(["currency", "state", sql<number>`sum(amount_minor)::bigint`.as("amountMinor")])
    .execute();
}

/** A participant's lines, newest first; `before` is the last id of the page above. */
export function listCommissions(
  trx: ShopTransaction,
  filter: { participantId: ParticipantId; before?: CommissionId; limit: number },
): Promise<CommissionRow[]> {
  let query = trx
    .selectFrom("commissions")
    .selectAll()
    .where("beneficiary_id", "=", filter.participantId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}
