import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { scopesOf } from "../../domain/account/scopes.ts";
import { toTypeId } from "../../domain/id.ts";
import { subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import { askOperation, fillTenant, listOperations, sweepTimes } from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let operations: Operation[];
let mine: Tenant;
let others: Tenant;
/** What stands in the paths, and in no answer to anybody else. */
let ids: Ids;
/** A shop of their own for those who change it. */
let roles: Tenant;
let roleIds: Ids;

beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  operations = await listOperations(world);
  [mine, others] = [await world.addTenant(), await world.addTenant()];
  ids = await fillTenant(world, mine);
  roles = await world.addTenant();
  roleIds = await fillTenant(world, roles);
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

/** An owner has every scope. */
const bounded = membershipRoles.filter((role) => role !== "owner");

describe.each(bounded)("the role %s", (role) => {
  test("M:ONAMI-35 M:OCHAT-20 is refused every operation without whose scope it is, and no other", async () => {
    const token = await world.signIn(roles.shopId, role);
    for (const operation of operations) {
      const answer = await askOperation(world, operation, { ids: roleIds, token });
      const isRefused = answer.status === 403 && answer.body.code === "scope.missing";
      expect({ [answer.operation]: isRefused }).toEqual({
        [answer.operation]: !scopesOf[role].has(operation.scope),
      });
    }
  });
});

const personal: ReadonlySet<string> = new Set([
  "removeDevice",
  "getPageConnection",
  "connectPage",
  "decideAgeReport",
]);

test("M:ONAMI-35 the ids of a shop are nothing to another shop, in any operation and for any role", async () => {
  world.asked.length = 0;
  const known = new RegExp(
    Object.values(ids)
      .map((id) => id.split("?")[0])
      .join("|"),
  );
  for (const role of ["owner", "staff", "api_key"] as const) {
    const token = role === "api_key" ? others.key : others[role];
    for (const operation of operations) {
      const answer = await ask(operation, token);
      if (!scopesOf[role].has(operation.scope)) continue;
      // A key has no phone and no login at Meta, whichever, and says nothing about a child.
      const isPersonal = token === others.key && personal.has(operation.operationId);
      const refusal = isPersonal ? 403 : 404;
      if (operation.path.includes("{")) {
        expect({ [answer.operation]: answer.status }).toEqual({ [answer.operation]: refusal });
      } else expect(answer.bytes.toString("utf8"), answer.operation).not.toMatch(known);
    }
  }
  // What has no id in its path is asked of their own shop.
  const own = subscriptionWorkflowId(toTypeId("shop", others.shopId));
  expect(world.asked.filter(({ workflowId }) => workflowId !== own)).toEqual([]);
});
