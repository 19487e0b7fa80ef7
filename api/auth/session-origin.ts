import type { Context } from "hono";

import type { DeviceRef } from "../../db/known-devices.ts";
import { sessionOriginPlace } from "../../db/sessions.ts";
import type { SessionRow } from "../../db/sessions.ts";
import { describeDevice, program } from "../../domain/account/device.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { newBrowser, readBrowser } from "./browser-cookie.ts";

/** From where somebody signs in, as coarse as it is shown. */
type ShownOrigin = {
  /** IPv4 /24 or IPv6 /48. */
  network: string;
  device: string;
};

/** `browser`: its random name, which is kept as blind indexes only, by account or of who takes part in the referral. */
export type Origin = ShownOrigin & { browser: string };

export function originOf(c: Context<ApiEnv>): Origin {
  const device = describeDevice(c.req.header("user-agent"));
  return { network: clientNetwork(c), device, browser: readBrowser(c) ?? newBrowser() };
}

/**
 * A browser is told by its random name, a program by its network. Another account on the same device has another index:
 * devices do not lead from one person to the next.
 */
export async function deviceOf(
  { blindIndexer }: Pick<ApiDeps, "blindIndexer">,
  accountId: AccountId,
  { network, device, browser }: Origin,
): Promise<DeviceRef> {
  const former = `${accountId}|${device}|${network}`;
  const formerIndex = await blindIndexer.index("platform", "account.device", former);
  if (device === program) return { accountId, deviceIndex: formerIndex, formerIndex };
  const named = `${accountId}|${browser}`;
  return {
    accountId,
    deviceIndex: await blindIndexer.index("platform", "account.browser", named),
    formerIndex,
  };
}

export async function sealOrigin(
  { sealer }: Pick<ApiDeps, "sealer">,
  { accountId, sessionId, origin }: { accountId: AccountId; sessionId: string; origin: ShownOrigin },
): Promise<Sealed> {
  const place = sessionOriginPlace(accountId, sessionId);
  const { network, device } = origin;
  const [sealed] = await sealer.seal([{ place, plaintext: JSON.stringify({ network, device }) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

/** By the session's id; those from before origins were kept have none. */
export async function openOrigins(
  { sealer }: Pick<ApiDeps, "sealer">,
  accountId: AccountId,
  rows: readonly SessionRow[],
): Promise<Map<string, ShownOrigin>> {
  const sealed = rows.flatMap(({ id, origin }) =>
    origin === null ? [] : [{ id, place: sessionOriginPlace(accountId, id), sealed: origin }],
  );
  const opened = await sealer.open(sealed);
  return new Map(
    sealed.flatMap(({ id }, index) => {
      const plaintext = opened[index];
      // Our own JSON, sealed by `sealOrigin`.
      return plaintext === undefined ? [] : [[id, JSON.parse(plaintext.toString("utf8")) as ShownOrigin]];
    }),
  );
}

/** The network as people write one. */
export function shownNetwork(network: string): string {
  if (network.includes(":")) return `${network}::/48`;
  return /^\d+\.\d+\.\d+$/.test(network) ? `${network}.0/24` : network;
}
