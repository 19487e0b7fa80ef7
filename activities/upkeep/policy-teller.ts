import { queueMail } from "../../db/mails.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { notePolicyNotice } from "../../db/policy-versions.ts";
import { listPolicyNoticesDue } from "../../db/system-sweeps.ts";
import type { PolicyNoticeDue } from "../../db/system-sweeps.ts";
import { isTold, pageOfNotice } from "../../domain/account/notice-topics.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const everyMs = 60_000;
const batch = 100;
const dayMs = 24 * 60 * 60_000;

const kind = "policy_changed";
const readers = membershipRoles.filter((role) => isTold(kind, "email", { role, choices: {} }));

type Deps = Pick<UpkeepDeps, "system" | "db" | "clock">;

/**
 * Tells each active account of what was published, in the product and by mail; one that reads no notices by mail alone.
 * Safe to run twice: whom it has told stands in the transaction of the telling.
 */
export class PolicyTeller {
  private nextAt = 0;
  private readonly deps: Deps;

  constructor(deps: Deps) {
    this.deps = deps;
  }

  async look(): Promise<number> {
    const now = this.deps.clock.now();
    if (now.getTime() < this.nextAt) return 0;
    let told = 0;
    for (;;) {
      const due = await listPolicyNoticesDue(this.deps.system, { readers, limit: batch });
      for (const one of due) await this.tell(one, now);
      told += due.length;
      if (due.length < batch) break;
    }
    this.nextAt = now.getTime() + everyMs;
    return told;
  }

  private async tell({ shopId, effectiveAt, language, ...told }: PolicyNoticeDue, now: Date): Promise<void> {
    const { accountId } = told;
    const businessKey = `policy:${told.policy}:${told.version}:${accountId}`;
    const data = { days: Math.max(0, Math.ceil((effectiveAt.getTime() - now.getTime()) / dayMs)) };
    if (shopId !== null) {
      const notice = { shopId, id: newId<NoticeId>(), kind, businessKey, accountId, data, now } as const;
      return this.deps.db.withShop(shopId, async (trx) => {
        if (await notePolicyNotice(trx, { ...told, now })) await insertNotice(trx, notice);
      });
    }
    const mail = { notice: kind, page: pageOfNotice(kind), shopName: "Shopthread", facts: data } as const;
    await this.deps.db.withoutShop(async (trx) => {
      if (!(await notePolicyNotice(trx, { ...told, now }))) return;
      await queueMail(trx, { accountId, kind: "owner_notice", businessKey, data: mail, language, now });
    });
  }
}
