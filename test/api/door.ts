import { decodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { CustomerId, MessageId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { envelope, signedPost } from "./api-world.ts";
import type { ApiWorld, TestShop, WireItem } from "./api-world.ts";

export type IntakeRow = {
  id: MessageId;
  kind: string;
  customer_id: CustomerId;
  body: Buffer | null;
  occurred_at: Date;
  claimed_at: Date | null;
};

export type ConversationRow = {
  customer_id: CustomerId;
  bell_pending: boolean;
  human_until: Date | null;
  mode_version: number;
  language: string;
  last_customer_action_at: Date | null;
  last_page_at: Date | null;
};

/** Posts webhooks and looks at what is stored, as the superuser sees it. */
export function openDoor(world: ApiWorld) {
  /** Resolves when the bells are rung, too. */
  async function post(body: unknown, options?: Parameters<typeof signedPost>[1]): Promise<Response> {
    const response = await world.api.app.request("/webhooks/messenger", signedPost(body, options));
    await world.api.drained();
    return response;
  }

  async function rowsOf<Row extends object>(table: string, shop: TestShop, order: string): Promise<Row[]> {
    const sql = `select * from ${table} where shop_id = $1 order by ${order}`;
    return (await world.owner.query<Row>(sql, [shop.shopId])).rows;
  }

  const intakeOf = (shop: TestShop) => rowsOf<IntakeRow>("intake", shop, "occurred_at, id");

  return {
    post,
    deliver: (shop: TestShop, ...items: WireItem[]) => post(envelope({ metaPageId: shop.metaPageId, items })),
    intakeOf,
    bodiesOf: async (shop: TestShop): Promise<MessageBody[]> => {
      const rows = await intakeOf(shop);
      const plain = await world.deps.sealer.open(
        rows.map(({ id, customer_id, body }) => ({
          place: {
            shopId: shop.shopId,
            subjectId: customer_id,
            purpose: "chat",
            field: "message.body",
            rowId: id,
          },
          sealed: body as Sealed,
        })),
      );
      return plain.map((bytes) => decodeBody(bytes ?? Buffer.from("{}")));
    },
    conversationsOf: (shop: TestShop) => rowsOf<ConversationRow>("conversations", shop, "created_at"),
    count: async (table: string, shop: TestShop): Promise<number> =>
      (await rowsOf(table, shop, "shop_id")).length,
  };
}

export type Door = ReturnType<typeof openDoor>;
