import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { newToken } from "../../api/auth/token.ts";
import { insertSession } from "../../db/sessions.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { askOperation, fillTenant, listOperations, sweepTimes } from "./every-operation.ts";
import type { Ids, Operation, OperationAnswer } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let operations: Operation[];
let mine: Tenant;
let own: Ids;
let foreign: Ids;
let unknown: Ids;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  operations = await listOperations(world);
  mine = await world.addTenant();
  own = await fillTenant(world, mine);
  foreign = await fillTenant(world, await world.addTenant());
  // The same kinds of ids, of nothing; a link's signature is the foreign one, so that the id alone differs.
  unknown = Object.fromEntries(
    Object.entries(foreign).map(([name, id]) => {
      const [typed = "", query] = id.split("?");
      const prefix = typed.includes("_")
        ? (typed.split("_")[0] as Parameters<typeof toTypeId>[0])
        : undefined;
      const fresh = prefix === undefined ? newId<string>() : toTypeId(prefix, newId<string>());
      return [name, query === undefined ? fresh : `${fresh}?${query}`];
    }),
  );
});
afterAll(() => world.close());

/** All of the answer but what differs between two equal requests. */
function wordsOf({ status, body, bytes }: OperationAnswer): unknown {
  const { instance: _, ...words } = (body ?? { bytes: bytes.toString("base64") }) as Record<string, unknown>;
  return { status, ...words };
}

type Stranger = { name: string; open: () => Promise<string>; status: number; code: string };

async function addSession(platformRole: PlatformRole | null, endsInMs = 3_600_000): Promise<string> {
  const { accountId } = await world.addAccount();
  const { token, tokenHash } = newToken("session");
  const now = new Date();
  const expiresAt = new Date(now.getTime() + endsInMs);
  const session = { id: newId<string>(), tokenHash, accountId, language: "en" as const, now, expiresAt };
  if (platformRole === null) await world.addMember(mine.shopId, accountId, "owner");
  else await world.giveRole(accountId, platformRole);
  await world.deps.db.withoutShop((trx) => insertSession(trx, session));
  return token;
}

/** An owner's session of the shop that is worth nothing any more. */
async function addEndedSession(change: string): Promise<string> {
  const token = await addSession(null);
  const { rowCount } = await world.owner.query(
    `update sessions set ${change} where id = (select id from sessions order by created_at desc limit 1)`,
  );
  expect(rowCount).toBe(1);
  return token;
}

async function addRevokedKey(): Promise<string> {
  const token = await world.addApiKey(mine.shopId);
  await world.owner.query(
    "update api_keys set revoked_at = now() where id = (select id from api_keys order by created_at desc limit 1)",
  );
  return token;
}

const nobody = { status: 401, code: "session.missing" };
const strangers: Stranger[] = [
  {
    name: "an admin of the platform",
    open: () => addSession("platform_admin"),
    status: 403,
    code: "shop.none",
  },
  { name: "compliance", open: () => addSession("compliance"), status: 403, code: "shop.none" },
  { name: "nobody", open: () => Promise.resolve(""), ...nobody },
  { name: "a session that expired", open: () => addSession(null, -1), ...nobody },
  { name: "a session that was ended", open: () => addEndedSession("ended_at = now()"), ...nobody },
  {
    name: "a session that nobody used for a week",
    open: () => addEndedSession("last_used_at = now() - interval '7 days'"),
    ...nobody,
  },
  { name: "a key that was revoked", open: addRevokedKey, ...nobody },
  { name: "a key that was never given", open: () => Promise.resolve(newToken("apiKey").token), ...nobody },
];

describe.each(strangers)("$name", ({ open, status, code }) => {
  test("M:ONAMI-35 is refused by every operation alike, whatever the id", async () => {
    const token = await open();
    world.asked.length = 0;
    for (const operation of operations) {
      const answers = [];
      for (const ids of [own, foreign, unknown]) {
        answers.push(await askOperation(world, operation, { ids, ...(token === "" ? {} : { token }) }));
      }
      const [first, ...others] = answers.map(wordsOf);
      expect({ [operation.operationId]: first }).toMatchObject({ [operation.operationId]: { status, code } });
      for (const other of others) expect(other, operation.operationId).toEqual(first);
    }
    expect(world.asked).toEqual([]);
  });
});

describe.each([...membershipRoles, "key"] as const)("the %s of a shop", (role) => {
  let token: string;
  beforeAll(async () => {
    token = role === "key" ? mine.key : await world.signIn(mine.shopId, role);
  });

  test("M:ONAMI-35 cannot tell another shop's id from one that does not exist", async () => {
    world.asked.length = 0;
    for (const operation of operations.filter(({ path }) => path.includes("{"))) {
      const ask = (ids: Ids) => askOperation(world, operation, { token, ids });
      const [theirs, nobodys] = [await ask(foreign), await ask(unknown)];
      expect([403, 404], operation.operationId).toContain(theirs.status);
      expect(wordsOf(theirs), operation.operationId).toEqual(wordsOf(nobodys));
    }
    expect(world.asked).toEqual([]);
  });

  test("M:ONAMI-35 cannot reach them by an id in a body, a filter or a header either", async () => {
    world.asked.length = 0;
    const shop = `/v1/payment-evidence/${own["evidenceId"]}`;
    const bodies = (ids: Ids): [string, string, object][] => [
      ["POST", `${shop}/match`, { orderId: ids["orderId"] }],
      ["POST", `${shop}/revive`, { orderId: ids["orderId"] }],
      ["POST", `/v1/orders/${own["orderId"]}/refuse-payment`, { evidenceId: ids["evidenceId"] }],
      ["PATCH", `/v1/products/${own["productId"]}`, { variants: [{ id: ids["variantId"], name: "Mine" }] }],
    ];
    for (const [index, [method, path, body]] of bodies(foreign).entries()) {
      const [, , unknownBody] = bodies(unknown)[index] ?? [];
      const theirs = await world.ask(method, path, { token, body });
      const nobodys = await world.ask(method, path, { token, body: unknownBody });
      expect(wordsOf({ ...theirs, operation: path }), path).toEqual(wordsOf({ ...nobodys, operation: path }));
      if (!path.endsWith("refuse-payment"))
        expect({ [path]: theirs.status >= 400 }).toEqual({ [path]: true });
    }
    for (const path of [
      "/v1/orders?customerId=",
      "/v1/payment-evidence?customerId=",
      "/v1/audit-events?customerId=",
    ]) {
      const answer = await world.ask("GET", path + foreign["customerId"], { token });
      const isNone = answer.status === 403 || (answer.status === 200 && answer.body.data.length === 0);
      expect({ [path]: isNone }).toEqual({ [path]: true });
    }
  });
});
