import type { GraphResult } from "./messenger-client.ts";

/** A Page that a person let us use, with a token of its own. */
export type GrantedPage = { metaPageId: string; name: string; token: string };

/** `personId` is Meta's id of the person for our app alone. */
export type MetaGrant = { personId: string; pages: GrantedPage[] };

/** Facebook Login, by which a person lets us use Pages. */
export interface MetaLogin {
  /** Where the person's browser goes; it comes back to `redirectUri` with the state, and a code or an error. */
  authoriseUrl(request: { state: string; redirectUri: string }): string;
  /** What the person granted; the code is worth nothing afterwards, whatever came of it. */
  redeem(code: string, redirectUri: string): Promise<GraphResult<MetaGrant>>;
}
