import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { appealFlag, dismissFlag, listFlags, listOwnFlags, upholdFlag } from "../../db/fraud-flags.ts";
import type { FlagResult, FraudFlagRow } from "../../db/fraud-flags.ts";
import { putReferralSignal, screenCommissions } from "../../db/fraud-screening.ts";
import { putPayoutAccount } from "../../db/payout-accounts.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, FraudFlagId } from "../../domain/id.ts";
import { fraudRules } from "../../domain/referral/fraud-rules.ts";
import type { FraudRules } from "../../domain/referral/fraud-rules.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { fc, runs } from "../support/properties.ts";
import { createReferralWorld } from "./referral-world.ts";
import type { Person, ReferralWorld } from "./referral-world.ts";

let world: ReferralWorld;
beforeAll(async () => {
  world = await createReferralWorld();
});
afterAll(() => world.close());

type Kind = "device" | "email" | "phone" | "payout_account";

async function share(kind: Kind, people: Person[]): Promise<void> {
  const index = randomBytes(16);
  const now = new Date();
  for (const { accountId, participantId } of people) {
    await world.api.withoutShop(async (trx) => {
      if (kind !== "payout_account") return putReferralSignal(trx, { accountId, kind, index, now });
      const account = {
        participantId,
        kind: "kbzpay" as const,
        currency: "MMK" as const,
        accountIndex: index,
      };
      await putPayoutAccount(trx, {
        ...account,
        details: Buffer.from("sealed") as Sealed,
        now,
        usableFrom: now,
      });
      return undefined;
    });
  }
}

function flagsOf({ participantId }: Person): Promise<FraudFlagRow[]> {
  return world.api.withoutShop((trx) => listOwnFlags(trx, { participantId, limit: 50 }));
}

async function getFlag(person: Person): Promise<FraudFlagId> {
  const [flag] = await flagsOf(person);
  if (flag === undefined) throw new TypeError("no flag was raised");
  return flag.id;
}

/** What the next payout would take. */
async function payable(person: Person): Promise<number> {
  const lines = await world.lines({ beneficiary: person });
  return lines.filter(({ state }) => state === "payable").reduce((sum, line) => sum + line.amount_minor, 0);
}

async function decide(decision: typeof upholdFlag, flagId: FraudFlagId, by?: AccountId): Promise<FlagResult> {
  const reason = decision === upholdFlag ? "same_person" : "false_match";
  const decided = { flagId, by: by ?? (await world.addAccount()), reason, now: new Date() } as const;
  return world.admin.withoutShop((trx) => decision(trx, decided));
}

async function mailsTo({ accountId }: Person): Promise<string[]> {
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from mails where account_id = $1 order by id",
    [accountId],
  );
  return rows.map(({ kind }) => kind);
}

/** Somebody whose earning of 10,000 is past its holding period and held for a shared device. */
async function addHeld(): Promise<{ parent: Person; payer: Person; paymentId: string; flagId: FraudFlagId }> {
  const [parent, payer] = await world.addChain(2);
  if (!parent || !payer) throw new TypeError("a chain of two");
  await share("device", [parent, payer]);
  const paymentId = await world.pay(payer);
  await world.settle(15);
  return { parent, payer, paymentId, flagId: await getFlag(parent) };
}

