import { bodyLimit } from "hono/body-limit";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Child } from "hono/jsx";

import { openPrivacyRequest } from "../../db/open-privacy-request.ts";
import { findShop } from "../../db/shops.ts";
import type { Shop } from "../../db/shops.ts";
import { packageLinkOf } from "./package-link.ts";
import type { PackageLink } from "./package-link.ts";
import { findPrivacyStatus } from "../../db/system-privacy.ts";
import type { PrivacyStatus } from "../../db/system-privacy.ts";
import { fromTypeId, newId, toTypeId } from "../../domain/id.ts";
import type { PrivacyRequestId, ShopId } from "../../domain/id.ts";
import { startPrivacyClock } from "../../domain/privacy/due-date.ts";
import { privacyKinds } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyKind } from "../../domain/privacy/privacy-request.ts";
import { codeOfRequest, hashRequestCode, readRequestCode } from "../../domain/privacy/request-code.ts";
import { takePoint } from "../auth/rate-limits.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiEnv } from "../env.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { publicWords } from "./public-words.ts";
import type { PublicWords } from "./public-words.ts";

const maxBytes = 4 * 1024;

/** No script runs here, no other site sees the address, which holds a code, and no search engine keeps it. */
const headers = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
  "x-frame-options": "DENY",
};

const limited = createMiddleware<ApiEnv>(async (c, next) => {
  await takePoint(c.var.limits.privacyLooks, clientNetwork(c));
  await next();
});

/** For whoever has no session: how to ask, in both languages, and the page of one request. */
export function mountPrivacyPages(app: ApiRouter): void {
  app.get("/privacy/request", limited, async (c) => {
    const shop = await findNamedShop(c, c.req.query("shop"));
    return page(c, (words) => <RequestPage words={words} shop={shop} />);
  });

  app.post("/privacy/request", bodyLimit({ maxSize: maxBytes, onError: tooLarge }), async (c) => {
    const form = await c.req.parseBody();
    const shop = await findNamedShop(c, form["shop"]);
    const kind = privacyKinds.find((kind) => kind === form["kind"]);
    if (shop === undefined || kind === undefined) {
      throw new HttpProblem(422, "request.invalid", "Name a shop, and what you ask for.");
    }
    await takePoint(c.var.limits.privacyByNetwork, clientNetwork(c));
    await takePoint(c.var.limits.privacy, "all");
    const code = await makeRequest(c, shop, kind);
    return page(c, (words) => <MadePage words={words} code={code} />, 201);
  });

  app.get("/privacy/requests/:code", limited, async (c) => {
    const code = readRequestCode(c.req.param("code"));
    const { deps } = c.var;
    const status =
      code === undefined ? undefined : await findPrivacyStatus(deps.system, hashRequestCode(code));
    const { supportEmail } = deps.settings.privacy;
    const link =
      status?.mayFetch &&
      (await packageLinkOf(deps, { shopId: status.shop_id, requestId: status.id, kind: status.kind }));
    const shown = { status, supportEmail, link: link || null };
    return page(c, (words) => <StatusPage words={words} {...shown} />, status === undefined ? 404 : 200);
  });
}

/** Undefined: it is not named, or there is none. */
function findNamedShop({ var: { deps } }: Context<ApiEnv>, text: unknown): Promise<Shop | undefined> {
  const shopId = typeof text === "string" ? fromTypeId<ShopId>("shop", text) : undefined;
  if (shopId === undefined) return Promise.resolve(undefined);
  return deps.db.withShop(shopId, (trx) => findShop(trx, shopId));
}

/** Nobody's yet: whoever has the code shows in the thread whose it is, or it lapses. Nothing of a person is kept. */
async function makeRequest(c: Context<ApiEnv>, shop: Shop, kind: PrivacyKind): Promise<string> {
  const { deps, background } = c.var;
  const requestId = newId<PrivacyRequestId>();
  const code = await codeOfRequest(deps.blindIndexer, requestId);
  const now = deps.clock.now();
  const { id: shopId, country } = shop;
  await deps.db.withShop(shopId, (trx) =>
    openPrivacyRequest(trx, {
      shopId,
      requestId,
      subjectId: null,
      subjectKind: "customer",
      kind,
      objectsTo: kind === "objection" ? "no_ai" : null,
      door: "page",
      codeHash: hashRequestCode(code),
      noteId: null,
      clock: startPrivacyClock(now, { country, profile: deps.settings.privacy.profile }),
      proof: null,
      by: { kind: "person", accountId: null },
      now,
    }),
  );
  const ref = { shopId, requestId };
  background(
    deps.processes.ringPrivacyRequest(ref).catch((err: unknown) => {
      deps.log.warn({ ...ref, err }, "privacy_request.ring_failed");
    }),
  );
  return code;
}

