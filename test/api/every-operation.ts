import { currentAttestations } from "../../domain/account/policies.ts";
import type { Scope } from "../../domain/account/scopes.ts";
import { fromTypeId, newId, toTypeId } from "../../domain/id.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type { CustomerOf } from "./owner-rows.ts";
import { jpeg } from "./owner-world.ts";
import type { Answer, OwnerWorld, Tenant } from "./owner-world.ts";

/** An operation of `/openapi.json` below `/v1` that needs a scope: whatever is added there is swept as well. */
export type Operation = {
  operationId: string;
  method: string;
  path: string;
  scope: Scope;
  /** Names of the query's parameters. */
  query: string[];
  hasJsonBody: boolean;
  isPicture: boolean;
};
/** A sweep asks more in a minute than a person may. */
export const sweepTimes = 1_000;

/** By the name of a path's parameter. */
export type Ids = Record<string, string>;

type Described = {
  operationId: string;
  "x-scope"?: Scope;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, unknown> };
};

export async function listOperations(world: OwnerWorld): Promise<Operation[]> {
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<string, Record<string, Described>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, "x-scope": scope, ...described }]) => {
      if (scope === undefined) return [];
      const content = Object.keys(described.requestBody?.content ?? {});
      return {
        operationId,
        method: method.toUpperCase(),
        path,
        scope,
        query: (described.parameters ?? []).filter((given) => given.in === "query").map(({ name }) => name),
        hasJsonBody: content.includes("application/json"),
        isPicture: content.includes("image/jpeg"),
      };
    }),
  );
}

/** One of everything that has an id. */
export async function fillTenant(world: OwnerWorld, tenant: Tenant): Promise<Ids> {
  await world.buyPlan(tenant.shopId);
  const as = { token: tenant.owner };
  const price = { amountMinor: 1_000, currency: "MMK" };
  const product = await world.ask("POST", "/v1/products", {
    ...as,
    body: { name: "Shirt", variants: [{ name: "", price, onHand: 3 }] },
  });
  const method = await world.ask("POST", "/v1/payment-methods", {
    ...as,
    body: { kind: "cod", name: "Cash" },
  });
  const device = await world.ask("POST", "/v1/devices", { ...as, body: { token: "fcm-token" } });
  const customer = await world.addCustomer(tenant);
  const { orderId } = await world.addOrder(customer);
  const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg() });
  const noticeId = newId<string>();
  await world.owner.query(
    `insert into owner_notices (shop_id, id, kind, business_key, data, created_at)
      values ($1, $2, 'evidence_to_review', 'k', '{}', now())`,
    [tenant.shopId, noticeId],
  );
  const { body: referral } = await world.ask("POST", "/v1/referral/join", {
    ...as,
    body: { termsVersion: 1 },
  });
  const flagId = newId<string>();
  await world.owner.query(
    `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
      select $1, id, 'velocity', 'k', 'medium', now() from referral_participants where code = $2`,
    [flagId, referral.code],
  );
  const apiKey = await world.ask("POST", "/v1/api-keys", {
    ...as,
    body: { name: "Till", scopes: ["orders.read"] },
  });
  const invitation = await world.ask("POST", "/v1/invitations", {
    ...as,
    body: { email: "invited@example.com", role: "viewer" },
  });
  const members = await world.ask("GET", "/v1/members", as);
  const payoutId = newId<string>();
  await world.owner.query(
    `insert into payouts (id, participant_id, period, amount_minor, currency, state, timings, waiting_since, created_at)
      select $1, id, '2026-11', 10000, 'MMK', 'tallied', $3, now(), now()
      from referral_participants where code = $2`,
    [payoutId, referral.code, defaultPayoutTimings],
  );
  const reviewId = newId<string>();
  await world.owner.query(
    "insert into access_reviews (shop_id, id, opened_at, due_at) values ($1, $2, now(), now())",
    [tenant.shopId, reviewId],
  );
  const privacy = await world.ask("POST", "/v1/privacy-requests", {
    ...as,
    body: { customerId: toTypeId("cus", customer.customerId), kind: "correction" },
  });
  const evidence = await world.ask("GET", `/v1/payment-evidence/${toTypeId("evd", evidenceId)}`, as);
  const upgrade = await world.ask("POST", "/v1/upgrade-requests", { ...as, body: { planCode: "starter" } });
  const upload = await world.ask("POST", "/v1/uploads", {
    ...as,
    body: { upgradeRequestId: upgrade.body.id },
  });
  await world.owner.query("update upgrade_requests set upload_id = $2 where id = $1", [
    fromTypeId("upg", upgrade.body.id),
    fromTypeId("upl", upload.body.id),
  ]);
  const proof = await world.ask("GET", `/v1/upgrade-requests/${upgrade.body.id}`, as);
  const invoiceId = newId<string>();
  await world.owner.query(
    `insert into invoices (shop_id, id, kind, number, request_id, amount_minor, currency, lines, seller, shop_name,
      time_zone, issued_at) values ($1, $2::uuid, 'invoice', $2::text, $3, 1, 'MMK', '[]', $4, 'Shop', 'Asia/Yangon', now())`,
    [
      tenant.shopId,
      invoiceId,
      fromTypeId("upg", upgrade.body.id),
      { name: "S", address: null, registration: null },
    ],
  );
  return {
    upgradeRequestId: upgrade.body.id,
    invoiceId: toTypeId("inv", invoiceId),
    privacyRequestId: await addCertificate(world, customer, privacy.body.id),
    // With the signatures that the links of their own shop have.
    uploadId: String(upload.body.url).replace("/v1/uploads/", ""),
    pictureId: String(proof.body.picture.url).replace("/v1/upgrade-pictures/", ""),
    pageId: toTypeId("page", tenant.pageId),
    connectionId: await addConnection(world, tenant),
    productId: product.body.id,
    variantId: product.body.variants[0].id,
    paymentMethodId: method.body.id,
    deviceId: device.body.id,
    customerId: toTypeId("cus", customer.customerId),
    orderId: toTypeId("ord", orderId),
    evidenceId: toTypeId("evd", evidenceId),
    noticeId: toTypeId("ntc", noticeId),
    flagId: toTypeId("flg", flagId),
    apiKeyId: apiKey.body.id,
    invitationId: invitation.body.id,
    accountId: members.body.data.find(({ role }: { role: string }) => role === "staff").accountId,
    payoutId: toTypeId("pout", payoutId),
    reviewId: toTypeId("arv", reviewId),
    ageReportId: await addAgeReport(world, tenant),
    // With the signature that the link of its own shop has.
    objectId: String(evidence.body.picture.url).replace("/v1/pictures/", ""),
  };
}

