import type { Context } from "hono";

import type { Shop } from "../../db/shops.ts";
import type { Membership, StoredSession } from "../../db/system.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiEnv } from "../env.ts";
import type { AssetPath } from "./assets.ts";
import type { Flash } from "./flash.ts";
import type { Words } from "./words.ts";

/** Who looks at a page, of a shop or of the platform, and how the page speaks. */
export type Visitor = { actor: Actor; token: string; language: Language; words: Words };

/** Who looks at a page of a shop. */
export type Viewer = Visitor & {
  shop: Shop;
  /** All shops of the account, to change between them. */
  memberships: readonly Membership[];
};

/** Who is signed in, on a page that is the account's and no shop's. */
export type Visit = { token: string; session: StoredSession; words: Words };

/** Hands a request to the API of this very process, as if it came from outside. */
export type Dispatch = (request: Request, env: ConsoleEnv["Bindings"]) => Response | Promise<Response>;

export type ConsoleEnv = {
  Bindings: ApiEnv["Bindings"];
  Variables: ApiEnv["Variables"] & {
    visitor: Visitor;
    /** The same, on the pages of a shop. */
    viewer: Viewer;
    visit: Visit;
    dispatch: Dispatch;
    assetPath: AssetPath;
    /** What the last request had to say, shown once. */
    flash: Flash | undefined;
  };
};

export type ConsoleContext = Context<ConsoleEnv>;

/** For functions of the API: a console context has every variable of theirs, only its type is invariant. */
export function asApiContext(c: ConsoleContext): Context<ApiEnv> {
  return c as unknown as Context<ApiEnv>;
}
