import { breakGlassState } from "../../domain/access/break-glass.ts";
import {
  breakGlassTimes,
  countBreakGlassReads,
  markBreakGlassEndTold,
  markBreakGlassTold,
} from "../../db/break-glass.ts";
import type { BreakGlassRow } from "../../db/break-glass.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { listBreakGlassToTell } from "../../db/system-access.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import type { NoticeData, NoticeKind } from "../../domain/order/notice-texts.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

type TellDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "log">;

const grantsALook = 100;

/**
 * Tells a shop's owners of an approved grant, from which instant it can be read with, and at its end how often it was.
 * Safe to run twice: the mark and the notice are one transaction, and the notice carries the grant in its business key.
 */
export async function tellOfBreakGlass(deps: TellDeps): Promise<number> {
  const now = deps.clock.now();
  const grants = await listBreakGlassToTell(deps.system, { now, limit: grantsALook });
  for (const grant of grants) {
    const { shop_id: shopId } = grant;
    try {
      await deps.db.withShop(shopId, (trx) => tell(trx, grant, now));
    } catch (error) {
      deps.log.error({ shopId, err: error }, "break_glass.not_told");
    }
  }
  return grants.length;
}

async function tell(trx: ShopTransaction, grant: BreakGlassRow, now: Date): Promise<void> {
  const { shop_id: shopId, id } = grant;
  if (breakGlassState(breakGlassTimes(grant), now) !== "ended") {
    if (await markBreakGlassTold(trx, { shopId, id, now })) await notice(trx, grant, { kind: "opened", now });
    return;
  }
  if (!(await markBreakGlassEndTold(trx, { shopId, id, now }))) return;
  const reads = await countBreakGlassReads(trx, { shopId, ids: [id] });
  await notice(trx, grant, { kind: "ended", data: { looks: reads.get(id) ?? 0 }, now });
}

async function notice(
  trx: ShopTransaction,
  { shop_id: shopId, id }: BreakGlassRow,
  { kind, data = {}, now }: { kind: "opened" | "ended"; data?: NoticeData; now: Date },
): Promise<void> {
  await insertNotice(trx, {
    shopId,
    id: newId<NoticeId>(),
    kind: `break_glass_${kind}` satisfies NoticeKind,
    businessKey: `break_glass:${id}:${kind}`,
    data,
    now,
  });
}
