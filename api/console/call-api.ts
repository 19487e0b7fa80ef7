import { toTypeId } from "../../domain/id.ts";
import { browserCookieName, readBrowser } from "../auth/browser-cookie.ts";
import { setSessionCookie } from "../auth/session-cookie.ts";
import type { Problem } from "../problem.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleContext, Visitor } from "./console-env.ts";

export type ApiCall = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/v1`, e.g. `/orders/ord_…`. */
  path: string;
  body?: unknown;
  form?: FormData;
  idempotencyKey?: string;
  ifVersion?: string;
};

/** What the API answered instead of what was asked for. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

/**
 * Asks the API as the visitor would by HTTP, within this process: scopes, audit, idempotency and updates are
 * those of the API. Throws `ApiProblem`. `T` is the type of the route's own schema.
 */
export async function callApi<T>(c: ConsoleContext, call: ApiCall): Promise<T> {
  const response = await askApi(c, call);
  // Our own route made it, by the schema whose type is `T`.
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The same, for what gives the visitor's session a new token: the browser gets it. */
export async function callRenewing<T extends { token: string }>(
  c: ConsoleContext,
  call: ApiCall,
): Promise<T> {
  const answer = await callApi<T>(c, call);
  setSessionCookie(asApiContext(c), answer.token, c.var.visit.session.expiresAt);
  return answer;
}

/** The same, for what is no JSON. */
export function askApi(c: ConsoleContext, call: ApiCall): Promise<Response> {
  return send(c, call, credentialsOf(c));
}

/** Asks the API as nobody: on the pages before the sign-in. The browser keeps the name that the API gave it. */
export async function callOpenApi(c: ConsoleContext, call: ApiCall): Promise<void> {
  const { headers } = await send(c, call, {});
  for (const cookie of headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
}

async function send(
  c: ConsoleContext,
  call: ApiCall,
  credentials: Record<string, string>,
): Promise<Response> {
  const { method, path, body, form } = call;
  const payload = form ?? (body === undefined ? undefined : JSON.stringify(body));
  const request = new Request(new URL(`/v1${path}`, c.req.url), {
    method,
    headers: headersOf(c, call, credentials),
    ...(payload === undefined ? {} : { body: payload }),
  });
  const response = await c.var.dispatch(request, c.env);
  if (response.ok) return response;
  throw new ApiProblem((await response.json()) as Problem);
}

function headersOf(
  c: ConsoleContext,
  { body, idempotencyKey, ifVersion }: ApiCall,
  credentials: Record<string, string>,
): Headers {
  const headers = new Headers(credentials);
  // Limits count by network, and a proxy in front of us says which it is.
  const forwarded = c.req.header("x-forwarded-for");
  if (forwarded !== undefined) headers.set("x-forwarded-for", forwarded);
  // By these the API tells devices.
  const device = c.req.header("user-agent");
  if (device !== undefined) headers.set("user-agent", device);
  const browser = readBrowser(asApiContext(c));
  if (browser !== undefined) headers.set("cookie", `${browserCookieName(c.var.deps.settings)}=${browser}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  if (ifVersion !== undefined) headers.set("if-match", `"${ifVersion}"`);
  return headers;
}

/** Of the account alone on its own pages, which stand before every shop. */
function credentialsOf(c: ConsoleContext): Record<string, string> {
  const visitor: Visitor | undefined = c.var.visitor;
  if (visitor === undefined) return { authorization: `Bearer ${c.var.visit.token}` };
  const { token, actor } = visitor;
  return { authorization: `Bearer ${token}`, "shopthread-shop": toTypeId("shop", actor.shopId) };
}
