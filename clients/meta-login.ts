import { z } from "zod";
import type { GrantedPage, MetaLogin } from "../domain/ports/meta-login.ts";
import type { GraphResult } from "../domain/ports/messenger-client.ts";
import { callGraph, readAnswer } from "./graph-call.ts";
import type { GraphSettings } from "./graph-call.ts";

export type MetaLoginOptions = Omit<GraphSettings, "timeoutMs"> & {
  /** `https://www.facebook.com`, or the simulator. */
  dialogUrl: string;
  /** Of Facebook Login for Business; without one the scopes are named. */
  configId?: string | undefined;
  timeoutMs?: number;
};

const scopes = [
  "pages_show_list",
  "pages_messaging",
  "pages_manage_metadata",
  "pages_read_engagement",
  "business_management",
];
/** A person who manages more Pages than this chooses at Facebook which ones we see. */
const mostLists = 10;

const tokenSchema = z.object({ access_token: z.string().min(1) });
const personSchema = z.object({ id: z.coerce.string() });
const accountsSchema = z.object({
  data: z.array(
    z.object({
      id: z.coerce.string(),
      name: z.string(),
      // Without one the person may not let others use the Page.
      access_token: z.string().optional(),
    }),
  ),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
});

/** Facebook Login. A person waits for it, so it never retries: whoever fails starts again. */
export function createMetaLogin(options: MetaLoginOptions): MetaLogin {
  const settings: GraphSettings = { ...options, timeoutMs: options.timeoutMs ?? 8_000 };
  const app = { client_id: settings.appId, client_secret: settings.appSecret };

  async function exchange(query: Record<string, string>): Promise<GraphResult<string>> {
    const answer = await callGraph(settings, {
      method: "GET",
      path: "oauth/access_token",
      token: null,
      query: { ...app, ...query },
    });
    return readAnswer(answer, tokenSchema, ({ access_token: token }) => token);
  }

  async function listPages(token: string): Promise<GraphResult<GrantedPage[]>> {
    const pages: GrantedPage[] = [];
    let after: string | null = null;
    for (let list = 0; list < mostLists; list += 1) {
      const query: Record<string, string> = {
        fields: "id,name,access_token",
        limit: "100",
        ...(after === null ? {} : { after }),
      };
      const answer = await callGraph(settings, { method: "GET", path: "me/accounts", token, query });
      const found = readAnswer(answer, accountsSchema, (json) => json);
      if (!found.ok) return found;
      for (const { id, name, access_token: pageToken } of found.value.data) {
        if (pageToken !== undefined) pages.push({ metaPageId: id, name, token: pageToken });
      }
      after = found.value.paging?.next === undefined ? null : (found.value.paging.cursors?.after ?? null);
      if (after === null) break;
    }
    return { ok: true, value: pages };
  }

  return {
    authoriseUrl({ state, redirectUri }) {
      const url = new URL(`${options.dialogUrl}/${settings.version}/dialog/oauth`);
      const permissions: Record<string, string> =
        options.configId === undefined ? { scope: scopes.join(",") } : { config_id: options.configId };
      const query = { client_id: settings.appId, redirect_uri: redirectUri, state, response_type: "code" };
      for (const [name, value] of Object.entries({ ...query, ...permissions }))
        url.searchParams.set(name, value);
      return url.href;
    },

    async redeem(code, redirectUri) {
      const short = await exchange({ code, redirect_uri: redirectUri });
      if (!short.ok) return short;
      // The tokens of Pages end with the login that they came from, unless it is a long-lived one.
      const long = await exchange({ grant_type: "fb_exchange_token", fb_exchange_token: short.value });
      if (!long.ok) return long;
      const token = long.value;
      const me = { method: "GET" as const, path: "me", token, query: { fields: "id" } };
      const person = readAnswer(await callGraph(settings, me), personSchema, ({ id }) => id);
      if (!person.ok) return person;
      const pages = await listPages(token);
      return pages.ok ? { ok: true, value: { personId: person.value, pages: pages.value } } : pages;
    },
  };
}
