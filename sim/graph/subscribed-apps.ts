import type { SimContext } from "../sim-context.ts";
import type { SimPage } from "../world/world-types.ts";
import { webhookFields } from "../webhooks/webhook-field.ts";
import { badParameter } from "./graph-error.ts";
import { asList } from "./parse-graph-request.ts";

export function listSubscribedApps(ctx: SimContext, page: SimPage) {
  return {
    data: Object.entries(page.subscriptions).map(([id, fields]) => ({
      id,
      name: `App ${id}`,
      link: `${ctx.baseUrl()}/`,
      subscribed_fields: fields,
    })),
  };
}

/** Subscribes the app that the token belongs to; the new list of fields replaces the old one. */
export function subscribeApp(ctx: SimContext, page: SimPage, value: unknown): { success: true } {
  const fields = asList(value);
  const unknown = fields.filter((field) => !webhookFields.includes(field));
  if (unknown.length > 0) {
    throw badParameter(
      `Param subscribed_fields[0] must be one of {${webhookFields.join(", ")}} - got "${unknown[0] ?? ""}"`,
    );
  }
  ctx.world.putPage({ ...page, subscriptions: { ...page.subscriptions, [page.appId]: fields } });
  return { success: true };
}

export function unsubscribeApp(ctx: SimContext, page: SimPage): { success: true } {
  const { [page.appId]: _gone, ...subscriptions } = page.subscriptions;
  ctx.world.putPage({ ...page, subscriptions });
  return { success: true };
}
