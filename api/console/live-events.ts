import type { Logger } from "pino";
import { z } from "zod";

import { listenTo } from "../../db/listen.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";

/** Names of the events that a page may wait for: a kind of thing, or one thing by its id. */
export type LiveHearer = {
  changed(names: readonly string[]): void;
  /** Something may have been missed: read everything again. */
  missed(): void;
  closed(): void;
};

export type LiveEvents = {
  /** Returns how to stop hearing. */
  hear(shopId: ShopId, hearer: LiveHearer): () => void;
  /** Ends the connection and every stream that hears by it. */
  close(): Promise<void>;
};

/** As `notify_live` writes it. */
const Notice = z.object({ shopId: z.uuid(), table: z.string(), id: z.string().nullable() });

const kindOf: Record<string, { kind: string; prefix: "ord" | "cus" | "ntc" }> = {
  orders: { kind: "orders", prefix: "ord" },
  payment_evidence: { kind: "orders", prefix: "ord" },
  intake: { kind: "conversations", prefix: "cus" },
  messages: { kind: "conversations", prefix: "cus" },
  outbox: { kind: "conversations", prefix: "cus" },
  conversations: { kind: "conversations", prefix: "cus" },
  owner_notices: { kind: "notices", prefix: "ntc" },
};

/** Changes of rows by Postgres NOTIFY, ids only, on one connection for the whole process; fanned out by shop. */
export function openLiveEvents({ url, log }: { url: string; log: Logger }): LiveEvents {
  const hearers = new Map<string, Set<LiveHearer>>();
  const everybody = () => [...hearers.values()].flatMap((ofShop) => [...ofShop]);
  const listening = listenTo({
    url,
    channel: "live",
    onNotice: (payload) => {
      const notice = readNotice(payload);
      if (notice === undefined) return;
      for (const hearer of hearers.get(notice.shopId) ?? []) hearer.changed(notice.names);
    },
    onGap: () => {
      for (const hearer of everybody()) hearer.missed();
    },
    onTrouble: (err) => log.warn({ err }, "live.interrupted"),
  });
  return {
    hear: (shopId, hearer) => {
      const ofShop = hearers.get(shopId) ?? new Set();
      hearers.set(shopId, ofShop.add(hearer));
      return () => {
        ofShop.delete(hearer);
        if (ofShop.size === 0) hearers.delete(shopId);
      };
    },
    close: async () => {
      for (const hearer of everybody()) hearer.closed();
      hearers.clear();
      await listening.close();
    },
  };
}

function readNotice(payload: string): { shopId: string; names: string[] } | undefined {
  const { success, data } = Notice.safeParse(parseJson(payload));
  if (!success) return undefined;
  const found = kindOf[data.table];
  if (found === undefined) return undefined;
  const ids = data.id === null ? [] : [toTypeId(found.prefix, data.id)];
  return { shopId: data.shopId, names: [found.kind, ...ids] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
