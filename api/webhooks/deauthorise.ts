import { bodyLimit } from "hono/body-limit";

import { appendAudit } from "../../db/audit-events.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { listPagesOfPerson } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import { readSignedRequest } from "../../domain/messenger/signed-request.ts";
import type { ApiDeps } from "../deps.ts";
import { endConnection } from "../pages/disconnect-page.ts";
import { personIndexOf } from "../pages/page-login.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";

const maxBytes = 16 * 1024;
/** Meta's clock may be behind ours. */
const clockToleranceMs = 60_000;

/**
 * A person has removed our app at Facebook: every token that had come from their login is dead. Their Pages are
 * disconnected, in whatever shops; the same word again changes nothing, nor does it end what was connected since.
 */
export function mountDeauthorise(app: ApiRouter): void {
  app.post(
    "/webhooks/messenger/deauthorize",
    bodyLimit({ maxSize: maxBytes, onError: tooLarge }),
    async (c) => {
      const { deps } = c.var;
      const form = await c.req.parseBody();
      const text = form["signed_request"];
      const { appSecrets } = deps.settings.messenger;
      const said = typeof text === "string" ? readSignedRequest(text, appSecrets) : undefined;
      if (said === undefined) {
        throw new AppError("forbidden", "webhook.signature_invalid", { internal: "bad signed_request" });
      }
      const personIndex = await personIndexOf(deps, said.personId);
      const before = new Date((said.issuedAt ?? deps.clock.now()).getTime() + clockToleranceMs);
      for (const page of await listPagesOfPerson(deps.system, { personIndex, before })) {
        await endFor(deps, page);
      }
      return c.json({ success: true }, 200);
    },
  );
}

async function endFor(
  deps: ApiDeps,
  { shopId, pageId, version }: Awaited<ReturnType<typeof listPagesOfPerson>>[number],
): Promise<void> {
  const now = deps.clock.now();
  await endConnection(deps, { shopId, pageId }, async (trx) => {
    const event = { shopId, actorKind: "system" as const, actorId: null, action: "page.deauthorised", now };
    await appendAudit(trx, { ...event, resourceId: pageId });
    const businessKey = `page:${pageId}:deauthorised:${version}`;
    await insertNotice(trx, { shopId, id: newId(), kind: "page_broken", businessKey, data: {}, now });
  });
}

function tooLarge(): never {
  throw new HttpProblem(413, "webhook.too_large", "The body is larger than 16 kB.");
}
