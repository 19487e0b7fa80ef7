import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";

const services = [
  ["post", "/{version}/{pageId}/messages", "sendMessage", "Send API"],
  ["post", "/{version}/{pageId}/message_attachments", "uploadAttachment", "Uploads a reusable attachment"],
  ["get", "/{version}/{pageId}/subscribed_apps", "listSubscribedApps", "Apps that get the Page's webhooks"],
  ["post", "/{version}/{pageId}/subscribed_apps", "subscribeApp", "Subscribes the token's app"],
  ["delete", "/{version}/{pageId}/subscribed_apps", "unsubscribeApp", "Unsubscribes the token's app"],
  [
    "get",
    "/{version}/{pageId}/conversations",
    "listConversations",
    "Conversations API, 20 newest messages each",
  ],
  ["get", "/{version}/{pageId}/thread_owner", "getThreadOwner", "Whose app has a thread"],
  ["get", "/{version}/dialog/oauth", "showLogin", "Facebook's login dialog, for a browser"],
  ["post", "/{version}/dialog/oauth", "answerLogin", "What the tester chose there; leads back to the app"],
  ["get", "/{version}/oauth/access_token", "exchangeToken", "A code, or a short-lived token, for a token"],
  ["get", "/{version}/me/accounts", "listAccounts", "Pages that a person let the app use, with tokens"],
  ["get", "/{version}/{pageId}", "getPage", "Fields of a Page"],
  ["get", "/{version}/debug_token", "debugToken", "Whether a token is alive, and what it may do"],
  ["get", "/cdn/{id}", "getAttachment", "A picture or file, until its link expires"],
  ["post", "/token", "exchangeAssertion", "Google's token endpoint for service accounts"],
  ["post", "/v1/projects/{projectId}/messages:send", "sendPush", "FCM HTTP v1"],
  ["post", "/payments/gateway/precreate", "createWalletPayment", "KBZPay: opens a payment by QR code"],
  ["post", "/payments/gateway/queryorder", "queryWalletPayment", "KBZPay: a payment and its refunds"],
  ["post", "/payments/gateway/closeorder", "closeWalletPayment", "KBZPay: it can no longer be paid"],
  ["post", "/payments/gateway/refund", "refundWalletPayment", "KBZPay: gives money back, once a number"],
  ["get", "/payments/wallet", "showWallet", "The page of the wallet"],
  ["get", "/mail", "showMails", "The mails that arrived, newest first, as a page to read"],
  ["post", "/model/v1/responses", "createResponse", "The model, in the wire format of the Responses API"],
] as const;

/** Lists the simulated services beside the control routes; their formats are those of Meta, Google, KBZPay and OpenAI. */
export function describeServices(app: OpenAPIHono): void {
  for (const [method, path, operationId, summary] of services) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "");
    app.openAPIRegistry.registerPath({
      method,
      path,
      operationId,
      summary,
      tags: ["services"],
      request: { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) },
      responses: { 200: { description: "As the real service answers" } },
    });
  }
}