describe("P:MIK-23 a commission", () => {
  const shared: [Kind, string][] = [
    ["device", "same_device"],
    ["payout_account", "same_payout_account"],
    ["email", "self_referral"],
    ["phone", "self_referral"],
  ];

  test.each(shared)("is held for a shared %s until a person decides: %s", async (kind, rule) => {
    const [grand, parent, payer] = await world.addChain(3);
    if (!grand || !parent || !payer) throw new TypeError("a chain of three");
    await share(kind, [grand, payer]);
    await world.pay(payer);
    await world.settle(15);
    expect(await flagsOf(grand)).toMatchObject([{ rule, severity: "high", state: "open" }]);
    expect([await payable(parent), await payable(grand)]).toEqual([10_000, 0]);
    const queue = await world.admin.withoutShop((trx) => listFlags(trx, { queue: "review", limit: 100 }));
    const flagId = await getFlag(grand);
    expect(queue.map(({ id }) => id)).toContain(flagId);
    expect(await decide(dismissFlag, flagId)).toEqual({ outcome: "decided", state: "dismissed" });
    await world.settle(15);
    expect(await payable(grand)).toBe(3_000);
  });

  test("that is held is told to its participant by mail, once, and so is what was decided", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    for (const kind of ["device", "email"] as const) await share(kind, [parent, payer]);
    await world.pay(payer);
    await world.settle(15);
    expect(await mailsTo(parent)).toEqual(["earnings_held"]);
    expect(await mailsTo(payer)).toEqual([]);
    await decide(upholdFlag, await getFlag(parent));
    expect(await mailsTo(parent)).toEqual(["earnings_held", "flag_decided"]);
  });

  test("is held with the payer's own for a payout account that both have", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    await share("payout_account", [parent, payer]);
    await world.pay(payer);
    await world.settle(15);
    expect(await flagsOf(payer)).toMatchObject([{ rule: "same_payout_account", state: "open" }]);
  });

  test("is never payable around a ring of three to twenty", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 20 }),
        fc.array(fc.constantFrom("device" as const, "payout_account" as const), { minLength: 20 }),
        async (size, kinds) => {
          const ring = await world.addChain(size);
          // A payout account is one's only one: two neighbours of whom one shares the next one's keep a device instead.
          for (const [index, person] of ring.entries()) {
            const next = ring[index + 1];
            const kind = index % 2 === 0 ? (kinds[index] ?? "device") : "device";
            if (next !== undefined) await share(kind, [person, next]);
          }
          for (const person of ring) await world.pay(person);
          await world.settle(15);
          for (const person of ring) expect(await payable(person)).toBe(0);
          const rules = (await Promise.all(ring.map(flagsOf))).flat().map(({ rule }) => rule);
          expect(rules).toContain("ring");
        },
      ),
      { numRuns: runs(5) },
    );
  }, 60_000);

  test("of a payment that was refunded while it was held for its fourteen days is worth nothing", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    const paymentId = await world.pay(payer);
    await world.settle(13);
    expect(await payable(parent)).toBe(0);
    await world.refund(paymentId, 100_000);
    await world.settle(15);
    const lines = await world.lines({ paymentId });
    expect(lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0)).toBe(0);
    expect(await payable(parent)).toBe(0);
  });

  test("of a burst of sign-ups is paid, and a person looks at it", async () => {
    const parent = await world.addPerson();
    const payers = await Promise.all(Array.from({ length: 21 }, () => world.addPerson()));
    for (const payer of payers) await world.attribute(payer, parent);
    for (const payer of payers) await world.pay(payer, 1_000);
    await world.settle(15);
    expect(await flagsOf(parent)).toMatchObject([{ rule: "velocity", severity: "medium", state: "open" }]);
    expect(await payable(parent)).toBe(2_100);
  });

  test("that was payable is held when a flag is raised by a later one", async () => {
    const [parent, first] = await world.addChain(2);
    const second = await world.addPerson();
    if (!parent || !first) throw new TypeError("a chain of two");
    await world.attribute(second, parent);
    await world.pay(first);
    await world.settle(15);
    expect(await payable(parent)).toBe(10_000);
    await share("device", [parent, second]);
    await world.pay(second);
    await world.settle();
    expect(await payable(parent)).toBe(0);
    expect((await world.lines({ beneficiary: parent })).map(({ held_reason }) => held_reason)).toEqual([
      "fraud",
      "fraud",
    ]);
  });

  test("is not held by a rule that is off", async () => {
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    await share("device", [parent, payer]);
    await world.pay(payer);
    const rules: FraudRules = { ...fraudRules, same_device: { severity: "high", isOn: false } };
    await world.worker.withoutShop((trx) => screenCommissions(trx, { rules, now: new Date(), limit: 50 }));
    await world.settle(15);
    expect([await flagsOf(parent), await payable(parent)]).toEqual([[], 10_000]);
  });
});

