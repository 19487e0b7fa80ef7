import { afterAll, beforeAll, expect, test } from "vitest";

import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

type Operation = {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  security?: unknown[];
};

let world: OwnerWorld;
let operations: Map<string, Operation & { method: string; path: string }>;
let schemas: Record<string, unknown>;
beforeAll(async () => {
  world = await createOwnerWorld();
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<string, Record<string, Operation>>;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
  operations = new Map(found.map((operation) => [operation.operationId ?? "", operation]));
  schemas = body.components.schemas;
});
afterAll(() => world.close());

const named = [
  "getShop",
  "updateShop",
  "listAttestations",
  "attestShop",
  "listShopPurposes",
  "setShopPurpose",
  "listProducts",
  "createProduct",
  "getProduct",
  "updateProduct",
  "setProductImage",
  "adjustStock",
  "listStockMoves",
  "listPaymentMethods",
  "createPaymentMethod",
  "updatePaymentMethod",
  "setPaymentMethodQr",
  "listCustomers",
  "getPrivacyChoices",
  "listConsents",
  "withdrawConsent",
  "listAgeReports",
  "decideAgeReport",
  "listConversations",
  "getConversation",
  "listMessages",
  "listTurns",
  "sendMessage",
  "takeOverConversation",
  "giveBackConversation",
  "setConversationAgent",
  "listOrders",
  "getOrder",
  "listPayments",
  "listPaymentEvidence",
  "getPaymentEvidence",
  "matchPaymentEvidence",
  "reviveOrder",
  "returnPayment",
  "refusePaymentEvidence",
  "getPicture",
  "acceptCashOnDelivery",
  "confirmPayment",
  "refusePayment",
  "requestEvidenceAgain",
  "packOrder",
  "shipOrder",
  "deliverOrder",
  "cancelOrder",
  "refundOrder",
  "registerDevice",
  "removeDevice",
  "listNotices",
  "markNoticeRead",
  "listAuditEvents",
  "listPages",
  "getPage",
  "checkPage",
  "disconnectPage",
  "startPageConnection",
  "completePageConnection",
  "getPageConnection",
  "connectPage",
  "listPlans",
  "listTopUps",
  "getSubscription",
  "requestUpgrade",
  "requestTopUp",
  "listUpgradeRequests",
  "getUpgradeRequest",
  "submitUpgradeRequest",
  "cancelUpgradeRequest",
  "scheduleDowngrade",
  "cancelDowngrade",
  "payUpgradeRequest",
  "listInvoices",
  "getInvoice",
  "getBillingDetails",
  "putBillingDetails",
  "createUpload",
  "putUpload",
  "getUpgradePicture",
  "listMembers",
  "updateMember",
  "removeMember",
  "listInvitations",
  "inviteMember",
  "revokeInvitation",
  "listApiKeys",
  "createApiKey",
  "revokeApiKey",
];

test("describes every operation of owners by its name", () => {
  expect(named.filter((name) => !operations.has(name))).toEqual([]);
  expect(operations.get("")).toBeUndefined();
});

test("marks what demands an Idempotency-Key, and nothing else", () => {
  const demanding = [...operations.values()].flatMap(({ operationId = "", parameters = [] }) => {
    const key = parameters.find(({ name }) => name === "idempotency-key");
    return key?.required === true && named.includes(operationId) ? [operationId] : [];
  });
  expect(new Set(demanding)).toEqual(
    new Set([
      "adjustStock",
      "sendMessage",
      "withdrawConsent",
      "decideAgeReport",
      "matchPaymentEvidence",
      "reviveOrder",
      "returnPayment",
      "refusePaymentEvidence",
      "acceptCashOnDelivery",
      "confirmPayment",
      "refusePayment",
      "requestEvidenceAgain",
      "packOrder",
      "shipOrder",
      "deliverOrder",
      "cancelOrder",
      "refundOrder",
      "requestUpgrade",
      "requestTopUp",
      "submitUpgradeRequest",
      "cancelUpgradeRequest",
      "scheduleDowngrade",
      "cancelDowngrade",
      "payUpgradeRequest",
    ]),
  );
});

test("names the shapes that clients share", () => {
  for (const name of ["Money", "Product", "Order", "OrderSummary", "Message", "PaymentEvidence", "Problem"]) {
    expect(Object.keys(schemas)).toContain(name);
  }
});

test("refuses whoever is not signed in, on every route below /v1", async () => {
  for (const name of named) {
    const { method = "", path = "" } = operations.get(name) ?? {};
    const url = path.replaceAll(/\{\w+\}/g, "x");
    expect((await world.ask(method.toUpperCase(), url)).status, name).toBe(401);
  }
});