async function addAgeReport(world: OwnerWorld, { shopId }: Tenant): Promise<string> {
  const id = newId<string>();
  await world.owner.query(
    "insert into age_reports (shop_id, id, door, state, reported_at) values ($1, $2, 'form', 'open', now())",
    [shopId, id],
  );
  return toTypeId("agr", id);
}

/** Of nobody's session, as a leaked id would be. */
async function addConnection(world: OwnerWorld, { shopId }: Tenant): Promise<string> {
  const id = newId<string>();
  await world.owner.query(
    `insert into page_connections (shop_id, id, session_id, state_hash, state_ends_at, created_at, ends_at)
      values ($1, $2::uuid, $2::uuid, decode(md5($2::uuid::text), 'hex'), now(), now(), now() + interval '1 hour')`,
    [shopId, id],
  );
  return toTypeId("pgc", id);
}

const price = { amountMinor: 1_000, currency: "MMK" };

/** A right JSON body of every operation that takes one, so that nothing but what is swept stands in the way. */
const jsonBodies: Record<string, (ids: Ids) => object> = {
  updateShop: () => ({ agentName: "Mine" }),
  createProduct: () => ({ name: "Mine", variants: [{ price }] }),
  updateProduct: () => ({ name: "Mine" }),
  adjustStock: () => ({ delta: 1 }),
  createPaymentMethod: () => ({ kind: "cod", name: "Mine" }),
  updatePaymentMethod: () => ({ name: "Mine" }),
  setConversationAgent: () => ({ isEnabled: false }),
  sendMessage: () => ({ text: "Hello" }),
  acceptCashOnDelivery: () => ({}),
  confirmPayment: () => ({}),
  refusePayment: () => ({ reason: "Too blurred" }),
  requestEvidenceAgain: () => ({ reason: "Too blurred" }),
  packOrder: () => ({}),
  shipOrder: () => ({ tracking: "NX-1" }),
  deliverOrder: () => ({}),
  cancelOrder: () => ({ reason: "Out of stock" }),
  refundOrder: () => ({}),
  matchPaymentEvidence: ({ orderId = "" }) => ({ orderId }),
  reviveOrder: ({ orderId = "" }) => ({ orderId }),
  returnPayment: () => ({}),
  refusePaymentEvidence: () => ({ reason: "Not a slip" }),
  createPrivacyRequest: ({ customerId = "" }) => ({ customerId, kind: "access" }),
  denyPrivacyRequest: () => ({ denial: "unfounded" }),
  answerPrivacyRequest: () => ({ answer: "corrected" }),
  requestUpgrade: () => ({ planCode: "growth" }),
  scheduleDowngrade: () => ({ planCode: "starter" }),
  requestTopUp: () => ({ topUpCode: "small" }),
  createUpload: ({ upgradeRequestId = "" }) => ({ upgradeRequestId }),
  submitUpgradeRequest: ({ uploadId = "" }) => ({ uploadId: uploadId.split("?")[0], reference: "TRX 0100" }),
  createApiKey: () => ({ name: "Mine", scopes: ["orders.read"] }),
  inviteMember: () => ({ email: "another@example.com", role: "viewer" }),
  updateMember: () => ({ role: "viewer" }),
  decideAgeReport: () => ({ isChild: false }),
  setShopPurpose: () => ({ purpose: "order", basis: "contract" }),
  withdrawConsent: () => ({ purpose: "marketing", channel: "messenger" }),
  attestShop: () => ({
    attested: {
      lawfulBasis: currentAttestations.lawful_basis.version,
      consumerLaw: currentAttestations.consumer_law.version,
    },
  }),
  completePageConnection: () => ({ state: "A".repeat(22) }),
  connectPage: () => ({ metaPageId: "110000000000001" }),
  signShopAccessReview: () => ({ decisions: [] }),
  registerDevice: () => ({ token: "another-fcm-token" }),
  joinReferral: () => ({ termsVersion: 1 }),
  putPayoutAccount: () => ({ kind: "kbzpay", accountName: "Aye", accountNumber: "09777123456" }),
  putBillingDetails: () => ({ name: "Mine", address: "Yangon" }),
  putPayoutPreferences: () => ({ schedule: "quarterly", threshold: null }),
  appealFraudFlag: () => ({ text: "We share a tablet." }),
};

