import type { ShopId } from "../id.ts";

/** The door by which Meta's webhooks come in, for items that no webhook brought. */
export interface IntakeDoor {
  /**
   * Takes in items of one Page, each as a webhook would have it, by the same event keys: what came, or comes later, by
   * the webhook is there once. Customers' words before `answerFrom` are stored, and nobody answers them. Committed when
   * it returns; answers how many were new. None when the Page has left that shop meanwhile: what was read with its token is
   * not another's.
   */
  receive(arrived: {
    shopId: ShopId;
    metaPageId: string;
    items: readonly object[];
    answerFrom: Date;
  }): Promise<number>;
}
