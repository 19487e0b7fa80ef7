import { readdir } from "node:fs/promises";

import { createErasureActivities } from "../../activities/erasure/index.ts";
import { decideOrder } from "../../activities/order/decide-order.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import type { CertificateRow } from "../../db/certificates.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { CustomerId, EvidenceId, OrderId, PrivacyRequestId } from "../../domain/id.ts";
import type { Certificate } from "../../domain/privacy/certificate.ts";
import type { Sealed, SealedPlace } from "../../domain/sealing.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import type { ErasureActivities, ErasureRef } from "../../workflows/erasure.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import type { DecideOrder } from "../../workflows/order.contract.ts";
import { messageItem, newMid, newPsid } from "../api/api-world.ts";
import { openDoor } from "../api/door.ts";
import { createOwnerWorld, jpeg } from "../api/owner-world.ts";
import type { OwnerWorld, Tenant } from "../api/owner-world.ts";
import type { CustomerOf, OrderOptions } from "../api/owner-rows.ts";
import { MemoryExecutions, memoryErasureList } from "../support/erasure-parts.ts";
import { token } from "../walls/canaries.ts";
import { build } from "./package-world.ts";
import type { Asked } from "./package-world.ts";
import { upkeepDeps } from "./upkeep-deps.ts";

/** Steps of the workflow in its order, without its waits. */
export const legSteps = [
  "deleteExecutions",
  "destroyKeys",
  "proveUnreadable",
  "removeRows",
  "issueCertificate",
] as const satisfies (keyof ErasureActivities)[];
export const firstSteps = [
  "planErasure",
  "fenceSubject",
  "closeProcesses",
  "terminateStragglers",
  ...legSteps,
] as const satisfies (keyof ErasureActivities)[];
export type StepName = (typeof firstSteps)[number] | "endHolds" | "completeCertificate";

/** A person with something in every store, and what was said by whom. */
export type Person = CustomerOf & {
  psid: string;
  canaries: string[];
  /** Paid and delivered; paid and not sent; not paid. */
  orders: { delivered: OrderId; toSend: OrderId; unpaid: OrderId };
  pictures: { accepted: string; unmatched: string };
};

const decide = { by: { accountId: null, apiKeyId: null } };

