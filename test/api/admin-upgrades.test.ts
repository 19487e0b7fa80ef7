import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { adminScopesOf } from "../../api/auth/admin-scopes.ts";
import type { AdminScope } from "../../api/auth/admin-scopes.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformRoles } from "../../domain/platform-role.ts";
import { sweepTimes } from "./every-operation.ts";
import type { Tenant } from "./owner-world.ts";
import { createUpgradeWorld, newReference } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

let world: UpgradeWorld;
let tenant: Tenant;
let admin: string;
beforeAll(async () => {
  world = await createUpgradeWorld(createRateLimits(sweepTimes));
  tenant = await world.addTenant();
  ({ token: admin } = await world.addAdmin("subscription_admin"));
});
afterAll(() => world.close());

const base = "/v1/admin/upgrade-requests";
const decide = (
  token: string,
  request: { id: string; evidenceId: string; reference: string },
  { verb = "approve", ...more }: { verb?: string; reason?: string; key?: string } = {},
) =>
  world.ask("POST", `${base}/${request.id}/${verb}`, {
    token,
    body: {
      evidenceId: request.evidenceId,
      ...(verb === "approve" ? { reference: request.reference } : {}),
      ...(more.reason === undefined ? {} : { reason: more.reason }),
    },
    headers: { "idempotency-key": more.key ?? randomUUID() },
  });

type Operation = { operationId: string; method: string; path: string; scope: AdminScope; hasBody: boolean };

async function listAdminOperations(): Promise<Operation[]> {
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<
    string,
    Record<string, { operationId: string; "x-scope": AdminScope; requestBody?: object }>
  >;
  return Object.entries(paths)
    .filter(([path]) => /^\/v1\/(?:admin|compliance)\//.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        operationId: described.operationId,
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, "x"),
        scope: described["x-scope"],
        hasBody: described.requestBody !== undefined,
      })),
    );
}

describe("M:ONAMI-40 what admins ask for", () => {
  const ask = ({ method, path, hasBody }: Operation, token?: string) =>
    world.ask(method, path, {
      ...(token === undefined ? {} : { token }),
      ...(hasBody ? { body: {} } : {}),
    });

  test("is there by its name, and refused to every role of the platform without its scope", async () => {
    const operations = await listAdminOperations();
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual([
      "answerTicket",
      "approveBreakGlass",
      "approveDisclosure",
      "approveIncidentDecision",
      "approvePayout",
      "approveReferralApplication",
      "approveUpgrade",
      "cancelPayout",
      "closeIncident",
      "closeTicket",
      "containIncident",
      "createPayoutUpload",
      "decidePrivacyRequest",
      "dismissFraudFlag",
      "endBreakGlass",
      "executeRetentionPlan",
      "getAccessReview",
      "getAccountCase",
      "getAuthorityDraft",
      "getBreakGlassGrant",
      "getDisclosure",
      "getFraudFlag",
      "getIncident",
      "getPayoutCase",
      "getPayoutDestination",
      "getPayoutPicture",
      "getPlanPayment",
      "getPlatformRetentionForecast",
      "getPrivacyCase",
      "getRetentionRun",
      "getUpgradeCase",
      "getUpgradeCasePicture",
      "getUpgradeEvidence",
      "grantAccountAppeal",
      "listAccessReviews",
      "listAllPrivacyRequests",
      "listAuditHeads",
      "listBreakGlassGrants",
      "listDisclosures",
      "listFraudFlags",
      "listIncidents",
      "listPayoutQueue",
      "listPlanPayments",
      "listReferralApplications",
      "listRetentionRuns",
      "listSuspendedAccounts",
      "listTickets",
      "listUpgradeMoney",
      "listUpgradeQueue",
      "lookUpAccount",
      "openIncident",
      "openPrivacyCase",
      "proposeDisclosure",
      "proposeIncidentDecision",
      "proposePayout",
      "publishPolicyVersion",
      "putPayoutUpload",
      "readTicket",
      "recordPayoutFailed",
      "recordPayoutPaid",
      "recordPlanRefund",
      "refundUpgradeMoney",
      "refuseAccountAppeal",
      "refuseBreakGlass",
      "refuseDisclosure",
      "reinstateAccount",
      "rejectReferralApplication",
      "rejectUpgrade",
      "requestBreakGlass",
      "requestUpgradeEvidenceAgain",
      "reversePlanPayment",
      "signAccessReview",
      "startRetentionDryRun",
      "suspendAccount",
      "upholdFraudFlag",
      "withdrawPlanReversal",
      "writeIncidentPapers",
    ]);
    for (const role of platformRoles) {
      const { token } = await world.addAdmin(role);
      for (const operation of operations) {
        const { status, body } = await ask(operation, token);
        const isRefused = status === 403 && body.code === "scope.missing";
        expect({ [`${role} ${operation.operationId}`]: isRefused }).toEqual({
          [`${role} ${operation.operationId}`]: !adminScopesOf[role].has(operation.scope),
        });
      }
    }
  });

  test("is refused to a shop's people and keys, and to nobody at all", async () => {
    for (const operation of await listAdminOperations()) {
      for (const token of [tenant.owner, tenant.staff])
        expect((await ask(operation, token)).body.code, operation.operationId).toBe("platform.no_role");
      for (const token of [tenant.key, undefined])
        expect((await ask(operation, token)).status, operation.operationId).toBe(401);
    }
  });

  test("gives an admin nothing of what owners ask for", async () => {
    for (const path of ["/v1/shop", "/v1/orders", "/v1/customers", "/v1/conversations"])
      expect((await world.ask("GET", path, { token: admin })).body.code).toBe("shop.none");
  });
});

