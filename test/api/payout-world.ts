import { createPayoutActivities } from "../../activities/payout/index.ts";
import type { PayoutDeps } from "../../activities/payout/payout-deps.ts";
import { tallyPayouts } from "../../activities/upkeep/tally-payouts.ts";
import type { TallyDeps } from "../../activities/upkeep/tally-payouts.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import { manualTransfer } from "../../clients/manual-transfer.ts";
import { platformShopId } from "../../db/accounts.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { AccountId, ParticipantId, PayoutId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type {
  DecidePayout,
  PayoutActivities,
  PayoutRef,
  PayoutSnapshot,
} from "../../workflows/payout.contract.ts";
import { jpeg } from "./owner-world.ts";
import type { Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

export type Earner = Tenant & {
  participantId: ParticipantId;
  accountId: AccountId;
  /** Who was brought, and has paid. */
  payerAccountId: AccountId;
};

export const payoutAccount = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: "09777123456" };

/** The same, with people who earn, and payouts that are carried out at once by the workflow's own activities. */
export async function createPayoutWorld(limits?: RateLimits) {
  const world = await createUpgradeWorld(limits);
  const activityDeps: PayoutDeps & TallyDeps = {
    ...world.activities,
    system: world.deps.system,
    payoutProvider: manualTransfer,
    payoutTimings: defaultPayoutTimings,
    processes: {
      ...world.activities.processes,
      ringPayout: async ({ payoutId }) => {
        await carryOn(payouts, await payouts.gatePayout(refTo(payoutId)), refTo(payoutId));
      },
    },
  };
  const payouts = createPayoutActivities(activityDeps);
  Object.assign(world.deps, {
    temporal: { ...world.deps.temporal, updates: carriedOut(payouts) },
    processes: activityDeps.processes,
  });

  return {
    ...world,
    payouts,
    activityDeps,
    tally: () => tallyPayouts(activityDeps),
    addEarner: (amountMinor = 20_000) => addEarner(world, amountMinor),
    /** What the tally made for somebody, as the admins see it. */
    payoutOf: async ({ participantId }: Earner): Promise<{ id: string; payoutId: PayoutId }> => {
      const { rows } = await world.owner.query<{ id: PayoutId }>(
        "select id from payouts where participant_id = $1 order by id desc limit 1",
        [participantId],
      );
      const [row] = rows;
      if (row === undefined) throw new Error("there is no payout");
      return { id: toTypeId("pout", row.id), payoutId: row.id };
    },
    /** Uploads a picture of a transfer; answers the upload's id. */
    uploadProof: async (token: string, id: string): Promise<string> => {
      const place = await world.ask("POST", `/v1/admin/payouts/${id}/uploads`, { token });
      await world.ask("PUT", place.body.url, {
        token,
        raw: await jpeg(),
        headers: { "content-type": "image/jpeg" },
      });
      return place.body.id;
    },
    /** As the rules raise one; its id as it is shown. */
    addFlag: async (
      { participantId }: Earner,
      { rule = "same_device", severity = "high", evidence = {} }: TestFlag = {},
    ): Promise<string> => {
      const id = newId<string>();
      await world.owner.query(
        `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, evidence, raised_at)
          values ($1::uuid, $2, $3, $1::text, $4, $5, now())`,
        [id, participantId, rule, severity, evidence],
      );
      return toTypeId("flg", id);
    },
    platformAudit: () => world.auditRowsOf(platformShopId),
  };
}

type TestFlag = { rule?: string; severity?: "low" | "medium" | "high"; evidence?: object };

export type PayoutWorld = Awaited<ReturnType<typeof createPayoutWorld>>;

export function refTo(payoutId: PayoutId): PayoutRef {
  return { shopId: platformShopId, payoutId };
}

/** As the workflow does: what is due at once is done at once. */
async function carryOn(payouts: PayoutActivities, from: PayoutSnapshot, ref: PayoutRef): Promise<void> {
  let snapshot = from;
  while (snapshot.next?.waitMs === 0) snapshot = await payouts[snapshot.next.deadline](ref);
}

function carriedOut(payouts: PayoutActivities): UpdateClient {
  return {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: (async (name: string, options: Record<string, unknown>) => {
      const { startWorkflowOperation, args } = options as {
        startWorkflowOperation: { options: { args: [PayoutRef] } };
        args: [object];
      };
      const [{ shopId, payoutId }] = startWorkflowOperation.options.args;
      const ref = { shopId, payoutId };
      const result = await payouts.decidePayout({ ...ref, name, request: args[0] } as DecidePayout);
      await carryOn(payouts, result.snapshot, ref);
      return result;
    }) as unknown as UpdateClient["executeUpdateWithStart"],
  };
}

/** An owner who takes part, with an account that may be paid to, and something to be paid. */
async function addEarner(world: UpgradeWorld, amountMinor: number): Promise<Earner> {
  const tenant = await world.addTenant();
  const as = { token: tenant.owner };
  const { body } = await world.ask("POST", "/v1/referral/join", { ...as, body: { termsVersion: 1 } });
  await world.ask("PUT", "/v1/payout-account", { ...as, body: payoutAccount });
  const { rows } = await world.owner.query<{ id: ParticipantId; account_id: AccountId }>(
    "select id, account_id from referral_participants where code = $1",
    [body.code],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("nobody joined");
  const { id: participantId, account_id: accountId } = row;
  await world.owner.query("update payout_accounts set usable_from = changed_at where participant_id = $1", [
    participantId,
  ]);
  const { accountId: payerAccountId } = await world.addAccount();
  const payerId = newId<ParticipantId>();
  await world.owner.query(
    `insert into referral_participants (id, account_id, referrer_id, source, attributed_at, created_at)
      values ($1, $2, $3, 'sign_up', now(), now())`,
    [payerId, payerAccountId, participantId],
  );
  await world.owner.query(
    `insert into commissions (id, payment_id, payer_shop_id, payer_id, beneficiary_id, level, kind, base_minor,
        rate_bps, amount_minor, currency, state, paid_at, matures_at, created_at)
      values ($1, $2, $3, $4, $5, 1, 'earning', $6 * 10, 1000, $6, 'MMK', 'payable', now(), now(), now())`,
    [newId<string>(), newId<string>(), tenant.shopId, payerId, participantId, amountMinor],
  );
  return { ...tenant, participantId, accountId, payerAccountId };
}