/** Erasures on a real database, with a Temporal that is as quick as memory. */
export async function createErasureWorld() {
  const world = await createOwnerWorld();
  const door = openDoor(world);
  const executions = new MemoryExecutions();
  const erasureList = memoryErasureList();
  const dying = { at: "" };
  /** The chat keys as they were, for who puts one back. */
  const keptKeys = new Map<string, unknown[]>();
  const deps = upkeepDeps(world, {
    executions,
    erasureList,
    atStep: (step) => (step === dying.at ? Promise.reject(new Error(`died at ${step}`)) : Promise.resolve()),
  });
  const activities = createErasureActivities(deps);

  return {
    ...world,
    door,
    deps: { ...world.deps, ...deps },
    doorDeps: world.deps,
    executions,
    erasureList,
    dying,
    activities,
    addPerson: async (shop: Tenant, options?: PersonOptions) => {
      const person = await addPerson({ ...world, door, upkeep: deps }, shop, options);
      const { rows } = await world.owner.query<Record<string, unknown>>(
        "select shop_id, id, subject_id, epoch, wrapped from subject_keys where subject_id = $1 and purpose = 'chat'",
        [person.customerId],
      );
      keptKeys.set(person.customerId, Object.values(rows[0] ?? {}));
      return person;
    },
    variantOf: async (orderId: OrderId) => {
      const query = "select variant_id as id from order_lines where order_id = $1";
      return (await world.owner.query<{ id: string }>(query, [orderId])).rows[0]?.id;
    },
    reservedOf: async (variantId: string | undefined) => {
      const query = "select reserved from variants where id = $1";
      return (await world.owner.query<{ reserved: number }>(query, [variantId])).rows[0]?.reserved;
    },
    /** Whether the store has bytes under this id. */
    buildPackage: (asked: Asked) => build(world, asked),
    stored: async (objectId: string) =>
      (await readdir(world.folder, { recursive: true })).some((name) => name.includes(objectId)),
    keptKeys,
    refOf: ({ shopId, customerId }: CustomerOf): ErasureRef => ({
      shopId,
      subjectId: customerId,
      requestId: newId<PrivacyRequestId>(),
    }),
    run: async (ref: ErasureRef, steps: readonly StepName[]) => {
      for (const step of steps) await activities[step](ref);
    },
    decide: (
      order: { shopId: CustomerOf["shopId"]; orderId: OrderId },
      name: DecideOrder["name"],
      request = {},
    ) =>
      decideOrder(deps, {
        ...order,
        name,
        request: { ...decide, ...request },
        updateId: newId<string>(),
      } as DecideOrder),
    /** What the row's sealed value says; undefined when its key is gone. */
    open: async (place: SealedPlace, sealed: Buffer) => {
      world.deps.sealer.forget(place.subjectId);
      const [plaintext] = await world.deps.sealer.open([{ place, sealed: sealed as Sealed }]);
      return plaintext?.toString("utf8");
    },
    newestCertificate: async ({ shopId, requestId }: ErasureRef) => {
      const { rows } = await world.owner.query<CertificateRow>(
        "select * from certificates where shop_id = $1 and request_id = $2 order by revision desc limit 1",
        [shopId, requestId],
      );
      const [row] = rows;
      if (!row) throw new Error("nothing is certified");
      return { ...row, told: JSON.parse(row.body) as Certificate };
    },
    /** The purposes that the person has keys for. */
    keysOf: async ({ shopId, customerId }: CustomerOf): Promise<string[]> => {
      const { rows } = await world.owner.query<{ purpose: string }>(
        "select purpose from subject_keys where shop_id = $1 and subject_id = $2 order by purpose",
        [shopId, customerId],
      );
      return rows.map(({ purpose }) => purpose);
    },
    /** Rows by table that name the person, without what stands as evidence of the erasure. */
    rowsOf: (person: CustomerOf) => countRows(world, person),
    rows: async <Row extends object>(query: string, values: unknown[]) =>
      (await world.owner.query<Row>(query, values)).rows,
  };
}

export type ErasureWorld = Awaited<ReturnType<typeof createErasureWorld>>;

type PersonOptions = { without?: ("toSend" | "delivered")[] };
type Parts = OwnerWorld & { door: ReturnType<typeof openDoor>; upkeep: UpkeepDeps };

