import { platformShopId } from "../../db/accounts.ts";
import { appendAudit } from "../../db/audit-events.ts";
import { recordForgottenLogin } from "../../db/privacy-requests.ts";
import { forgetLogins } from "../../db/system-privacy.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";
import { startPrivacyClock } from "../../domain/privacy/due-date.ts";
import { codeOfRequest, hashRequestCode } from "../../domain/privacy/request-code.ts";
import { personIndexOf } from "../pages/page-login.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { stableUuid } from "../stable-uuid.ts";
import { endPagesOf, shortForm, signedRequestOf } from "./deauthorise.ts";

/**
 * A person asks Meta that we delete what their login gave us: the Pages of that login are disconnected, their tokens and
 * the index of the person are gone, before it is answered. The same person gets the same code again, and nothing is done
 * twice. Customers are no such persons: Meta names them to us by another id, and they ask in the thread.
 */
export function mountDataDeletion(app: ApiRouter): void {
  app.post("/webhooks/messenger/data-deletion", shortForm, async (c) => {
    const { deps } = c.var;
    const said = await signedRequestOf(c);
    if (said === undefined) {
      throw new HttpProblem(400, "webhook.signature_invalid", "signed_request is not signed by this app.");
    }
    const personIndex = await personIndexOf(deps, said.personId);
    await endPagesOf(deps, { personIndex, issuedAt: undefined });
    await forgetLogins(deps.system, { personIndex });
    const requestId = stableUuid(new Date(0), `login|${personIndex.toString("hex")}`) as PrivacyRequestId;
    const code = await codeOfRequest(deps.blindIndexer, requestId);
    const now = deps.clock.now();
    await deps.db.withShop(platformShopId, async (trx) => {
      const clock = startPrivacyClock(now, { country: "" });
      const request = { shopId: platformShopId, requestId, codeHash: hashRequestCode(code), clock, now };
      await recordForgottenLogin(trx, request);
      const event = { shopId: platformShopId, actorKind: "system" as const, actorId: null, now };
      await appendAudit(trx, { ...event, action: "privacy_request.login_forgotten", resourceId: requestId });
    });
    const url = `${deps.settings.publicUrl}/privacy/requests/${code}`;
    return c.json({ url, confirmation_code: code }, 200);
  });
}
