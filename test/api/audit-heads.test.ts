import { afterAll, beforeAll, expect, test } from "vitest";

import { chainAudit } from "../../activities/upkeep/chain-audit.ts";
import { toTypeId } from "../../domain/id.ts";
import type { WrittenHead } from "../../domain/ports/audit-heads.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

let world: UpgradeWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
});
afterAll(() => world.close());

test("an auditor reads the heads page by page, as they were written outside", async () => {
  const auditor = await world.addAdmin("auditor");
  const tenants = [await world.addTenant(), await world.addTenant()];
  for (const { key } of tenants) await world.ask("GET", "/v1/customers", { token: key });
  const written: WrittenHead[] = [];
  const auditHeads = {
    append: async (heads: readonly WrittenHead[]) => void written.push(...heads),
    read: () => Promise.resolve(written),
  };
  await chainAudit(upkeepDeps(world, { auditHeads }));
  const seen = [];
  for (let cursor = ""; ;) {
    const path = `/v1/compliance/audit-heads?limit=1${cursor}`;
    const { body } = await world.ask("GET", path, { token: auditor.token });
    seen.push(...body.data);
    if (!body.hasMore) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  const shops = written.filter(({ shopId }) => tenants.some((tenant) => tenant.shopId === shopId));
  expect(shops).toHaveLength(2);
  for (const { shopId, sequence, hash, lastAt } of shops)
    expect(seen).toContainEqual({ shopId: toTypeId("shop", shopId), sequence, hash, lastAt });
  expect(seen).toHaveLength(written.length);
});
