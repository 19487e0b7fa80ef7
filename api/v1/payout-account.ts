import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findPayoutAccount, payoutDetailsPlace, putPayoutAccount } from "../../db/payout-accounts.ts";
import type { PayoutAccountRow } from "../../db/payout-accounts.ts";
import { findReferralPolicy } from "../../db/referral-policies.ts";
import { AppError } from "../../domain/app-error.ts";
import { payoutAccountName } from "../../domain/referral/payout-account.ts";
import type { PayoutDetails } from "../../domain/referral/payout-account.ts";
import { steppedUp } from "../auth/step-up.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { getParticipant } from "./own-participant.ts";
import { PayoutAccountSchema, PutPayoutAccountBody, toPayoutAccount } from "./payout-account.schema.ts";
import { ringPayouts } from "./ring-payouts.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const payoutAccountRoutes = createRouter();

const hourMs = 60 * 60_000;

const putRoute = createRoute(
  steppedUp(
    scoped("referral.write", {
      operationId: "putPayoutAccount",
      method: "put",
      path: "/v1/payout-account",
      tags: ["Referral"],
      description:
        "Where your commissions are paid to. Kept sealed; another account is used after a cool-down.",
      request: { body: jsonBody(PutPayoutAccountBody) },
      responses: { 200: jsonAnswer("The account, masked", PayoutAccountSchema), ...problems(409) },
    }),
  ),
);

payoutAccountRoutes.openapi(putRoute, async (c) => {
  const { deps, actor } = c.var;
  const { kind, currency, accountName, accountNumber, bank = "" } = c.req.valid("json");
  const { id: participantId } = await getParticipant(c);
  const details: PayoutDetails = { accountName, accountNumber, bank };
  const account = payoutAccountName(kind, details);
  const accountIndex = await deps.blindIndexer.index("platform", "payout_account", account);
  const place = payoutDetailsPlace(participantId);
  const [sealed] = await deps.sealer.seal([{ place, plaintext: JSON.stringify(details) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const row = await deps.db.withShop(actor.shopId, async (trx) => {
    const { coolDownHours } = await findReferralPolicy(trx, now);
    const usableFrom = new Date(now.getTime() + coolDownHours * hourMs);
    const named = { participantId, kind, currency, accountIndex };
    const row = await putPayoutAccount(trx, { ...named, details: sealed, now, usableFrom });
    await audit(trx, c, { action: "payout_account.changed", subjectId: participantId, data: { kind } });
    return row;
  });
  ringPayouts(c, participantId);
  return c.json(toPayoutAccount(row, details), 200);
});

const getRoute = createRoute(
  scoped("referral.read", {
    operationId: "getPayoutAccount",
    method: "get",
    path: "/v1/payout-account",
    tags: ["Referral"],
    responses: { 200: jsonAnswer("The account, masked", PayoutAccountSchema), ...problems(404, 409) },
  }),
);

payoutAccountRoutes.openapi(getRoute, async (c) => {
  const { id } = await getParticipant(c);
  const row = await c.var.deps.db.withoutShop((trx) => findPayoutAccount(trx, id));
  if (row === undefined) throw noAccount();
  return c.json(toPayoutAccount(row, await openDetails(c, row)), 200);
});

async function openDetails(c: Context<ApiEnv>, row: PayoutAccountRow): Promise<PayoutDetails> {
  const place = payoutDetailsPlace(row.participant_id);
  const [plaintext] = await c.var.deps.sealer.open([{ place, sealed: row.details }]);
  if (plaintext === undefined) throw noAccount();
  // Our own JSON, sealed above.
  return JSON.parse(plaintext.toString("utf8")) as PayoutDetails;
}

function noAccount(): AppError {
  return new AppError("not_found", "payout_account.none", {
    internal: "no payout account",
    public: "There is no payout account yet.",
  });
}
