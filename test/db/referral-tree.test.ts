import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import {
  attributeReferral,
  closeParticipation,
  countNetwork,
  isRelated,
  listAncestors,
} from "../../db/referrals.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import { listShopMates } from "../../db/system.ts";
import { newId } from "../../domain/id.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
beforeAll(async () => {
  world = await createReferralWorld();
});
afterAll(() => world.close());

/** Those from whom a walk up never ends. */
async function listRings(people: Person[]): Promise<string[]> {
  const { rows } = await world.owner.query<{ id: string }>(
    `with recursive up as (
      select id as start, referrer_id as id from referral_participants where id = any ($1)
      union select start, p.referrer_id from up join referral_participants p on p.id = up.id
    ) select start as id from up where start = id`,
    [people.map(({ participantId }) => participantId)],
  );
  return rows.map(({ id }) => id);
}

function people(count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, () => world.addPerson()));
}

function outcomeOf(result: Awaited<ReturnType<typeof world.attribute>>): string {
  return result.outcome === "attributed" ? "attributed" : result.reason;
}

describe("an attribution", () => {
  test("gives an account one referrer, also when it is asked for twice", async () => {
    const [referrer, other] = [await world.addPerson(), await world.addPerson()];
    const accountId = await world.addAccount();
    const first = await world.attribute({ accountId }, referrer);
    expect(first).toEqual({ outcome: "attributed", referrerId: referrer.participantId });
    expect(await world.attribute({ accountId }, referrer)).toEqual(first);
    expect(outcomeOf(await world.attribute({ accountId }, other))).toBe("already_attributed");
  });

  test("is refused for one's own code, and for that of anybody whom one brought", async () => {
    const chain = await world.addChain(4);
    const [top] = chain;
    if (top === undefined) throw new TypeError("a chain of four");
    const outcomes = [];
    for (const person of chain) outcomes.push(outcomeOf(await world.attribute(top, person)));
    expect(outcomes).toEqual(["self_referral", "own_network", "own_network", "own_network"]);
  });

  test("is refused for the code of somebody who is in a shop of the account's", async () => {
    const [accountId, partner, stranger] = [await world.addAccount(), ...(await people(2))];
    if (!partner || !stranger) throw new TypeError("two people");
    await world.setMembers([{ accountId }, partner]);
    const system = openSystemDatabase({ url: world.database.urls.system, maxConnections: 1, name: "test" });
    const shopMates = await listShopMates(system, accountId);
    await system.close();
    expect(shopMates).toEqual([partner.accountId]);
    const attribute = ({ code }: Person) =>
      world.api.withShopSerialisable(platformShopId, (trx) =>
        attributeReferral(trx, { accountId, code, source: "first_upgrade", shopMates, now: new Date() }),
      );
    expect(outcomeOf(await attribute(partner))).toBe("own_shop");
    expect(outcomeOf(await attribute(stranger))).toBe("attributed");
    await world.setMembers([]);
  });

  test("is refused for a code that nobody has, or whose owner takes part no more", async () => {
    const [accountId, referrer] = [await world.addAccount(), await world.addPerson()];
    expect(outcomeOf(await world.attribute({ accountId }, { code: "23456789" }))).toBe("unknown_code");
    await world.worker.withoutShop((trx) => closeParticipation(trx, referrer.accountId));
    expect(outcomeOf(await world.attribute({ accountId }, referrer))).toBe("unknown_code");
  });

  test("is refused outside a serialisable transaction", async () => {
    const [accountId, { code }] = [await world.addAccount(), await world.addPerson()];
    const asked = { accountId, code, source: "sign_up" as const, now: new Date() };
    const attribution = world.api.withoutShop((trx) => attributeReferral(trx, asked));
    await expect(attribution).rejects.toThrow("serialisably");
  });
});