describe("a request in the queue", () => {
  test("M:ONAMI-40 shows who waits longest first, and of the shop nothing but its plan", async () => {
    const [first, second] = [await world.addTenant(), await world.addTenant()];
    const requests = [await world.addSubmitted(first), await world.addSubmitted(second)];
    const { body } = await world.ask("GET", `${base}?limit=100`, { token: admin });
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect(ids.filter((id: string) => requests.some((request) => request.id === id))).toEqual(
      requests.map(({ id }) => id),
    );
    const { body: view } = await world.ask("GET", `${base}/${requests[0]?.id}`, { token: admin });
    expect(Object.keys(view).toSorted()).toEqual([
      "createdAt",
      "decidedBy",
      "endedAt",
      "escalatedAt",
      "evidenceId",
      "firstApprovedBy",
      "id",
      "lapsesAt",
      "needsSecondApproval",
      "planCode",
      "planVersion",
      "price",
      "reason",
      "referenceDiffers",
      "remindedAt",
      "requestedBy",
      "shopId",
      "state",
      "submittedAt",
      "subscription",
      "topUpCode",
      "topUpVersion",
    ]);
    expect(view.subscription).toMatchObject({ planCode: "trial", state: "trial" });
  });

  test("each look stands in the shop's log under the admin's name, and the picture's link is theirs alone", async () => {
    const shop = await world.addTenant();
    const { accountId, token } = await world.addAdmin("subscription_admin");
    const reference = newReference();
    const request = await world.addSubmitted(shop, { reference });
    await world.ask("GET", `${base}/${request.id}`, { token });
    for (const look of [1, 2]) {
      const { body } = await world.ask("GET", `${base}/${request.id}/evidence`, { token });
      expect(body, String(look)).toMatchObject({ evidenceId: request.evidenceId, reference });
      const picture = await world.ask("GET", body.picture.url, { token });
      expect(picture.headers.get("content-type")).toBe("image/jpeg");
      expect((await world.ask("GET", body.picture.url, { token: admin })).status).toBe(403);
    }
    const looks = (await world.auditRowsOf(shop.shopId)).filter(({ actor_kind: kind }) => kind === "admin");
    const evidence = ["upgrade_evidence.viewed", "upgrade_picture.viewed"];
    expect(looks.map(({ action }) => action)).toEqual(["upgrade.viewed", ...evidence, ...evidence]);
    expect(new Set(looks.map((look) => look.actor_id))).toEqual(new Set([accountId]));
  });

  test("its proof is readable by nobody but that owner and who decides", async () => {
    const [shop, other] = [await world.addTenant(), await world.addTenant()];
    const request = await world.addSubmitted(shop);
    const own = await world.ask("GET", `/v1/upgrade-requests/${request.id}`, { token: shop.owner });
    const { url } = own.body.picture;
    for (const path of [`/v1/upgrade-requests/${request.id}`, url, url.replace("/v1/", "/v1/admin/")])
      expect((await world.ask("GET", path, { token: other.owner })).status).toBeGreaterThanOrEqual(403);
    const { token: auditor } = await world.addAdmin("auditor");
    expect((await world.ask("GET", `${base}/${request.id}`, { token: auditor })).status).toBe(200);
    expect((await world.ask("GET", `${base}/${request.id}/evidence`, { token: auditor })).body.code).toBe(
      "scope.missing",
    );
  });
});

