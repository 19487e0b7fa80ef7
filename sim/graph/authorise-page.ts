import { createHmac, timingSafeEqual } from "node:crypto";
import type { SimContext } from "../sim-context.ts";
import type { SimPage } from "../world/world-types.ts";
import { GraphError, unknownObject } from "./graph-error.ts";
import type { GraphRequest } from "./parse-graph-request.ts";

/** The Page that the token opens; the path must name the same Page or `me`. */
export function authorisePage(ctx: SimContext, request: GraphRequest, pathId: string): SimPage {
  const token = tokenOf(request);
  if (token === null) {
    throw new GraphError(
      2500,
      "An active access token must be used to query information about the current user.",
    );
  }
  const page = ctx.world.findPageByToken(token);
  if (!page) throw invalidToken();
  checkProof(ctx.world.findApp(page.appId)?.appSecret ?? "", token, request);
  if (pathId !== "me" && pathId !== page.id) throw unknownObject(pathId);
  return page;
}

export function tokenOf(request: GraphRequest): string | null {
  const param = request.params["access_token"];
  return request.bearer ?? (typeof param === "string" ? param : null);
}

export function invalidToken(): GraphError {
  return new GraphError(190, "Invalid OAuth access token - Cannot parse access token", { status: 401 });
}

/** Pages of the simulator are used by apps with "Require App Secret" switched on. */
export function checkProof(appSecret: string, token: string, request: GraphRequest): void {
  const proof = request.params["appsecret_proof"];
  const details = { type: "GraphMethodException" };
  if (typeof proof !== "string") {
    throw new GraphError(100, "API calls from the server require an appsecret_proof argument", details);
  }
  const expected = Buffer.from(createHmac("sha256", appSecret).update(token).digest("hex"));
  const given = Buffer.from(proof);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new GraphError(100, "Invalid appsecret_proof provided in the API argument", details);
  }
}
