import { insertNotice } from "../../db/owner-notices.ts";
import { listShopsToAttest } from "../../db/system-sweeps.ts";
import type { ShopToAttest } from "../../db/system-sweeps.ts";
import { attestationYearMs, attestationYearsPast } from "../../domain/account/policies.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** Safe to run twice: the notice carries the day of the attestation and the year in its business key. */
export async function remindOfAttestations(deps: UpkeepDeps): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - attestationYearMs);
  for (const shop of await listShopsToAttest(deps.system, before)) {
    try {
      await remind(deps, shop);
    } catch (error) {
      deps.log.error({ shopId: shop.shopId, err: error }, "attestation.reminder_failed");
    }
  }
}

async function remind(deps: UpkeepDeps, { shopId, since }: ShopToAttest): Promise<void> {
  const now = deps.clock.now();
  const day = since.toISOString().slice(0, 10);
  const businessKey = `attestation:${shopId}:${day}:${attestationYearsPast(since, now)}`;
  const notice = {
    shopId,
    id: newId<NoticeId>(),
    kind: "attestation_due",
    businessKey,
    data: {},
    now,
  } as const;
  await deps.db.withShop(shopId, (trx) => insertNotice(trx, notice));
}
