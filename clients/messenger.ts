import { z } from "zod";
import type { MessengerClient, PageAccess, SendResult } from "../domain/ports/messenger-client.ts";
import { findSentMessage } from "./find-sent-message.ts";
import { callGraph, readAnswer } from "./graph-call.ts";
import type { GraphAnswer, GraphRequest, GraphSettings } from "./graph-call.ts";
import { listConversations } from "./list-conversations.ts";
import { sendBody } from "./send-body.ts";

const sentSchema = z.object({ message_id: z.string().min(1) });
const pageSchema = z.object({ id: z.coerce.string(), name: z.string() });
const subscribedSchema = z.object({
  data: z.array(z.object({ id: z.coerce.string(), subscribed_fields: z.array(z.string()).default([]) })),
});
/** Meta's own inbox: a person of the Page has the thread, whoever's it is by routing. */
const pageInboxAppId = "263902037430900";
const ownerSchema = z.object({
  data: z.array(
    z.object({ thread_owner: z.object({ app_id: z.coerce.string() }).optional().catch(undefined) }),
  ),
});
const tokenSchema = z.object({
  data: z.object({
    is_valid: z.boolean(),
    app_id: z.coerce.string().optional(),
    scopes: z.array(z.string()).default([]),
    expires_at: z.number().default(0),
  }),
});

export type MessengerOptions = Omit<GraphSettings, "timeoutMs"> & { timeoutMs?: number };

/** Meta's Graph API for Pages. It never retries: what a failure means is in the result, what to do is the caller's. */
export function createMessengerClient(options: MessengerOptions): MessengerClient {
  // Meta answers in about a second; an activity that sends has ten.
  const settings: GraphSettings = { ...options, timeoutMs: options.timeoutMs ?? 8_000 };

  function callPage(page: PageAccess, edge: string, request: Pick<GraphRequest, "method" | "query">) {
    const path = `${encodeURIComponent(page.metaPageId)}${edge}`;
    return callGraph(settings, { ...request, path, token: page.token });
  }

  return {
    async sendPart({ page, signal, ...part }) {
      const path = `${encodeURIComponent(page.metaPageId)}/messages`;
      return sendResultOf(
        await callGraph(settings, {
          method: "POST",
          path,
          token: page.token,
          body: sendBody(part),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
    },

    async sendAction(page, psid, action) {
      const path = `${encodeURIComponent(page.metaPageId)}/messages`;
      const body = { recipient: { id: psid }, sender_action: action };
      return (await callGraph(settings, { method: "POST", path, token: page.token, body })).ok;
    },

    async getPage(page) {
      const answer = await callPage(page, "", { method: "GET", query: { fields: "id,name" } });
      return readAnswer(answer, pageSchema, ({ id, name }) => ({ metaPageId: id, name }));
    },

    async subscribe(page, fields) {
      const query = { subscribed_fields: fields.join(",") };
      const answer = await callPage(page, "/subscribed_apps", { method: "POST", query });
      return readAnswer(answer, z.object({ success: z.literal(true) }), () => true as const);
    },

    async unsubscribe(page) {
      const answer = await callPage(page, "/subscribed_apps", { method: "DELETE" });
      return readAnswer(answer, z.object({ success: z.literal(true) }), () => true as const);
    },

    async listSubscribedFields(page) {
      const answer = await callPage(page, "/subscribed_apps", { method: "GET" });
      return readAnswer(answer, subscribedSchema, ({ data }) => {
        return data.find(({ id }) => id === settings.appId)?.subscribed_fields ?? [];
      });
    },

    async probeToken(page) {
      const token = `${settings.appId}|${settings.appSecret}`;
      const query = { input_token: page.token };
      const answer = await callGraph(settings, { method: "GET", path: "debug_token", token, query });
      return readAnswer(answer, tokenSchema, ({ data }) => ({
        isValid: data.is_valid,
        appId: data.app_id ?? null,
        scopes: data.scopes,
        expiresAt: data.expires_at === 0 ? null : new Date(data.expires_at * 1_000),
      }));
    },

    async findThreadOwner(page, psid) {
      const answer = await callPage(page, "/thread_owner", { method: "GET", query: { recipient: psid } });
      return readAnswer(answer, ownerSchema, ({ data: [thread] }) => {
        const appId = thread?.thread_owner?.app_id;
        if (appId === undefined || appId === pageInboxAppId) return "unknown";
        return appId === settings.appId ? "ours" : "theirs";
      });
    },

    listConversations: (page, after) => listConversations(settings, page, after),

    findSentMessage: (search) => findSentMessage(settings, search),
  };
}

function sendResultOf(answer: GraphAnswer): SendResult {
  if (answer.ok) {
    const sent = sentSchema.safeParse(answer.json);
    return sent.success ? { outcome: "sent", mid: sent.data.message_id } : { outcome: "unknown" };
  }
  const { verdict, code, subcode } = answer;
  if (verdict.action === "unknown") return { outcome: "unknown" };
  if (verdict.action === "retry") {
    const { afterMs, maxRetries, isPageWide } = verdict;
    return { outcome: "retry", afterMs, maxRetries, isPageWide, ...(code === undefined ? {} : { code }) };
  }
  return {
    outcome: "refused",
    action: verdict.action,
    code: code ?? 0,
    ...(subcode === undefined ? {} : { subcode }),
  };
}