async function addPerson(world: Parts, shop: Tenant, { without = [] }: PersonOptions = {}): Promise<Person> {
  const psid = newPsid();
  const canaries = [token(), token(), token()];
  const [words = "", name = "", note = ""] = canaries;
  await world.door.deliver(shop, messageItem(shop, psid, { mid: newMid(), text: words }));
  const index = await world.deps.blindIndexer.index(shop.shopId, "customer.psid", psid);
  const { rows } = await world.owner.query<{ id: CustomerId }>(
    "select id from customers where shop_id = $1 and psid_index = $2",
    [shop.shopId, index],
  );
  const customerId = rows[0]?.id;
  if (customerId === undefined) throw new Error("the door let nobody in");
  const customer = { shopId: shop.shopId, pageId: shop.pageId, customerId };
  const now = new Date();
  await world.addMessage(customer, { body: { text: words }, at: now });
  await world.addMessage(customer, { body: { text: words }, at: now, outbox: { state: "queued" } });
  const contact = { name, phone: "09791234567", township: "Sanchaung", address: note };
  const paid = async () => {
    const set = { payment_state: "due", order_state: "placed" } as const;
    const { orderId } = await order(world, customer, { contact, set });
    const { evidenceId, objectId } = await world.addEvidence(customer, {
      picture: await jpeg(),
      orderId,
      reading: { reference: note },
    });
    await confirm(world, { ...customer, orderId, evidenceId });
    return { orderId, objectId };
  };
  const delivered = without.includes("delivered") ? undefined : await paid();
  if (delivered) {
    for (const verb of ["shipOrder", "deliverOrder"] as const) {
      const ship = verb === "shipOrder" ? { trackingIntakeId: null } : {};
      await decideOrder(world.upkeep, {
        shopId: shop.shopId,
        orderId: delivered.orderId,
        name: verb,
        request: { ...decide, ...ship },
        updateId: newId<string>(),
      } as DecideOrder);
    }
  }
  const toSend = without.includes("toSend") ? undefined : await paid();
  const unpaid = await order(world, customer, { contact });
  await world.addOrder(customer, { contact, set: { order_state: "draft", payment_state: "none" } });
  const loose = await world.addEvidence(customer, { picture: await jpeg(), reading: { reference: words } });
  await world.owner.query(
    `insert into carts (shop_id, customer_id, updated_at) values ($1, $2, now()) on conflict do nothing`,
    [shop.shopId, customerId],
  );
  for (const orderId of [toSend?.orderId ?? null, unpaid.orderId, null]) {
    await world.owner.query(
      `insert into owner_notices (shop_id, id, kind, business_key, order_id, customer_id, created_at)
        values ($1, $2::uuid, 'order_placed', $2::uuid::text, $3, $4, now())`,
      [shop.shopId, newId<string>(), orderId, customerId],
    );
  }
  const none = newId<OrderId>();
  return {
    ...customer,
    psid,
    canaries,
    orders: {
      delivered: delivered?.orderId ?? none,
      toSend: toSend?.orderId ?? none,
      unpaid: unpaid.orderId,
    },
    pictures: { accepted: delivered?.objectId ?? none, unmatched: loose.objectId },
  };
}

/** With its stock reserved, as placing does. */
async function order(world: Parts, customer: CustomerOf, options: OrderOptions) {
  const placed = await world.addOrder(customer, options);
  await world.owner.query("update variants set on_hand = 5, reserved = 2 where shop_id = $1 and id = $2", [
    customer.shopId,
    placed.variantId,
  ]);
  return placed;
}

function confirm(world: Parts, at: CustomerOf & { orderId: OrderId; evidenceId: EvidenceId }) {
  return decideOrder(world.upkeep, {
    shopId: at.shopId,
    orderId: at.orderId,
    name: "confirmPayment",
    request: {
      ...decide,
      evidenceId: at.evidenceId,
      amountMinor: 11_000,
      referenceIntakeId: null,
      effectKey: at.evidenceId,
    },
    updateId: newId<string>(),
  });
}

/** Tables that stay as evidence, or name the person by an id that nothing else knows. */
const evidenceOfErasure = new Set([
  "audit_events",
  "erasures",
  "holds",
  "certificates",
  "subjects",
  "subject_keys",
]);

async function countRows(
  world: OwnerWorld,
  { shopId, customerId }: CustomerOf,
): Promise<Record<string, number>> {
  const { rows: columns } = await world.owner.query<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
      where table_schema = 'public' and column_name in ('customer_id', 'subject_id') order by 1`,
  );
  const counts: Record<string, number> = {};
  for (const { table, column } of columns) {
    if (evidenceOfErasure.has(table)) continue;
    const { rows } = await world.owner.query<{ count: number }>(
      `select count(*)::int as count from ${table} where shop_id = $1 and ${column} = $2`,
      [shopId, customerId],
    );
    const count = rows[0]?.count ?? 0;
    if (count > 0) counts[table] = count;
  }
  return counts;
}

/** The runs that a person's processes leave in Temporal, two of each chain. */
export function runsOf({ customerId, orders }: Person, executions: MemoryExecutions): void {
  const ids = [
    conversationWorkflowId(toTypeId("cus", customerId)),
    ...Object.values(orders).map((orderId) => orderWorkflowId(toTypeId("ord", orderId))),
  ];
  for (const workflowId of ids) {
    executions.runs.push(
      { workflowId, runId: newId<string>(), isRunning: false },
      { workflowId, runId: newId<string>(), isRunning: true },
    );
  }
}
