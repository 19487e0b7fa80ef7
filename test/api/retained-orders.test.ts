import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { removeLooseObjects } from "../../activities/upkeep/remove-loose-objects.ts";
import { toTypeId } from "../../domain/id.ts";
import { dayMs } from "../../domain/privacy/purge-rules.ts";
import type { Sealed, SealedPlace } from "../../domain/sealing.ts";
import { retentionAt } from "../activities/retention-world.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import { addHold } from "../db/add-hold.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

describe("an order that was paid", () => {
  test("P:ONA-35 P:MMSO-39 M:ONAMI-44 has name and address for 180 days after delivery, sums and proof for seven years, and a hold keeps what is under it", async () => {
    const tenant = await world.addTenant();
    const [free, held] = [await addPaidOrder(tenant), await addPaidOrder(tenant)];
    await holdOf(held, "order.dispute", 300);
    await holdOf(held, "order.finance", 3_000);
    const both = async (days: number) => {
      await retentionAt(world.deps.system, later(days)).purge();
      await removeLooseObjects(upkeepDeps(world, { clock: { now: () => later(days + 1) } }));
      return [await readOrder(tenant, free), await readOrder(tenant, held)];
    };
    const whole = { name: "Ma Hla", total: 11_000, proof: "readable" };
    const books = { ...whole, name: null };
    const gone = { name: null, total: null, proof: "gone" };
    expect(await both(179)).toEqual([whole, whole]);
    expect(await both(181)).toEqual([books, whole]);
    expect(await both(299)).toEqual([books, whole]);
    expect(await both(301)).toEqual([books, books]);
    expect(await both(2_556)).toEqual([books, books]);
    expect(await both(2_558)).toEqual([gone, books]);
    expect(await both(2_999)).toEqual([gone, books]);
    expect(await both(3_001)).toEqual([gone, gone]);
  });

  const now = new Date();
  const later = (days: number) => new Date(now.getTime() + days * dayMs);
  type Paid = Awaited<ReturnType<typeof addPaidOrder>>;

  async function addPaidOrder(tenant: Tenant) {
    const customer = await world.addCustomer(tenant);
    const set = {
      order_state: "completed",
      payment_state: "paid",
      fulfilment_state: "delivered",
      delivered_at: now,
      completed_at: now,
      received_minor: 11_000,
    } as const;
    const { orderId, paymentMethodId } = await world.addOrder(customer, { contact: { name: "Ma Hla" }, set });
    const picture = await jpeg();
    const evidence = await world.addEvidence(customer, { picture, orderId, state: "accepted" });
    const paid = { ...customer, ...evidence, orderId };
    await sealForBooks(paid);
    await world.owner.query(
      `insert into payment_entries (shop_id, id, order_id, evidence_id, kind, payment_method_id, amount_minor, currency,
          effect_key, recorded_at) values ($1, $2::uuid, $2::uuid, $3, 'payment', $4, 11000, 'MMK', $2::uuid::text, $5)`,
      [tenant.shopId, orderId, evidence.evidenceId, paymentMethodId, now],
    );
    return paid;
  }

  const placesOf = (
    { shopId, customerId, evidenceId, objectId }: Omit<Paid, "pageId">,
    purpose: "order" | "finance",
  ) => {
    const subject = { shopId, subjectId: customerId, purpose };
    return [
      { ...subject, field: "evidence.reading", rowId: evidenceId },
      { ...subject, field: "object.key", rowId: objectId },
    ];
  };

  async function sealedOf({
    evidenceId,
    objectId,
  }: Pick<Paid, "evidenceId" | "objectId">): Promise<Sealed[]> {
    const { rows: found } = await world.owner.query<{ sealed: Sealed }>(
      "select reading as sealed from payment_evidence where id = $1 union all select sealed_key from objects where id = $2",
      [evidenceId, objectId],
    );
    return found.map(({ sealed }) => sealed);
  }

  /** As the acceptance of a slip does. */
  async function sealForBooks(paid: Omit<Paid, "pageId">): Promise<void> {
    const { sealer } = world.deps;
    const sealed = await sealedOf(paid);
    const [from, to] = [placesOf(paid, "order"), placesOf(paid, "finance")];
    const opened = await sealer.open(
      sealed.map((value, index) => ({ place: placeAt(from, index), sealed: value })),
    );
    const again = await sealer.seal(
      opened.map((plaintext, index) => ({ place: placeAt(to, index), plaintext: plaintext ?? "" })),
    );
    await world.owner.query(
      "update payment_evidence set reading = $2, sealed_for = 'finance' where id = $1",
      [paid.evidenceId, again[0]],
    );
    await world.owner.query("update objects set sealed_key = $2, purpose = 'finance' where id = $1", [
      paid.objectId,
      again[1],
    ]);
  }

  function placeAt(places: SealedPlace[], index: number): SealedPlace {
    const place = places[index];
    if (place === undefined) throw new TypeError("no such place");
    return place;
  }

  /** As the shop sees it, and whether the proof's words and bytes can be had. */
  async function readOrder(tenant: Tenant, paid: Paid) {
    const { status, body } = await world.ask("GET", `/v1/orders/${toTypeId("ord", paid.orderId)}`, {
      token: tenant.key,
    });
    const sealed = await sealedOf(paid);
    const places = placesOf(paid, "finance");
    const opened = await world.deps.sealer.open(
      sealed.map((value, index) => ({ place: placeAt(places, index), sealed: value })),
    );
    const [reading, key] = opened;
    const bytes = key && (await world.deps.objects.get(paid.objectId, key).catch(() => undefined));
    const isThere = reading !== undefined && bytes !== undefined;
    if (!isThere)
      expect((await readdir(world.folder, { recursive: true })).join()).not.toContain(paid.objectId);
    return {
      name: status === 200 ? (body.contact?.name ?? null) : null,
      total: status === 200 ? body.total.amountMinor : null,
      proof: isThere ? "readable" : "gone",
    };
  }

  function holdOf({ shopId, customerId }: Paid, of: string, days: number) {
    return addHold(world.owner, { shopId, subjectId: customerId, of, until: later(days) });
  }
});
