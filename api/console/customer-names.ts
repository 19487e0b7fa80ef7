import type { CustomerContact } from "../../db/order-boards.ts";
import type { OrderId } from "../../domain/id.ts";
import { auditViewing } from "../v1/audit.ts";
import { decodeContact } from "../v1/orders.schema.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleContext } from "./console-env.ts";

/** The names in contacts, by the order that they came with; written into the audit log as one viewing. */
export async function openNames(
  c: ConsoleContext,
  action: "orders.viewed" | "customers.viewed",
  known: readonly CustomerContact[],
): Promise<ReadonlyMap<OrderId, string>> {
  const contacts = known.flatMap(({ contact, ...order }) => (contact === null ? [] : { ...order, contact }));
  if (contacts.length === 0) return new Map();
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  await deps.db.withShop(shopId, (trx) =>
    auditViewing(trx, asApiContext(c), { action, ids: contacts.map(({ orderId }) => orderId) }),
  );
  const opened = await deps.sealer.open(
    contacts.map(({ customerId, orderId, contact }) => ({
      place: {
        shopId,
        subjectId: customerId,
        purpose: "order" as const,
        field: "order.contact",
        rowId: orderId,
      },
      sealed: contact,
    })),
  );
  return new Map(
    contacts.flatMap(({ orderId }, index) => {
      const plaintext = opened[index];
      const name = plaintext === undefined ? null : decodeContact(plaintext).name;
      return name === null ? [] : [[orderId, name] as const];
    }),
  );
}
