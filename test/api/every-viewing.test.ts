import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { listAuditOfSubject } from "../../db/audit-queries.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { SealedPlace } from "../../domain/sealing.ts";
import { askOperation, fillTenant, listOperations, sweepTimes } from "./every-operation.ts";
import type { Ids, Operation } from "./every-operation.ts";
import { tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let operations: Operation[];
let tenant: Tenant;
let reader: string;
let customerId: CustomerId;
let ids: Ids;
/** What was opened since the last look. */
let opened: SealedPlace[] = [];

beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(sweepTimes));
  operations = await listOperations(world);
  tenant = await world.addTenant();
  ids = await fillTenant(world, tenant);
  const customer = fromTypeId<CustomerId>("cus", ids["customerId"] ?? "");
  if (customer === undefined) throw new Error("the tenant has no customer");
  customerId = customer;
  const body = { kind: "text", text: "Hello" } as const;
  await world.addMessage({ ...tenant, customerId }, { body, at: new Date() });
  // Of another session, so that what was looked at on the way here is another viewing.
  reader = await world.signIn(tenant.shopId, "owner");
  const slip = await world.ask("GET", `/v1/payment-evidence/${ids["evidenceId"]}`, { token: reader });
  ids["objectId"] = String(slip.body.picture.url).replace("/v1/pictures/", "");
  const { sealer } = world.deps;
  world.deps.sealer = Object.assign(Object.create(sealer), {
    open: async (items: Parameters<typeof sealer.open>[0]) => {
      const plain = await sealer.open(items);
      opened.push(...items.flatMap(({ place }, index) => (plain[index] === undefined ? [] : [place])));
      return plain;
    },
  });
});
afterAll(() => world.close());

/** Of customers, and of accounts other than the reader's own; an invited address lies under the shop's key. */
async function isOfOthers({ subjectId, field }: SealedPlace, reader: string): Promise<boolean> {
  if (field === "invitation.email") return true;
  const { rows } = await world.owner.query<{ kind: string }>("select kind from subjects where id = $1", [
    subjectId,
  ]);
  return rows[0]?.kind === "customer" || (rows[0]?.kind === "account" && (subjectId as string) !== reader);
}

async function lastEntry(): Promise<string> {
  const { rows } = await world.owner.query<{ id: string }>(
    "select coalesce(max(id::text), '') as id from audit_events where shop_id = $1",
    [tenant.shopId],
  );
  return rows[0]?.id ?? "";
}

test("every operation that opens other people's data writes down who looked", async () => {
  const shown: string[] = [];
  const { rows } = await world.owner.query<{ id: string }>(
    "select account_id as id from sessions order by created_at desc limit 1",
  );
  for (const operation of operations) {
    opened = [];
    const before = await lastEntry();
    await askOperation(world, operation, { ids, token: tenant.key });
    if (opened.length === 0) await askOperation(world, operation, { ids, token: reader });
    const others = [];
    for (const place of opened) if (await isOfOthers(place, rows[0]?.id ?? "")) others.push(place.field);
    if (others.length === 0) continue;
    shown.push(operation.operationId);
    expect({ [operation.operationId]: await lastEntry() }).not.toEqual({ [operation.operationId]: before });
  }
  // The positive control: what opens nothing here would prove nothing.
  expect(shown.toSorted()).toEqual([
    "getOrder",
    "getPaymentEvidence",
    "getPicture",
    "listCustomers",
    "listInvitations",
    "listMembers",
    "listMessages",
  ]);
});

test("a customer's entries are listed by the person, oldest first and page by page", async () => {
  const of = { shopId: tenant.shopId, subjectId: customerId };
  const page = (after?: string) =>
    world.deps.db.withShop(tenant.shopId, (trx) =>
      listAuditOfSubject(trx, { ...of, ...(after === undefined ? {} : { after }), limit: 2 }),
    );
  const first = await page();
  expect(first).toHaveLength(2);
  const second = await page(first[1]?.id);
  const all = [...first, ...second];
  expect(all.map(({ subject_id: id }) => id)).toEqual(all.map(() => customerId));
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
});

test("an account sees what was done about it, in the platform's and in a shop's log, and nobody else's", async () => {
  const [person, other] = [await world.addAccount(), await world.addAccount()];
  await world.addMember(tenant.shopId, person.accountId, "viewer");
  const member = `/v1/members/${toTypeId("acc", person.accountId)}`;
  await world.ask("PATCH", member, { token: tenant.owner, body: { role: "finance" } });
  await world.giveRole(other.accountId, "auditor");
  const log = async (account: typeof person, query = "") => {
    const token = await tokenOf(world, account);
    return (await world.ask("GET", `/v1/accounts/current/access-log${query}`, { token })).body;
  };
  const mine = await log(person);
  expect(mine.data).toMatchObject([
    {
      action: "member.role_set",
      by: { kind: "owner", accountId: expect.stringMatching(/^acc_/) },
      shopId: toTypeId("shop", tenant.shopId),
    },
  ]);
  expect((await log(other)).data).toMatchObject([{ action: "role.granted", shopId: null }]);
});
