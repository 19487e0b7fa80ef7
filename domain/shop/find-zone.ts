import type { DeliveryZone, ShopPolicies } from "./policies.ts";

type Zones = Pick<ShopPolicies, "zones">;

const everywhereElse = "*";

/**
 * The zone that serves a township as a customer writes it: the first zone that names it, else the first with `*`.
 * Expects Unicode text (Zawgyi is converted where messages come in).
 */
export function findZone({ zones }: Zones, township: string): DeliveryZone | undefined {
  const candidates = [township, ...township.split(/[,၊/]/u)].map(comparable).filter((name) => name !== "");
  if (candidates.length === 0) return undefined;
  for (const candidate of candidates) {
    const zone = zones.find(({ townships }) => townships.some((name) => comparable(name) === candidate));
    if (zone) return zone;
  }
  return zones.find(({ townships }) => townships.includes(everywhereElse));
}

/** Every township that a zone names, once each, as the owner wrote it. */
export function listTownships({ zones }: Zones): string[] {
  const byComparable = new Map<string, string>();
  for (const name of zones.flatMap((zone) => zone.townships)) {
    const key = comparable(name);
    if (key !== "" && !byComparable.has(key)) byComparable.set(key, name.trim());
  }
  return [...byComparable.values()];
}

/** Letters and marks only, so that `*` is no name. ဥ and ဉ look alike before an asat and are typed for each other. */
function comparable(name: string): string {
  return name
    .normalize("NFC")
    .toLowerCase()
    .replaceAll("ဥ်", "ဉ်")
    .replace(/[\p{Cf}\p{P}\p{Z}\p{S}]/gu, "")
    .replace(/(?<=.)(?:township|tsp|မြို့နယ်)$/u, "");
}