describe("M:MIKY-08 P:MIK-09 the tree", () => {
  test("takes nobody in who has paid for a plan already", async () => {
    const [accountId, referrer] = [await world.addAccount(), await world.addPerson()];
    await world.pay({ accountId });
    expect(outcomeOf(await world.attribute({ accountId }, referrer))).toBe("already_paid");
  });

  test("takes somebody in before or after a first payment at the same moment", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), async (isPaidFirst) => {
        const [accountId, referrer] = [await world.addAccount(), await world.addPerson()];
        const steps = [() => world.pay({ accountId }), () => world.attribute({ accountId }, referrer)];
        await Promise.all((isPaidFirst ? steps : steps.toReversed()).map((step) => step()));
        const { rows } = await world.owner.query<{ isReferred: boolean; earned: number }>(
          `select referrer_id is not null as "isReferred",
              (select count(*)::int from commissions where payer_id = p.id) as earned
            from referral_participants p where account_id = $1`,
          [accountId],
        );
        expect(rows[0]?.earned).toBe(rows[0]?.isReferred === true ? 1 : 0);
      }),
      { numRuns: runs(20) },
    );
  });

  test("closes no ring of two to twenty, however many write at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }),
        async (size, others) => {
          const ring = await people(size);
          const at = (index: number) => ring[index % size] ?? ring[0];
          const pairs = [...ring.map((_, index) => [index, index + 1] as const), ...others];
          const results = await Promise.all(
            pairs.flatMap(([from, to]) => {
              const [person, referrer] = [at(from), at(to)];
              return person && referrer ? [world.attribute(person, referrer)] : [];
            }),
          );
          expect(await listRings(ring)).toEqual([]);
          expect(results.filter(({ outcome }) => outcome === "attributed").length).toBeGreaterThan(0);
        },
      ),
      { numRuns: runs(25) },
    );
  }, 60_000);

  test("closes no ring over people who are there already", async () => {
    const [left, right] = [await world.addChain(5), await world.addChain(5)];
    const [leftTop, rightTop, leftEnd, rightEnd] = [left[0], right[0], left.at(-1), right.at(-1)];
    if (!leftTop || !rightTop || !leftEnd || !rightEnd) throw new TypeError("two chains");
    const results = await Promise.all([
      world.attribute(leftTop, rightEnd),
      world.attribute(rightTop, leftEnd),
    ]);
    expect(results.map(outcomeOf).toSorted()).toEqual(["attributed", "own_network"]);
  });

  test("moves nobody to another referrer, by whatever statement", async () => {
    const [, below] = await world.addChain(2);
    const other = await world.addPerson();
    for (const set of [
      `referrer_id = '${other.participantId}'`,
      "referrer_id = null, source = null, attributed_at = null",
    ]) {
      const change = world.owner.query(`update referral_participants set ${set} where id = $1`, [
        below?.participantId,
      ]);
      await expect(change, set).rejects.toThrow("for life");
    }
  });

  test("is walked up in as many steps as are asked for, nearest first", async () => {
    const chain = await world.addChain(12);
    const { participantId } = chain.at(-1) ?? { participantId: newId<Person["participantId"]>() };
    const walk = async (levels: number) =>
      (await world.api.withoutShop((trx) => listAncestors(trx, { participantId, levels }))).map(
        ({ id, level }) => [id, level],
      );
    const above = chain
      .toReversed()
      .slice(1)
      .map((person, index) => [person.participantId, index + 1]);
    expect(await walk(3)).toEqual(above.slice(0, 3));
    expect(await walk(50)).toEqual(above);
  });

  test("is walked up to an end, also where a broken database has a ring", async () => {
    const [top, middle, end] = await world.addChain(3);
    if (!top || !middle || !end) throw new TypeError("a chain of three");
    await world.owner.query("set session_replication_role = replica");
    await world.owner.query(
      "update referral_participants set referrer_id = $2, source = 'admin', attributed_at = now() where id = $1",
      [top.participantId, end.participantId],
    );
    await world.owner.query("reset session_replication_role");
    expect(outcomeOf(await world.attribute(await world.addPerson(), end))).toBe("attributed");
    const stranger = await world.addPerson();
    const related = await world.api.withoutShop((trx) => isRelated(trx, stranger.accountId, end.accountId));
    expect(related).toBe(false);
  });

  test("gives one of many referrers at once", async () => {
    const [accountId, referrers] = [await world.addAccount(), await people(8)];
    const results = await Promise.all(referrers.map((referrer) => world.attribute({ accountId }, referrer)));
    expect(results.filter(({ outcome }) => outcome === "attributed")).toHaveLength(1);
  });

  test("is counted by levels, without a name", async () => {
    const [top, ...network] = await world.addChain(3);
    const [middle] = network;
    if (!top || !middle) throw new TypeError("a chain of three");
    for (const referrer of [top, middle, middle]) {
      await world.attribute({ accountId: await world.addAccount() }, referrer);
    }
    const count = (levels: number) =>
      world.api.withoutShop((trx) => countNetwork(trx, { participantId: top.participantId, levels }));
    expect(await count(2)).toEqual([2, 3]);
    expect(await count(1)).toEqual([2]);
    expect(await count(4)).toEqual([2, 3, 0, 0]);
  });

  test("says who stands on one line", async () => {
    const [top, middle, end] = await world.addChain(3);
    const beside = { accountId: await world.addAccount() };
    if (!top || !middle || !end) throw new TypeError("a chain of three");
    await world.attribute(beside, top);
    const related = (a: { accountId: Person["accountId"] }, b: { accountId: Person["accountId"] }) =>
      world.api.withoutShop((trx) => isRelated(trx, a.accountId, b.accountId));
    expect(await Promise.all([related(top, end), related(end, top), related(middle, middle)])).toEqual([
      true,
      true,
      true,
    ]);
    const stranger = { accountId: newId<Person["accountId"]>() };
    expect(await Promise.all([related(beside, end), related(top, stranger)])).toEqual([false, false]);
  });
});
