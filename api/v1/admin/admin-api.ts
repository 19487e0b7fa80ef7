import type { ApiRouter } from "../../router.ts";
import { upgradeDecisionRoutes } from "./upgrade-decisions.ts";
import { upgradeQueueRoutes } from "./upgrade-queue.ts";

/** The platform's REST below `/v1/admin`: a part for `createApi`. It reads through the admins' own login. */
export function mountAdminApi(app: ApiRouter): void {
  for (const routes of [upgradeQueueRoutes, upgradeDecisionRoutes]) app.route("/", routes);
}
