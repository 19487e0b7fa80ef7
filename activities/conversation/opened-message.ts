import type { MessageRow } from "../../db/messages.ts";
import { decodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { Sealer } from "../../domain/sealing.ts";
import { bodyPlace } from "../outbox/seal-message.ts";

type SealedMessage = Pick<MessageRow, "shop_id" | "customer_id" | "id" | "body">;
type Opened<Row extends SealedMessage> = Omit<Row, "body"> & { body: MessageBody };
export type OpenedMessage = Opened<MessageRow>;

/** Opens messages in one batch; those without a body, deleted or erased, are left away. */
export async function openMessages<Row extends SealedMessage>(
  sealer: Sealer,
  rows: readonly Row[],
): Promise<Opened<Row>[]> {
  const sealed = rows.flatMap((row) => (row.body === null ? [] : [{ row, body: row.body }]));
  if (sealed.length === 0) return [];
  const plaintexts = await sealer.open(
    sealed.map(({ row, body }) => ({
      place: bodyPlace({ shopId: row.shop_id, customerId: row.customer_id, id: row.id }),
      sealed: body,
    })),
  );
  return sealed.flatMap(({ row }, index) => {
    const plaintext = plaintexts[index];
    return plaintext === undefined ? [] : [{ ...row, body: decodeBody(plaintext) }];
  });
}
