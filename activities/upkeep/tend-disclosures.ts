import { markDisclosureBuilt, markDisclosureTold, disclosureFacts } from "../../db/disclosures.ts";
import type { DisclosureRow } from "../../db/disclosures.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { listDisclosuresToTend } from "../../db/system-access.ts";
import { isDisclosureToTell } from "../../domain/access/disclosure.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

type TendDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "log" | "buildPackage">;

const disclosuresALook = 50;

/**
 * Builds the package of what two people approved, of the named person alone, and tells the owners as soon as they may
 * know. Safe to run twice: mark and notice are one transaction, and the package is asked for by the disclosure's id.
 */
export async function tendDisclosures(deps: TendDeps): Promise<number> {
  const now = deps.clock.now();
  const isBuilding = deps.buildPackage !== null;
  const rows = await listDisclosuresToTend(deps.system, { now, isBuilding, limit: disclosuresALook });
  for (const row of rows) {
    try {
      await tell(deps, row, now);
      await build(deps, row, now);
    } catch (error) {
      deps.log.error({ shopId: row.shop_id, err: error }, "disclosure.not_tended");
    }
  }
  return rows.length;
}

async function tell({ db }: TendDeps, row: DisclosureRow, now: Date): Promise<void> {
  if (row.told_at !== null || !isDisclosureToTell(disclosureFacts(row), now)) return;
  const { shop_id: shopId, id } = row;
  await db.withShop(shopId, async (trx) => {
    if (!(await markDisclosureTold(trx, row, now))) return;
    const businessKey = `disclosure:${id}`;
    const kind = "disclosure_made";
    await insertNotice(trx, { shopId, id: newId<NoticeId>(), kind, businessKey, data: {}, now });
  });
}

async function build({ db, buildPackage }: TendDeps, row: DisclosureRow, now: Date): Promise<void> {
  if (buildPackage === null || row.built_at !== null) return;
  const { shop_id: shopId, subject_id: subjectId, id: requestId } = row;
  const { packageId } = await buildPackage({ version: 1, shopId, subjectId, kind: "disclosure", requestId });
  await db.withShop(shopId, (trx) => markDisclosureBuilt(trx, row, { packageId, now }));
}