type InWords = { words: PublicWords };

function RequestPage({ words, shop }: InWords & { shop: Shop | undefined }) {
  return (
    <>
      <h1>{words.title}</h1>
      <p>{words.lead}</p>
      <ul>
        {words.doors.map((door) => (
          <li>{door}</li>
        ))}
      </ul>
      {shop === undefined ? null : (
        <form method="post" action="/privacy/request">
          <fieldset>
            <legend>{words.ask(shop.name)}</legend>
            <input type="hidden" name="shop" value={toTypeId("shop", shop.id)} />
            {privacyKinds.map((kind) => (
              <p>
                <label>
                  <input type="radio" name="kind" value={kind} required /> {words.kinds[kind]}
                </label>
              </p>
            ))}
            <button>{words.send}</button>
          </fieldset>
        </form>
      )}
    </>
  );
}

function MadePage({ words, code }: InWords & { code: string }) {
  return (
    <>
      <h1>{words.statusTitle}</h1>
      <p>{words.made}</p>
      <p>
        <strong>{code}</strong>
      </p>
      <p>{words.sendCode}</p>
      <p>
        {words.follow} <a href={`/privacy/requests/${code}`}>{`/privacy/requests/${code}`}</a>
      </p>
    </>
  );
}

type Shown = InWords & {
  status: PrivacyStatus | undefined;
  supportEmail: string | undefined;
  link: PackageLink | null;
};

function StatusPage({ words, status, supportEmail, link }: Shown) {
  if (status === undefined) {
    return (
      <>
        <h1>{words.statusTitle}</h1>
        <p>{words.unknown}</p>
      </>
    );
  }
  const { kind, state, subject_kind: subjectKind, denial, answer } = status;
  return (
    <>
      <h1>{words.statusTitle}</h1>
      <p>{subjectKind === "login" ? null : words.kinds[kind]}</p>
      <p>
        <strong>{answer === "forgotten" ? words.forgotten : words.states[state]}</strong>
      </p>
      {denial === null ? null : (
        <p>
          {words.denials[denial]} {words.appeal(supportEmail)}
        </p>
      )}
      {answer !== "packaged" || !status.mayFetch ? null : link === null ? (
        <p>{words.packageGone}</p>
      ) : (
        <p>
          <a href={link.url}>{words.packageLink}</a>
        </p>
      )}
      <dl>
        {link === null ? null : <Time label={words.packageUntil} at={link.expiresAt} />}
        <Time label={words.received} at={status.received_at} />
        {status.ended_at === null ? <Time label={words.due} at={status.due_at} /> : null}
        {state === "waiting" ? <Time label={words.takeBack} at={status.act_at} /> : null}
        <Time label={words.ended} at={status.ended_at} />
      </dl>
    </>
  );
}

function Time({ label, at }: { label: string; at: Date | null }) {
  if (at === null) return null;
  const text = at.toISOString();
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <time datetime={text}>{`${text.slice(0, 16).replace("T", " ")} UTC`}</time>
      </dd>
    </>
  );
}

/** Burmese first, then English: whoever comes here may have neither a session nor a language of their own. */
function page(c: Context<ApiEnv>, show: (words: PublicWords) => Child, status: 200 | 201 | 404 = 200) {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.html(
    <html lang="my">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Shopthread</title>
      </head>
      <body>
        <main>
          <section lang="my">{show(publicWords.my)}</section>
          <hr />
          <section lang="en">{show(publicWords.en)}</section>
        </main>
      </body>
    </html>,
    status,
  );
}

function tooLarge(): never {
  throw new HttpProblem(413, "request.too_large", "The request is too large.");
}
