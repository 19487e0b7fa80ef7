import { listChains, listLinkedEntries, listLogsWithoutChain } from "../db/system-audit.ts";
import type { StoredChain } from "../db/system-audit.ts";
import type { SystemDatabase } from "../db/system-database.ts";
import { emptyHead } from "../domain/audit/chain.ts";
import { ChainWalk } from "../domain/audit/check-chain.ts";
import type { Break, KnownHead } from "../domain/audit/check-chain.ts";
import type { ShopId } from "../domain/id.ts";
import type { WrittenHead } from "../domain/ports/audit-heads.ts";
import { retentionRules } from "../domain/privacy/retention-class.ts";

const pageSize = 1_000;
const dayMs = 24 * 60 * 60_000;

export type Verified = { shopId: ShopId; sequence: number; broken: Break | undefined };

type Given = { shopId?: ShopId; heads: readonly WrittenHead[]; now: Date };

/** Each log from its anchor to its head, against the heads that were written outside; a log that is gone is broken. */
export async function* verifyAudit(
  system: SystemDatabase,
  { shopId, heads, now }: Given,
): AsyncGenerator<Verified> {
  const chains = await listChains(system, shopId);
  const known = knownBy(heads);
  const withoutChain = await listLogsWithoutChain(system);
  for (const id of new Set([...known.keys(), ...withoutChain])) {
    if (chains.some((chain) => chain.shopId === id) || (shopId !== undefined && shopId !== id)) continue;
    chains.push({ shopId: id, head: emptyHead, anchor: emptyHead });
  }
  const { defaultDays } = retentionRules.audit;
  const keptSince = new Date(defaultDays === null ? 0 : now.getTime() - defaultDays * dayMs);
  for (const chain of chains) {
    const walk = new ChainWalk(chain, { known: known.get(chain.shopId) ?? [], keptSince });
    const broken = await walkThrough(system, chain, walk);
    yield { shopId: chain.shopId, sequence: walk.sequence, broken };
  }
}

/** As far as the head said when the walk began: the chainer goes on meanwhile. */
async function walkThrough(
  system: SystemDatabase,
  { shopId, head }: StoredChain,
  walk: ChainWalk,
): Promise<Break | undefined> {
  const early = walk.begin();
  if (early !== undefined) return early;
  for (;;) {
    const page = await listLinkedEntries(system, { shopId, after: walk.sequence, limit: pageSize });
    const entries = head.sequence === 0 ? page : page.filter(({ sequence }) => sequence <= head.sequence);
    for (const entry of entries) {
      const broken = walk.step(entry);
      if (broken !== undefined) return broken;
    }
    if (entries.length < pageSize) return walk.end();
  }
}

function knownBy(heads: readonly WrittenHead[]): Map<ShopId, KnownHead[]> {
  const byLog = new Map<ShopId, KnownHead[]>();
  for (const { shopId, sequence, hash, lastAt } of heads) {
    const known = { sequence, hash: Buffer.from(hash, "hex"), lastAt: new Date(lastAt) };
    byLog.set(shopId, [...(byLog.get(shopId) ?? []), known]);
  }
  return byLog;
}
