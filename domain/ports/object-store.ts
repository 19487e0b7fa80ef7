import type { ObjectId } from "../id.ts";

/** Sealed bytes outside Postgres. Each object has its own key, which the caller seals into the object's row. */
export interface ObjectStore {
  /** Durable when it returns. `size` is that of the plaintext in bytes. */
  put(objectId: ObjectId, bytes: Uint8Array): Promise<{ key: Buffer; size: number }>;
  /** Throws `AppError` `object.missing` (not_found) or `object.damaged` (internal: changed bytes or the wrong key). */
  get(objectId: ObjectId, key: Uint8Array): Promise<Buffer>;
  /** Removes whatever was ever put under this id; nothing there is fine. */
  remove(objectId: ObjectId): Promise<void>;
}
