import { afterAll, beforeAll, expect, test } from "vitest";

import { scopesOf } from "../../api/auth/scopes.ts";
import { askOperation, fillTenant, listOperations } from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let operations: Operation[];
let mine: Tenant;
let others: Tenant;
/** What stands in the paths, and in no answer to anybody else. */
let ids: Ids;

beforeAll(async () => {
  world = await createOwnerWorld();
  operations = await listOperations(world);
  [mine, others] = [await world.addTenant(), await world.addTenant()];
  ids = await fillTenant(world, mine);
});
afterAll(() => world.close());

const ask = (operation: Operation, token?: string) =>
  askOperation(world, operation, { ids, ...(token === undefined ? {} : { token }) });

test("M:ONAMI-35 every operation asks who one is", async () => {
  expect(operations.length).toBeGreaterThan(40);
  for (const operation of operations) {
    const answer = await ask(operation);
    expect({ [answer.operation]: answer.status }).toEqual({ [answer.operation]: 401 });
  }
});

test("M:ONAMI-35 every operation is refused to a role without its scope, and to no other", async () => {
  for (const operation of operations) {
    const answer = await ask(operation, mine.staff);
    const isRefused = answer.status === 403 && answer.body.code === "scope.missing";
    expect({ [answer.operation]: isRefused }).toEqual({
      [answer.operation]: !scopesOf.staff.has(operation.scope),
    });
  }
});

test("M:ONAMI-35 the ids of a shop are nothing to another shop, in any operation and for any role", async () => {
  world.asked.length = 0;
  const known = new RegExp(
    Object.values(ids)
      .map((id) => id.split("?")[0])
      .join("|"),
  );
  for (const token of [others.owner, others.staff, others.key]) {
    for (const operation of operations) {
      const answer = await ask(operation, token);
      if (token === others.staff && !scopesOf.staff.has(operation.scope)) continue;
      if (token === others.key && !scopesOf.api_key.has(operation.scope)) continue;
      // A key has no phone, whichever.
      const isPhone = token === others.key && operation.operationId === "removeDevice";
      const refusal = isPhone ? 403 : 404;
      if (operation.path.includes("{")) {
        expect({ [answer.operation]: answer.status }).toEqual({ [answer.operation]: refusal });
      } else expect(answer.bytes.toString("utf8"), answer.operation).not.toMatch(known);
    }
  }
  expect(world.asked).toEqual([]);
});
