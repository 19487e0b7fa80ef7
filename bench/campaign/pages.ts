import { toTypeId } from "../../domain/id.ts";
import { waitUntil } from "../../runtime/wait-until.ts";
import { isOutage } from "./ask-again.ts";
import type { ShopKeeper } from "./owners.ts";

type PageSeen = { metaPageId: string; state: string; checkedAt: string | null };

/** Everybody of the simulated Facebook may have every Page. */
const loginAccount = "300000000000001";

/** One look of an owner at the shop's Page: one that stopped working is connected again. */
export async function mindThePage(keeper: ShopKeeper): Promise<void> {
  const { owner, shop, random } = keeper;
  const { data } = await owner.get<{ data: PageSeen[] }>("/v1/pages");
  for (const { state, metaPageId } of data) if (state === "broken") await connectAgain(keeper, metaPageId);
  if (random.chance(0.15)) await owner.postOnce(`/v1/pages/${toTypeId("page", shop.pageId)}/check`);
}

/** Through Facebook's dialog, and back; what does not come off is begun anew at the next look. */
async function connectAgain({ owner }: ShopKeeper, metaPageId: string): Promise<void> {
  const started = await owner.postOnce("/v1/page-connections");
  if (!started.ok) return;
  const { authoriseUrl } = (await started.json()) as { authoriseUrl: string };
  const form = new URL(authoriseUrl).searchParams;
  form.set("answer", "grant");
  form.set("account", loginAccount);
  form.set("page", metaPageId);
  const dialog = authoriseUrl.split("?")[0] ?? "";
  const back = await fetch(dialog, { method: "POST", body: form, redirect: "manual" });
  const location = back.headers.get("location");
  if (location === null) return;
  const { searchParams } = new URL(location);
  const body = { state: searchParams.get("state"), code: searchParams.get("code") };
  const completed = await owner.postOnce("/v1/page-connections/complete", body);
  if (!completed.ok) return;
  const { id } = (await completed.json()) as { id: string };
  await owner.postOnce(`/v1/page-connections/${id}/pages`, { metaPageId });
}

const healthyWithinMs = 60_000;

/** Has every Page looked at, and connected again if need be, until all of them work. */
export async function restorePages(keepers: readonly ShopKeeper[]): Promise<void> {
  for (const keeper of keepers) {
    const path = `/v1/pages/${toTypeId("page", keeper.shop.pageId)}`;
    const before = (await keeper.owner.get<PageSeen>(path)).checkedAt;
    const isHealthy = async () => {
      try {
        await keeper.owner.postOnce(`${path}/check`);
        await mindThePage(keeper);
        const { state, checkedAt } = await keeper.owner.get<PageSeen>(path);
        return (state === "connected" && checkedAt !== before) || undefined;
      } catch (error) {
        if (isOutage(error)) return undefined;
        throw error;
      }
    };
    await waitUntil(isHealthy, { timeoutMs: healthyWithinMs, everyMs: 1_000 });
  }
}