describe("a decision", () => {
  test("approved: its owner sees it, and the same key gets the same answer", async () => {
    const shop = await world.addTenant();
    const request = await world.addSubmitted(shop);
    const key = randomUUID();
    const [first, again] = [await decide(admin, request, { key }), await decide(admin, request, { key })];
    expect(first).toMatchObject({ status: 200, body: { state: "approved" } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    const { body } = await world.ask("GET", "/v1/subscription", { token: shop.owner });
    expect(body).toMatchObject({ planCode: "starter", state: "active" });
  });

  test("rejected, or asked again, tells the owner why; no reason is no decision", async () => {
    const shop = await world.addTenant();
    const request = await world.addSubmitted(shop);
    expect((await decide(admin, request, { verb: "reject" })).status).toBe(422);
    const verb = "request-evidence-again";
    const asked = await decide(admin, request, { verb, reason: "The amount is cut off." });
    expect(asked.body).toMatchObject({ state: "asked_again" });
    const { body } = await world.ask("GET", `/v1/upgrade-requests/${request.id}`, { token: shop.owner });
    expect(body).toMatchObject({ state: "asked_again", reason: "The amount is cut off." });
    const { rows } = await world.owner.query<{ kind: string }>(
      "select kind from owner_notices where shop_id = $1",
      [shop.shopId],
    );
    expect(rows).toEqual([{ kind: "upgrade_asked_again" }]);
  });

  test("is nobody's who has a share in it, and a refusal is kept under the admin's own key", async () => {
    const shop = await world.addTenant();
    const request = await world.addSubmitted(shop);
    const requester = await world.requesterOf(shop, request);
    await world.grant(requester, ["subscription_admin"]);
    const member = await world.addAdmin("subscription_admin");
    await world.addMember(shop.shopId, member.accountId, "staff");
    const own = await decide(await world.openSession(requester), request);
    expect({ status: own.status, code: own.body.code }).toEqual({ status: 403, code: "upgrade.own_request" });
    expect((await decide(member.token, request)).body.code).toBe("upgrade.own_shop");
    await decide(member.token, request, { verb: "reject", reason: "Out of my way." });
    const notes = await world.owner.query("select 1 from upgrade_notes where shop_id = $1", [shop.shopId]);
    expect(notes.rowCount, "the owner's reference alone").toBe(1);

    const key = randomUUID();
    const verb = "reject";
    await decide(admin, request, { verb, reason: "No such money." });
    const late = await decide(admin, request, { key });
    expect({ status: late.status, code: late.body.code }).toEqual({ status: 409, code: "upgrade.rejected" });
    const again = await decide(admin, request, { key });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body.code).toBe("upgrade.rejected");
  });
});
