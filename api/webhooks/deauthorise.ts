import { bodyLimit } from "hono/body-limit";
import type { Context } from "hono";

import { appendAudit } from "../../db/audit-events.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { listPagesOfPerson } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import { readSignedRequest } from "../../domain/messenger/signed-request.ts";
import type { SignedRequest } from "../../domain/messenger/signed-request.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { endConnection } from "../pages/disconnect-page.ts";
import { personIndexOf } from "../pages/page-login.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";

const maxBytes = 16 * 1024;
/** Meta's clock may be behind ours. */
const clockToleranceMs = 60_000;

/** What Meta posts about a person is a short form. */
export const shortForm = bodyLimit({ maxSize: maxBytes, onError: tooLarge });

/**
 * A person has removed our app at Facebook: every token that had come from their login is dead. Their Pages are
 * disconnected, in whatever shops; the same word again changes nothing, nor does it end what was connected since.
 */
export function mountDeauthorise(app: ApiRouter): void {
  app.post("/webhooks/messenger/deauthorize", shortForm, async (c) => {
    const { deps } = c.var;
    const said = await signedRequestOf(c);
    if (said === undefined) {
      throw new AppError("forbidden", "webhook.signature_invalid", { internal: "bad signed_request" });
    }
    await endPagesOf(deps, {
      personIndex: await personIndexOf(deps, said.personId),
      issuedAt: said.issuedAt,
    });
    return c.json({ success: true }, 200);
  });
}

/** What Meta has signed in the form; undefined: none of the app's secrets did. */
export async function signedRequestOf(c: Context<ApiEnv>): Promise<SignedRequest | undefined> {
  const form = await c.req.parseBody();
  const text = form["signed_request"];
  const { appSecrets } = c.var.deps.settings.messenger;
  return typeof text === "string" ? readSignedRequest(text, appSecrets) : undefined;
}

/** Disconnects every Page that a login of the person had connected by then, and forgets whose login it was. */
export async function endPagesOf(
  deps: ApiDeps,
  { personIndex, issuedAt }: { personIndex: Buffer; issuedAt: Date | undefined },
): Promise<void> {
  const before = new Date((issuedAt ?? deps.clock.now()).getTime() + clockToleranceMs);
  for (const page of await listPagesOfPerson(deps.system, { personIndex, before })) {
    await endFor(deps, page);
  }
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
