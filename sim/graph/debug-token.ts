import type { SimContext } from "../sim-context.ts";
import { invalidToken, tokenOf } from "./authorise-page.ts";
import type { GraphRequest } from "./parse-graph-request.ts";
import { asText } from "./parse-graph-request.ts";

const scopes = ["pages_messaging", "pages_manage_metadata", "pages_show_list", "pages_read_engagement"];

/** `GET /debug_token`: the caller is an app (`id|secret`) or a Page; a dead token is an answer, not an error. */
export function debugToken(ctx: SimContext, request: GraphRequest) {
  const caller = tokenOf(request) ?? "";
  const isApp = ctx.world.listApps().some((app) => `${app.appId}|${app.appSecret}` === caller);
  if (!isApp && !ctx.world.findPageByToken(caller)) throw invalidToken();
  const page = ctx.world.findPageByToken(asText(request.params["input_token"]) ?? "");
  if (!page) {
    const error = { code: 190, message: "The session is invalid because it was logged out or replaced." };
    return { data: { error, is_valid: false, scopes: [] } };
  }
  return {
    data: {
      app_id: page.appId,
      type: "PAGE",
      application: `App ${page.appId}`,
      data_access_expires_at: 0,
      expires_at: 0,
      is_valid: true,
      profile_id: page.id,
      scopes,
      granular_scopes: scopes.map((scope) => ({ scope, target_ids: [page.id] })),
    },
  };
}