describe("a flag", () => {
  test("that is upheld cancels what was not paid, and its participant earns no more", async () => {
    const { parent, payer, paymentId, flagId } = await addHeld();
    expect(await decide(upholdFlag, flagId)).toEqual({ outcome: "decided", state: "upheld" });
    await world.refund(paymentId, 50_000);
    const lines = await world.lines({ paymentId });
    expect(lines.map(({ amount_minor }) => amount_minor)).toEqual([10_000, -10_000, 0]);
    await world.pay(payer);
    expect(await world.lines({ beneficiary: parent })).toHaveLength(3);
  });

  test("is decided once, also by two at once", async () => {
    const { parent, flagId } = await addHeld();
    const results = await Promise.all([decide(upholdFlag, flagId), decide(upholdFlag, flagId)]);
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(["decided", "refused"]);
    expect(await decide(dismissFlag, flagId)).toEqual({ outcome: "refused", reason: "already_decided" });
    expect(await world.lines({ beneficiary: parent })).toHaveLength(2);
  });

  test("is not decided by whoever stands on the participant's line of the tree", async () => {
    const { parent, payer, flagId } = await addHeld();
    for (const by of [parent, payer]) {
      const result = await decide(dismissFlag, flagId, by.accountId);
      expect(result).toEqual({ outcome: "refused", reason: "related" });
    }
  });

  test("is not raised again for what was dismissed", async () => {
    const { parent, payer, flagId } = await addHeld();
    await decide(dismissFlag, flagId);
    await world.pay(payer);
    await world.settle(15);
    expect([await flagsOf(parent), await payable(parent)]).toMatchObject([[{ state: "dismissed" }], 20_000]);
  });
});

