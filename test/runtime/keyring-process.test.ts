import { afterAll, beforeAll, expect, test } from "vitest";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createRemoteKeyRotator, createRemoteKeyring } from "../../clients/remote-keyring.ts";
import { createSealer } from "../../clients/sealer.ts";
import type { Keyring } from "../../domain/ports/keyring.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import { openDatabase } from "../../db/connection.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { readConfig } from "../../runtime/config.ts";
import { startKeyring } from "../../runtime/keyring.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

const token = randomBytes(32).toString("hex");
const shopId = randomUUID() as ShopId;
const subjectId = randomUUID() as SubjectId;

let database: TestDatabase;
let home: string;
let running: Awaited<ReturnType<typeof startKeyring>>;
let keyring: Keyring;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), "shopthread-keyring-"));
  running = await startKeyring(
    readConfig({
      SHOPTHREAD_HOME: home,
      SHOPTHREAD_DEMO: "on",
      SHOPTHREAD_LOG_LEVEL: "error",
      DATABASE_URL_API: database.urls.api,
      DATABASE_URL_WORKER: database.urls.worker,
      DATABASE_URL_ADMIN: database.urls.admin,
      DATABASE_URL_SYSTEM: database.urls.system,
      DATABASE_URL_KEYRING: database.urls.keyring,
      KEYRING_TOKEN: token,
      KEYRING_PORT: "0",
    }),
  );
  keyring = createRemoteKeyring({ baseUrl: `http://127.0.0.1:${running.port}`, token });
});
afterAll(async () => {
  await running.stop();
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("seals and opens through a keyring in a process of its own", async () => {
  const sealer = createSealer(keyring);
  await sealer.makeKeys([{ shopId, subjectId, kind: "customer" }]);
  const place = { shopId, subjectId, purpose: "chat", field: "message.body", rowId: randomUUID() } as const;
  const [sealed] = await sealer.seal([{ place, plaintext: "မင်္ဂလာပါ" }]);
  expect(sealed?.includes(Buffer.from("မင်္ဂလာပါ"))).toBe(false);
  const [opened] = await sealer.open(sealed ? [{ place, sealed }] : []);
  expect(opened?.toString("utf8")).toBe("မင်္ဂလာပါ");
});

test("leaves out keys that are not stored", async () => {
  expect(await keyring.unwrap({ refs: [{ shopId, subjectId, purpose: "chat" }], ids: [] })).toEqual([]);
});

test("gives each shop an index key of its own, the same each time", async () => {
  const [one, again, other] = await Promise.all(
    [shopId, shopId, randomUUID() as ShopId].map((scope) => keyring.indexKey(scope)),
  );
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
});

test("changes its epoch key when it is asked to, and refuses to destroy one that is in use", async () => {
  const rotator = createRemoteKeyRotator({ baseUrl: `http://127.0.0.1:${running.port}`, token });
  const now = new Date("2026-11-29T02:00:00Z");
  const [made] = await keyring.makeKeys([{ shopId, subjectId, purpose: "chat" }]);
  if (made === undefined) throw new TypeError("no key was made");
  const db = openDatabase({ url: database.urls.api, maxConnections: 1, name: "test" });
  const subjects = [{ id: subjectId, kind: "customer" as const }];
  await db.withShop(shopId, (trx) => insertSubjects(trx, { shopId, subjects, keys: [made.row], now }));
  await db.close();
  const epoch = await rotator.closeEpoch(now);
  expect(await rotator.countKeys(epoch)).toBe(1);
  await expect(rotator.destroyEpoch(epoch, now)).rejects.toMatchObject({ code: "key.epoch_in_use" });
  expect(await rotator.rewrapKeys({ epoch, after: null, limit: 10 })).toEqual({
    replaced: 1,
    damaged: 0,
    last: null,
  });
  await rotator.destroyEpoch(epoch, now);
  expect((await readdir(statePaths(home).keyring)).filter((name) => name.startsWith("epoch"))).toEqual([
    `epoch-${epoch + 1}.key`,
  ]);
  const [living] = await keyring.unwrap({ refs: [{ shopId, subjectId, purpose: "chat" }], ids: [] });
  expect(living?.key).toEqual(made.dataKey.key);
});

test("answers nobody without the token", async () => {
  const stranger = createRemoteKeyring({ baseUrl: `http://127.0.0.1:${running.port}`, token: "wrong" });
  await expect(stranger.indexKey("platform")).rejects.toMatchObject({ code: "keyring.refused" });
});

test("refuses what is no request", async () => {
  const response = await fetch(`http://127.0.0.1:${running.port}/v1/keys/unwrap`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ refs: "all" }),
  });
  expect(response.status).toBe(400);
});

test("says that it is away instead of going on without keys", async () => {
  const nowhere = createRemoteKeyring({ baseUrl: "http://127.0.0.1:9", token, timeoutMs: 500 });
  await expect(nowhere.makeKeys([{ shopId, subjectId, purpose: "chat" }])).rejects.toMatchObject({
    kind: "unavailable",
    code: "keyring.away",
  });
});
