import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { fromTypeId } from "../../domain/id.ts";
import { sweepTimes } from "./every-operation.ts";
import type { Answer } from "./owner-world.ts";
import { createPayoutWorld } from "./payout-world.ts";
import type { Earner, PayoutWorld } from "./payout-world.ts";

let world: PayoutWorld;
let admin: { token: string; accountId: string };
beforeAll(async () => {
  world = await createPayoutWorld(createRateLimits(sweepTimes));
  admin = await world.addAdmin("payout_approver");
});
afterAll(() => world.close());

const base = "/v1/admin/fraud-flags";

function decide(
  id: string,
  verb: "uphold" | "dismiss",
  { token = admin.token, key, reason = "" }: { token?: string; key?: string; reason?: string } = {},
): Promise<Answer> {
  const given = reason === "" ? (verb === "uphold" ? "same_person" : "false_match") : reason;
  return world.ask("POST", `${base}/${id}/${verb}`, {
    token,
    body: { reason: given },
    ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
  });
}

const view = (id: string, token = admin.token) => world.ask("GET", `${base}/${id}`, { token });
const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

function appeal(earner: Earner, id: string, key: string = randomUUID()): Promise<Answer> {
  return world.ask("POST", `/v1/fraud-flags/${id}/appeal`, {
    token: earner.owner,
    body: { text: "We share the shop's tablet." },
    headers: { "idempotency-key": key },
  });
}

async function linesOf({ participantId }: Earner) {
  const { rows } = await world.owner.query<{ line: string }>(
    "select kind || ' ' || amount_minor as line from commissions where beneficiary_id = $1 order by id",
    [participantId],
  );
  return rows.map(({ line }) => line);
}

describe("the review queue", () => {
  test("has what weighs more first, then what is older, page by page, with what is held", async () => {
    const [first, second] = [await world.addEarner(), await world.addEarner(7_000)];
    const ids = [
      await world.addFlag(first, { rule: "velocity", severity: "medium" }),
      await world.addFlag(first),
      await world.addFlag(second),
    ];
    await world.owner.query(
      "update commissions set state = 'held', held_reason = 'fraud' where beneficiary_id = any ($1)",
      [[first.participantId, second.participantId]],
    );
    const seen = [];
    for (let cursor = ""; ;) {
      const { body } = await world.ask("GET", `${base}?limit=1${cursor}`, { token: admin.token });
      seen.push(...body.data);
      if (!body.hasMore) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[2], ids[0]]);
    expect(seen.map(({ held }: { held: object[] }) => held)).toEqual([
      [{ amountMinor: 20_000, currency: "MMK" }],
      [{ amountMinor: 7_000, currency: "MMK" }],
      [{ amountMinor: 20_000, currency: "MMK" }],
    ]);
  });
});

describe("a flag", () => {
  test("is shown with its evidence in codes, and each look stands in the platform's log", async () => {
    const [earner, other] = [await world.addEarner(), await world.addEarner()];
    const id = await world.addFlag(earner, { evidence: { participantId: other.participantId } });
    const { token, accountId } = await world.addAdmin("compliance");
    const { body } = await view(id, token);
    expect(fromTypeId("ptc", body.evidence.participantId)).toBe(other.participantId);
    expect(body).toMatchObject({ rule: "same_device", severity: "high", appeal: null, decisions: [] });
    expect(JSON.stringify(body)).not.toMatch(/09777|Aye/);
    const looks = (await world.platformAudit()).filter(({ actor_id: by }) => by === accountId);
    expect(looks.map(({ action }) => action)).toEqual(["fraud_flag.viewed"]);
  });

  test("that is upheld takes what was not paid and suspends; the appeal that convinces gives it back", async () => {
    const earner = await world.addEarner();
    const id = await world.addFlag(earner);
    const key = randomUUID();
    const [first, again] = [await decide(id, "uphold", { key }), await decide(id, "uphold", { key })];
    expect(first.body).toMatchObject({ state: "upheld" });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await linesOf(earner)).toEqual(["earning 20000", "reversal -20000"]);
    expect((await view(id)).body.participant.state).toBe("suspended");

    const appealKey = randomUUID();
    const [told, repeated] = [await appeal(earner, id, appealKey), await appeal(earner, id, appealKey)];
    expect(told.body.appealedAt).not.toBeNull();
    expect(repeated.headers.get("idempotent-replayed")).toBe("true");
    expect(codeOf(await appeal(earner, id))).toEqual({ status: 409, code: "fraud_flag.not_appealable" });
    expect((await view(id)).body.appeal).toBe("We share the shop's tablet.");
    const other = await world.addAdmin("compliance");
    await decide(id, "dismiss", { token: other.token, reason: "appeal_convincing" });

    expect(await linesOf(earner)).toEqual(["earning 20000", "reversal -20000", "restoration 20000"]);
    const { body } = await view(id);
    expect(body.participant.state).toBe("active");
    expect(
      body.decisions.map(({ decision, reason, answersAppeal }: Record<string, unknown>) => [
        decision,
        reason,
        answersAppeal,
      ]),
    ).toEqual([
      ["upheld", "same_person", false],
      ["dismissed", "appeal_convincing", true],
    ]);
    expect(new Set(body.decisions.map(({ by }: { by: string }) => by)).size).toBe(2);
  });

  test("has its appeal answered by another admin, and read by nobody who may not decide", async () => {
    const earner = await world.addEarner();
    const id = await world.addFlag(earner);
    await decide(id, "uphold");
    await appeal(earner, id);
    for (const verb of ["uphold", "dismiss"] as const) {
      expect(codeOf(await decide(id, verb))).toEqual({ status: 403, code: "fraud_flag.same_person" });
    }
    for (const role of ["payout_admin", "auditor"] as const) {
      const { token } = await world.addAdmin(role);
      const { body } = await view(id, token);
      expect([body.appealedAt === null, body.appeal]).toEqual([false, null]);
    }
    await world.grant(earner.payerAccountId, ["compliance"]);
    const relative = await world.openSession(earner.payerAccountId);
    expect((await view(id, relative)).body.appeal).toBeNull();
    const { token } = await world.addAdmin("compliance");
    expect((await decide(id, "uphold", { token, reason: "appeal_not_convincing" })).body.state).toBe(
      "upheld",
    );
  });

  test("and its appeal, sent again after a crash, is answered as recorded", async () => {
    const earner = await world.addEarner();
    const id = await world.addFlag(earner);
    const key = randomUUID();
    const first = await appeal(earner, id, key);
    // The answer was not kept, and the lease of the request that died is over.
    await world.owner.query("update idempotency_keys set status = null, response = null where key = $1", [
      key,
    ]);
    world.passTime(61_000);
    const again = await appeal(earner, id, key);
    world.passTime(-61_000);
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body });
  });

  test("is decided once, for a reason of its kind, by nobody on the participant's line", async () => {
    const earner = await world.addEarner();
    const id = await world.addFlag(earner);
    for (const accountId of [earner.accountId, earner.payerAccountId]) {
      await world.grant(accountId, ["payout_approver"]);
      const token = await world.openSession(accountId);
      expect(codeOf(await decide(id, "dismiss", { token }))).toEqual({
        status: 403,
        code: "fraud_flag.related",
      });
    }
    expect((await decide(id, "dismiss", { reason: "same_person" })).status).toBe(422);
    const other = await world.addAdmin("compliance");
    const answers = await Promise.all([decide(id, "uphold"), decide(id, "dismiss", { token: other.token })]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const reader = await world.addAdmin("payout_admin");
    expect((await decide(id, "uphold", { token: reader.token })).body.code).toBe("scope.missing");
  });
});
