import { createMessengerClient } from "../../clients/messenger.ts";
import { createModelClient } from "../../clients/model.ts";
import type { MessengerClient } from "../../domain/ports/messenger-client.ts";
import type { ModelClient } from "../../domain/ports/model-client.ts";
import { BaselineStore } from "./baseline-store.ts";
import { anywhere } from "../../test/support/egress.ts";

export type BaselineDeps = { store: BaselineStore; messenger: MessengerClient; model: ModelClient };

/** The product's own clients, so that what differs is the product's durability. */
export async function createBaselineDeps(): Promise<BaselineDeps> {
  const { DATABASE_URL = "", OUTSIDE_URL = "", APP_SECRET = "", APP_ID = "" } = process.env;
  const store = new BaselineStore(DATABASE_URL);
  await store.prepare();
  return {
    store,
    messenger: createMessengerClient({
      egress: anywhere,
      baseUrl: OUTSIDE_URL,
      version: "v26.0",
      appId: APP_ID,
      appSecret: APP_SECRET,
    }),
    model: createModelClient({
      egress: anywhere,
      apiKey: "sk-bench",
      baseUrl: `${OUTSIDE_URL}/model/v1`,
      model: "bench",
    }),
  };
}
