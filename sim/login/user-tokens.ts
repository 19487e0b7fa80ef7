import { randomBytes } from "node:crypto";
import type { Hono } from "hono";
import { checkProof, invalidToken, tokenOf } from "../graph/authorise-page.ts";
import { GraphError, badParameter } from "../graph/graph-error.ts";
import type { GraphRequest } from "../graph/parse-graph-request.ts";
import { asList, asText, parseGraphRequest } from "../graph/parse-graph-request.ts";
import type { SimContext } from "../sim-context.ts";
import type { SimLogin } from "../world/world-types.ts";

const shortLifeSeconds = 3_600;
const longLifeSeconds = 60 * 24 * 3_600;

/** The part of Graph that a person's token opens; a Page's token passes on. */
export function addPersonRoutes(app: Hono, ctx: SimContext): void {
  app.get("/oauth/access_token", async (c) => c.json(exchangeToken(ctx, await parseGraphRequest(c))));
  app.get("/me/accounts", async (c) => {
    const request = await parseGraphRequest(c);
    return c.json(listAccounts(ctx, findPerson(ctx, request), request));
  });
  app.get("/me", async (c, next) => {
    const person = findPerson(ctx, await parseGraphRequest(c));
    if (person) return c.json(viewPerson(ctx, person));
    await next();
    return undefined;
  });
}

/** `GET /oauth/access_token`: a code becomes a token of the person, and that one a long-lived one. */
function exchangeToken(ctx: SimContext, { params }: GraphRequest) {
  const app = ctx.world.findApp(asText(params["client_id"]) ?? "");
  if (!app || app.appSecret !== params["client_secret"]) {
    throw new GraphError(1, "Error validating client secret.");
  }
  if (params["grant_type"] === "fb_exchange_token") {
    const short = ctx.world.findLogin(asText(params["fb_exchange_token"]) ?? "");
    if (short?.kind !== "short" || short.appId !== app.appId) throw invalidToken();
    return issue(ctx, short, "long");
  }
  const code = ctx.world.findLogin(asText(params["code"]) ?? "");
  if (code?.kind !== "code" || code.appId !== app.appId) {
    throw new GraphError(100, "Invalid verification code format.");
  }
  if (code.redirectUri !== params["redirect_uri"]) {
    throw new GraphError(
      100,
      "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
      { subcode: 36_008 },
    );
  }
  ctx.world.removeLogin(code.token);
  return issue(ctx, code, "short");
}

function issue(ctx: SimContext, login: SimLogin, kind: "short" | "long") {
  const token = `EAAU${randomBytes(32).toString("base64url")}`;
  ctx.world.putLogin({ ...login, token, kind });
  const life = kind === "short" ? shortLifeSeconds : longLifeSeconds;
  return { access_token: token, token_type: "bearer", expires_in: life };
}

/** The person whose token it is; undefined: the token is no person's. */
function findPerson(ctx: SimContext, request: GraphRequest): SimLogin | undefined {
  const login = ctx.world.findLogin(tokenOf(request) ?? "");
  if (login === undefined || login.kind === "code") return undefined;
  checkProof(ctx.world.findApp(login.appId)?.appSecret ?? "", login.token, request);
  return login;
}

/** `GET /me` of a person: the id is for this app alone. */
function viewPerson(ctx: SimContext, login: SimLogin) {
  const account = ctx.world.findAccount(login.accountId);
  if (!account) throw invalidToken();
  return { id: account.id, name: account.name };
}

/** `GET /me/accounts`: the Pages that the person let this app use, with their tokens, in lists. */
function listAccounts(ctx: SimContext, login: SimLogin | undefined, { params }: GraphRequest) {
  if (login === undefined || !ctx.world.findAccount(login.accountId)) throw invalidToken();
  const limit = Number(params["limit"] ?? 25);
  if (!Number.isInteger(limit) || limit < 1) throw badParameter("Param limit must be a positive number");
  const after = asText(params["after"]);
  const ids = login.pageIds;
  const start = after === undefined ? 0 : ids.indexOf(after) + 1;
  const shown = ids.slice(start, start + limit);
  const wanted = asList(params["fields"] ?? "id,name,access_token");
  const last = shown.at(-1);
  return {
    data: shown.flatMap((id) => {
      const page = ctx.world.findPage(id);
      if (!page) return [];
      const all: Record<string, unknown> = {
        name: page.name,
        access_token: page.accessToken,
        tasks: ["MESSAGING", "MODERATE", "MANAGE"],
      };
      return { ...Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))), id };
    }),
    ...(last === undefined
      ? {}
      : {
          paging: {
            cursors: { before: shown[0], after: last },
            ...(start + limit < ids.length ? { next: `${ctx.baseUrl()}/me/accounts?after=${last}` } : {}),
          },
        }),
  };
}