describe("an appeal", () => {
  function appeal({ participantId }: Person, flagId: FraudFlagId, appealId = newId<string>()) {
    const text = Buffer.from("sealed") as Sealed;
    const appealed = { flagId, participantId, appeal: text, appealId, now: new Date() };
    return world.api.withoutShop((trx) => appealFlag(trx, appealed));
  }

  test("that is granted gives back what was taken, less what was refunded meanwhile", async () => {
    const { parent, payer, paymentId, flagId } = await addHeld();
    await decide(upholdFlag, flagId);
    await world.refund(paymentId, 40_000);
    expect(await appeal(parent, flagId)).toBeDefined();
    expect(await decide(dismissFlag, flagId)).toEqual({ outcome: "decided", state: "dismissed" });
    await world.settle(15);
    expect(await payable(parent)).toBe(6_000);
    await world.pay(payer);
    await world.settle(15);
    expect(await payable(parent)).toBe(16_000);
  });

  test("that is granted gives nothing back as long as another flag is right", async () => {
    const { parent, payer, flagId } = await addHeld();
    await share("email", [parent, payer]);
    await world.pay(payer);
    await world.settle(15);
    const other = (await flagsOf(parent)).find(({ id }) => id !== flagId);
    if (other === undefined) throw new TypeError("a flag for the e-mail");
    for (const id of [flagId, other.id]) {
      await decide(upholdFlag, id);
      await appeal(parent, id);
    }
    await decide(dismissFlag, flagId);
    await world.settle(15);
    expect(await payable(parent)).toBe(0);
    await decide(dismissFlag, other.id);
    await world.settle(15);
    expect(await payable(parent)).toBe(20_000);
  });

  test("is answered by another admin than the one who upheld the flag, whichever way", async () => {
    const { parent, flagId } = await addHeld();
    const by = await world.addAccount();
    await decide(upholdFlag, flagId, by);
    await appeal(parent, flagId);
    for (const decision of [upholdFlag, dismissFlag]) {
      expect(await decide(decision, flagId, by)).toEqual({ outcome: "refused", reason: "same_person" });
    }
    expect(await decide(dismissFlag, flagId)).toEqual({ outcome: "decided", state: "dismissed" });
  });

  test("that is refused leaves the decision, for good", async () => {
    const { parent, flagId } = await addHeld();
    await decide(upholdFlag, flagId);
    await appeal(parent, flagId);
    expect(await decide(upholdFlag, flagId)).toEqual({ outcome: "decided", state: "upheld" });
    expect(await decide(dismissFlag, flagId)).toEqual({ outcome: "refused", reason: "already_decided" });
    expect(await payable(parent)).toBe(0);
  });

  test("M:MIKY-36 M:ONAMI-31 ends what a rule began: off it raises nothing, light it holds nothing, heavy it holds until persons have decided", async () => {
    const [light, heavy] = [
      { same_device: { severity: "medium", isOn: true } },
      { same_device: { severity: "high", isOn: true } },
    ] as const;
    const [parent, payer] = await world.addChain(2);
    if (!parent || !payer) throw new TypeError("a chain of two");
    const story: unknown[] = [];
    const tell = async () => {
      const queue = await world.admin.withoutShop((trx) =>
        listFlags(trx, { queue: "review", limit: 10_000 }),
      );
      const waiting = queue.filter(({ participant_id }) => participant_id === parent.participantId);
      const flags = (await flagsOf(parent)).map(({ severity, state }) => `${severity} ${state}`);
      story.push([flags.join(), await payable(parent), waiting.map(({ severity }) => severity).join()]);
    };
    const payUnder = async (rules: Partial<FraudRules>, by: Person) => {
      await share("device", [parent, by]);
      await world.pay(by);
      const screening = { rules: { ...fraudRules, ...rules }, now: new Date(), limit: 50 };
      await world.worker.withoutShop((trx) => screenCommissions(trx, screening));
      await world.settle(15);
      await tell();
    };
    await payUnder({ same_device: { severity: "high", isOn: false } }, payer);
    await payUnder(light, payer);
    const second = await world.addPerson();
    await world.attribute(second, parent);
    await payUnder(heavy, second);
    const flagId = await getFlag(parent);
    await decide(upholdFlag, flagId);
    await tell();
    await appeal(parent, flagId);
    await tell();
    await decide(dismissFlag, flagId);
    await world.settle(15);
    await tell();
    expect(story).toEqual([
      ["", 10_000, ""],
      ["medium open", 20_000, "medium"],
      ["high open,medium open", 0, "high,medium"],
      ["high upheld,medium open", 0, "medium"],
      ["high upheld,medium open", 0, "high,medium"],
      ["high dismissed,medium open", 30_000, "medium"],
    ]);
  });

  test("is made once, and by nobody else", async () => {
    const { parent, payer, flagId } = await addHeld();
    expect(await appeal(payer, flagId)).toBeUndefined();
    const [first, second] = [newId<string>(), newId<string>()];
    expect(await appeal(parent, flagId, first)).toMatchObject({ isNew: true });
    expect(await appeal(parent, flagId, first)).toMatchObject({ isNew: false, flag: { id: flagId } });
    expect(await appeal(parent, flagId, second)).toBeUndefined();
  });
});

describe("the login of the admins", () => {
  test("reads no payout account and no signal, and changes no code", async () => {
    const attempts = [
      sql`select * from payout_accounts`,
      sql`select account_index from payout_accounts`,
      sql`select * from referral_signals`,
      sql`select * from referral_traits`,
      sql`update referral_participants set code = '23456789'`,
      sql`update fraud_flags set appeal = null`,
    ];
    for (const statement of attempts) {
      const attempt = world.admin.withoutShop((trx) => statement.execute(trx));
      await expect(attempt).rejects.toMatchObject({ code: "42501" });
    }
  });
});
