import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { removeLooseObjects } from "../../activities/upkeep/remove-loose-objects.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { payoutObjectOf, payoutUploadPlace } from "../../db/payout-uploads.ts";
import { fromTypeId, newId, toTypeId } from "../../domain/id.ts";
import type { ParticipantId, UploadId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { sweepTimes } from "./every-operation.ts";
import type { Answer } from "./owner-world.ts";
import { createPayoutWorld, payoutAccount } from "./payout-world.ts";
import type { Earner, PayoutWorld } from "./payout-world.ts";

type Admin = { token: string; accountId: string };

let world: PayoutWorld;
let maker: Admin;
let approver: Admin;
beforeAll(async () => {
  world = await createPayoutWorld(createRateLimits(sweepTimes));
  [maker, approver] = [await world.addAdmin("payout_admin"), await world.addAdmin("payout_approver")];
});
afterAll(() => world.close());

const base = "/v1/admin/payouts";

function say(
  { token }: Pick<Admin, "token">,
  decision: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Answer> {
  return world.ask("POST", `${base}/${decision}`, {
    token,
    ...(body === undefined ? {} : { body }),
    headers: { "idempotency-key": key },
  });
}

function look({ token }: Pick<Admin, "token">, path: string): Promise<Answer> {
  return world.ask("GET", path, { token });
}

async function addPayout(): Promise<{ earner: Earner; id: string }> {
  const earner = await world.addEarner();
  await world.tally();
  return { earner, id: (await world.payoutOf(earner)).id };
}

async function addExecuting(): Promise<{ earner: Earner; id: string }> {
  const payout = await addPayout();
  await say(maker, `${payout.id}/propose`);
  await say(approver, `${payout.id}/approve`, await approvalOf(payout.id));
  return payout;
}

/** Of what is proposed now. */
async function approvalOf(id: string): Promise<{ accountVersion: number; proposedAt: string }> {
  const { accountVersion, proposedAt } = (await look(approver, `${base}/${id}`)).body;
  return { accountVersion, proposedAt };
}

const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

describe("a payout in the queue", () => {
  test("goes from one admin to the other and to the money, and its case says who decided what", async () => {
    const { earner, id } = await addPayout();
    const queue = await look(maker, `${base}?limit=100`);
    expect(queue.body.data.map((each: { id: string }) => each.id)).toContain(id);
    expect((await say(maker, `${id}/propose`)).body).toMatchObject({ state: "proposed", accountVersion: 1 });
    await say(approver, `${id}/approve`, await approvalOf(id));
    const evidenceId = await world.uploadProof(maker.token, id);
    const paid = await say(maker, `${id}/record-paid`, { attempt: 1, evidenceId });
    expect(paid.body).toMatchObject({ state: "paid", evidenceId });

    const { body } = await look(approver, `${base}/${id}`);
    expect(body).toMatchObject({
      amount: { amountMinor: 20_000, currency: "MMK" },
      participant: { state: "active" },
    });
    expect(body.lines).toMatchObject([{ level: 1, amountMinor: 20_000, kind: "earning" }]);
    const by = ({ body: me }: Answer) => me.proposedBy;
    expect(body.events.map(({ state, by: who }: { state: string; by: string }) => [state, who])).toEqual([
      ["tallied", null],
      ["proposed", by(paid)],
      ["approved", paid.body.approvedBy],
      ["executing", null],
      ["paid", by(paid)],
    ]);
    const picture = await look(approver, body.picture.url);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect((await look(maker, body.picture.url)).status).toBe(403); // the link is the approver's
    expect(JSON.stringify(body)).not.toContain(earner.payerAccountId);
  });

  test("M:ONAMI-41 shows each admin what their part needs, and each look stands in the platform's log", async () => {
    const { id } = await addExecuting();
    const { token, accountId } = await world.addAdmin("payout_admin");
    await look({ token }, `${base}/${id}`);
    const account = await look({ token }, `${base}/${id}/destination`);
    expect(account.body).toEqual({ ...payoutAccount, bank: "" });
    const { token: auditor } = await world.addAdmin("auditor");
    const [compliance, none] = [
      await world.addAdmin("compliance"),
      await world.addAdmin("subscription_admin"),
    ];
    for (const who of [approver.token, auditor, compliance.token, none.token]) {
      expect((await look({ token: who }, `${base}/${id}/destination`)).body.code).toBe("scope.missing");
    }
    for (const who of [compliance, none]) {
      expect((await look(who, `${base}/${id}`)).body.code).toBe("scope.missing");
    }
    const looks = (await world.platformAudit()).filter(({ actor_id: by }) => by === accountId);
    expect(looks.map(({ action, actor_kind: kind }) => [action, kind])).toEqual([
      ["payout.viewed", "admin"],
      ["payout_account.viewed", "admin"],
    ]);
  });

  test("shows its account while the money has to be sent, not before and not after", async () => {
    const { id } = await addPayout();
    const destination = () => look(maker, `${base}/${id}/destination`).then(codeOf);
    const closed = { status: 409, code: "payout.not_executing" };
    expect(await destination()).toEqual(closed);
    await say(maker, `${id}/propose`);
    expect(await destination()).toEqual(closed);
    await say(approver, `${id}/approve`, await approvalOf(id));
    expect((await destination()).status).toBe(200);
    await say(maker, `${id}/record-failed`, { attempt: 1, reason: "account_unknown" });
    expect(await destination()).toEqual(closed);
  });

  test("takes evidence only while the money has to be sent, once, and only as a picture", async () => {
    const early = await addPayout();
    expect(codeOf(await world.ask("POST", `${base}/${early.id}/uploads`, { token: maker.token }))).toEqual({
      status: 409,
      code: "payout.tallied",
    });
    const { id } = await addExecuting();
    const place = await world.ask("POST", `${base}/${id}/uploads`, { token: maker.token });
    const put = (raw: Buffer) =>
      world.ask("PUT", place.body.url, { token: maker.token, raw, headers: { "content-type": "image/gif" } });
    expect((await put(Buffer.from("GIF89a"))).status).toBe(415);
    const unproven = await say(maker, `${id}/record-paid`, { attempt: 1, evidenceId: place.body.id });
    expect(codeOf(unproven)).toEqual({ status: 409, code: "payout.evidence_missing" });
    const other = await addExecuting();
    const evidenceId = await world.uploadProof(maker.token, other.id);
    const strange = await say(maker, `${id}/record-paid`, { attempt: 1, evidenceId });
    expect(codeOf(strange)).toEqual({ status: 409, code: "payout.evidence_missing" });
  });
});

describe("the picture of a transfer", () => {
  async function isKept(evidenceId: string): Promise<boolean> {
    const upload = fromTypeId<UploadId>("upl", evidenceId);
    const { rows } = await world.owner.query<{ sealed_key: Sealed; participant_id: ParticipantId }>(
      `select sealed_key, participant_id from payout_uploads u join payouts p on p.id = u.payout_id
        where u.id = $1`,
      [upload],
    );
    const [row] = rows;
    if (row === undefined || upload === undefined) throw new Error("nothing was uploaded");
    const place = payoutUploadPlace(row.participant_id, upload);
    const [key] = await world.deps.sealer.open([{ place, sealed: row.sealed_key }]);
    if (key === undefined) throw new Error("the participant's key is gone");
    return world.deps.objects.get(payoutObjectOf(upload), key).then(
      () => true,
      () => false,
    );
  }

  test("stays when the payout was recorded with it; one that never was is removed after a day", async () => {
    const { id } = await addExecuting();
    const [recorded, unused] = [
      await world.uploadProof(maker.token, id),
      await world.uploadProof(maker.token, id),
    ];
    await say(maker, `${id}/record-paid`, { attempt: 1, evidenceId: recorded });
    const other = await addExecuting();
    const late = await world.uploadProof(maker.token, other.id);
    world.passTime(25 * 60 * 60_000);
    await removeLooseObjects({ ...world.activities, system: world.deps.system });
    world.passTime(-25 * 60 * 60_000);
    expect([await isKept(recorded), await isKept(unused), await isKept(late)]).toEqual([true, false, false]);
    const gone = await say(maker, `${other.id}/record-paid`, { attempt: 1, evidenceId: late });
    expect(codeOf(gone)).toEqual({ status: 409, code: "payout.evidence_missing" });
  });
});

describe("a decision", () => {
  test("by the same key is answered again, and nobody has the other's part", async () => {
    const { id } = await addPayout();
    const key = randomUUID();
    const [first, again] = [
      await say(maker, `${id}/propose`, undefined, key),
      await say(maker, `${id}/propose`, undefined, key),
    ];
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    const approval = await approvalOf(id);
    expect((await say(maker, `${id}/approve`, approval)).body.code).toBe("scope.missing");
    expect((await say(approver, `${id}/propose`)).body.code).toBe("scope.missing");
    const both = await world.addAdmin("payout_admin", "payout_approver");
    const other = await addPayout();
    await say(both, `${other.id}/propose`);
    expect(codeOf(await say(both, `${other.id}/approve`, await approvalOf(other.id)))).toEqual({
      status: 403,
      code: "payout.same_person",
    });
  });

  test("takes a proof of who decides that is no older than ten minutes", async () => {
    const { id } = await addPayout();
    const late = await world.addAdmin("payout_admin", "payout_approver");
    world.passTime(10 * 60_000);
    const answers = [
      await say(late, `${id}/propose`),
      await say(late, `${id}/approve`, { accountVersion: 1, proposedAt: "2026-11-01T00:00:00.000Z" }),
      await say(late, `${id}/record-paid`, { attempt: 1, evidenceId: toTypeId("upl", newId<string>()) }),
      await say(late, `${id}/record-failed`, { attempt: 1, reason: "not_sent" }),
      await say(late, `${id}/cancel`),
    ].map(codeOf);
    world.passTime(-10 * 60_000);
    expect(answers).toEqual(answers.map(() => ({ status: 403, code: "step_up.required" })));
  });

  test("is nobody's who stands on the participant's line of the tree", async () => {
    const { earner, id } = await addPayout();
    for (const accountId of [earner.accountId, earner.payerAccountId]) {
      await world.grant(accountId, ["payout_admin"]);
      const token = await world.openSession(accountId);
      for (const verb of ["propose", "cancel"]) {
        expect(codeOf(await say({ token }, `${id}/${verb}`))).toEqual({
          status: 403,
          code: "payout.related",
        });
      }
    }
  });

  test("shows the account and the proof to nobody who stands on the participant's line of the tree", async () => {
    const { earner, id } = await addExecuting();
    await world.grant(earner.payerAccountId, ["payout_admin"]);
    const relative = { token: await world.openSession(earner.payerAccountId) };
    const refused = { status: 403, code: "payout.related" };
    expect(codeOf(await look(relative, `${base}/${id}/destination`))).toEqual(refused);
    const evidenceId = await world.uploadProof(maker.token, id);
    await say(maker, `${id}/record-paid`, { attempt: 1, evidenceId });
    const { body } = await look(relative, `${base}/${id}`);
    expect(codeOf(await look(relative, body.picture.url))).toEqual(refused);
  });

  test("to cancel gives its lines to the next one, and comes too late once the money is on its way", async () => {
    const { earner, id } = await addPayout();
    expect((await say(maker, `${id}/cancel`)).body).toMatchObject({ state: "cancelled" });
    const { rows } = await world.owner.query(
      "select state, payout_id from commissions where beneficiary_id = $1",
      [earner.participantId],
    );
    expect(rows).toEqual([{ state: "payable", payout_id: null }]);
    const executing = await addExecuting();
    expect(codeOf(await say(maker, `${executing.id}/cancel`))).toEqual({
      status: 409,
      code: "payout.executing",
    });
  });

  test("about what is held says why, and goes on when a flag is dismissed", async () => {
    const { earner, id } = await addPayout();
    await world.addFlag(earner);
    expect(codeOf(await say(maker, `${id}/propose`))).toEqual({ status: 409, code: "payout.fraud_flag" });
    const { body } = await look(approver, "/v1/admin/fraud-flags?limit=100");
    const flag = body.data.at(-1);
    await world.ask("POST", `/v1/admin/fraud-flags/${flag.id}/dismiss`, {
      token: approver.token,
      body: { reason: "false_match" },
    });
    expect((await look(maker, `${base}/${id}`)).body).toMatchObject({ state: "tallied", obstacle: null });
    expect((await say(maker, `${id}/propose`)).status).toBe(200);
  });
});

describe("the participant", () => {
  test("sees payouts and their statements, of others nothing, and is told what became of them", async () => {
    const { earner, id } = await addExecuting();
    const { earner: other } = await addPayout();
    const list = await look({ token: earner.owner }, "/v1/payouts");
    expect(list.body.data).toMatchObject([{ id, state: "executing", amount: { amountMinor: 20_000 } }]);
    const statement = await look({ token: earner.owner }, `/v1/payouts/${id}/lines`);
    expect(Object.keys(statement.body.data[0]).toSorted()).toEqual([
      "amountMinor",
      "currency",
      "id",
      "kind",
      "level",
      "paidAt",
      "rateBps",
      "reason",
    ]);
    for (const path of [`/v1/payouts/${id}`, `/v1/payouts/${id}/lines`]) {
      expect((await look({ token: other.owner }, path)).status).toBe(404);
      expect((await look({ token: earner.staff }, path)).status).toBe(403);
    }
    await say(maker, `${id}/record-failed`, { attempt: 1, reason: "account_unknown" });
    const notices = await look({ token: earner.owner }, "/v1/notices");
    expect(notices.body.data).toMatchObject([{ kind: "payout_failed", amount: { amountMinor: 20_000 } }]);
    expect((await look({ token: earner.owner }, `/v1/payouts/${id}`)).body).toMatchObject({
      state: "failed",
      failure: "account_unknown",
    });
  });
});
