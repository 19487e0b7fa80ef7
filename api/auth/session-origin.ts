import type { Context } from "hono";

import { sessionOriginPlace } from "../../db/sessions.ts";
import type { SessionRow } from "../../db/sessions.ts";
import { describeDevice } from "../../domain/account/device.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";

/** From where somebody signs in, as coarse as it is kept. */
export type Origin = {
  /** IPv4 /24 or IPv6 /48. */
  network: string;
  device: string;
};

export function originOf(c: Context<ApiEnv>): Origin {
  return { network: clientNetwork(c), device: describeDevice(c.req.header("user-agent")) };
}

/** Another account on the same device has another index: devices do not lead from one person to the next. */
export function deviceIndexOf(
  { blindIndexer }: Pick<ApiDeps, "blindIndexer">,
  accountId: AccountId,
  { network, device }: Origin,
): Promise<Buffer> {
  return blindIndexer.index("platform", "account.device", `${accountId}|${device}|${network}`);
}

export async function sealOrigin(
  { sealer }: Pick<ApiDeps, "sealer">,
  { accountId, sessionId, origin }: { accountId: AccountId; sessionId: string; origin: Origin },
): Promise<Sealed> {
  const place = sessionOriginPlace(accountId, sessionId);
  const [sealed] = await sealer.seal([{ place, plaintext: JSON.stringify(origin) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

/** By the session's id; those from before origins were kept have none. */
export async function openOrigins(
  { sealer }: Pick<ApiDeps, "sealer">,
  accountId: AccountId,
  rows: readonly SessionRow[],
): Promise<Map<string, Origin>> {
  const sealed = rows.flatMap(({ id, origin }) =>
    origin === null ? [] : [{ id, place: sessionOriginPlace(accountId, id), sealed: origin }],
  );
  const opened = await sealer.open(sealed);
  return new Map(
    sealed.flatMap(({ id }, index) => {
      const plaintext = opened[index];
      // Our own JSON, sealed by `sealOrigin`.
      return plaintext === undefined ? [] : [[id, JSON.parse(plaintext.toString("utf8")) as Origin]];
    }),
  );
}

/** The network as people write one. */
export function shownNetwork(network: string): string {
  if (network.includes(":")) return `${network}::/48`;
  return /^\d+\.\d+\.\d+$/.test(network) ? `${network}.0/24` : network;
}