export function jsonBodyOf({ operationId, hasJsonBody }: Operation, ids: Ids): object | undefined {
  if (!hasJsonBody) return undefined;
  const body = jsonBodies[operationId]?.(ids);
  if (body === undefined) throw new Error(`${operationId} is new: give it a right body in jsonBodies`);
  return body;
}

export function pathOf({ path, operationId }: Operation, ids: Ids): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`${operationId} is new: give its ${name} an entry in fillTenant`);
    return id;
  });
}

export type OperationAnswer = Answer & { operation: string };

/** Asks for it with everything right but what is given. */
export async function askOperation(
  world: OwnerWorld,
  operation: Operation,
  { token, ids, body = jsonBodyOf(operation, ids) }: { token?: string; ids: Ids; body?: object | undefined },
): Promise<OperationAnswer> {
  const path = pathOf(operation, ids);
  const answer = await world.ask(operation.method, path, {
    ...(token === undefined ? {} : { token }),
    ...(operation.isPicture
      ? { raw: await jpeg(), headers: { "content-type": "image/jpeg" } }
      : body === undefined
        ? {}
        : { body }),
  });
  return { ...answer, operation: `${operation.operationId} ${path}` };
}

/** As of a deletion: of the same request that others ask about. */
async function addCertificate(
  world: OwnerWorld,
  { shopId, customerId }: CustomerOf,
  request: string,
): Promise<string> {
  const requestId = fromTypeId<PrivacyRequestId>("pvr", request);
  await world.owner.query(
    `with erasure as (
      insert into erasures (shop_id, request_id, subject_id, stage, timings, plan, started_at)
        values ($1, $2, $3, 'certified', '{}', '[]', now()) returning shop_id, request_id
    ) insert into certificates (shop_id, request_id, revision, id, body, signature, key_id, salt, is_final, issued_at)
      select shop_id, request_id, 1, gen_random_uuid(), '{}', '', 'key', '', false, now() from erasure`,
    [shopId, requestId, customerId],
  );
  return request;
}
