import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { isSigned } from "../../clients/certificate-signer.ts";
import { toTypeId } from "../../domain/id.ts";
import { pseudonymOf } from "../../domain/privacy/certificate.ts";
import { bury } from "../../api/webhooks/bury.ts";
import { listOpenErasures } from "../../db/system-open-rows.ts";
import { defaultConversationTimings } from "../../domain/conversation/timings.ts";
import { readingPlace } from "../../db/payment-evidence.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { runProgram } from "../support/running-system.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { messageItem, newMid } from "../api/api-world.ts";
import { createErasureWorld, firstSteps, legSteps, runsOf } from "./erasure-world.ts";
import type { ErasureWorld, Person } from "./erasure-world.ts";

let world: ErasureWorld;
beforeAll(async () => {
  world = await createErasureWorld();
});
afterAll(() => world.close());

const year = 365 * 24 * 60 * 60_000;

async function stateOf({ shopId, customerId }: Person): Promise<string | undefined> {
  const query = "select state from subjects where shop_id = $1 and id = $2";
  return (await world.rows<{ state: string }>(query, [shopId, customerId]))[0]?.state;
}

/** Waits of the workflow are not of these tests. */
async function erase(person: Person): Promise<ErasureRef> {
  const ref = world.refOf(person);
  await world.run(ref, firstSteps);
  return ref;
}

async function anotherLeg(ref: ErasureRef): Promise<boolean> {
  const hasEnded = await world.activities.endHolds(ref);
  if (hasEnded) await world.run(ref, legSteps);
  return hasEnded;
}

/** Whether `reconcile` starts a workflow behind it. */
async function isOpen({ requestId }: ErasureRef): Promise<boolean> {
  const filter = { after: null, limit: 1_000, now: world.deps.clock.now() };
  const open = await listOpenErasures(world.deps.system, filter);
  return open.some((erasure) => erasure.requestId === requestId);
}

/** The kept slip of a payment: what was read from it, as whoever may read it sees it. */
async function readSlip({ shopId, customerId }: Person): Promise<string | undefined> {
  const [slip] = await world.rows<Parameters<typeof readingPlace>[0] & { reading: Buffer }>(
    `select * from payment_evidence where shop_id = $1 and customer_id = $2 and state = 'accepted' order by id limit 1`,
    [shopId, customerId],
  );
  return slip && world.open(readingPlace(slip), slip.reading);
}

describe("the erasure of a customer", () => {
  test("removes every row, object, key and run of a person, and nothing of a bystander", async () => {
    const shop = await world.addTenant();
    const [person, bystander] = [await world.addPerson(shop), await world.addPerson(shop)];
    for (const one of [person, bystander]) runsOf(one, world.executions);
    const before = await world.rowsOf(bystander);
    const stock = await world.variantOf(person.orders.unpaid);
    const ref = await erase(person);

    // The order that is to be sent goes on; of the delivered one the books stay. All else is gone.
    expect(await world.keysOf(person)).toEqual(["finance", "order"]);
    expect(await world.rowsOf(person)).toEqual({
      conversations: 1,
      objects: 2,
      orders: 2,
      owner_notices: 1,
      payment_evidence: 2,
    });
    expect(await world.rowsOf(bystander)).toEqual(before);
    expect(await world.keysOf(bystander)).toEqual(["chat", "finance", "order"]);
    expect(await world.reservedOf(stock), "the stock of the unpaid order").toBe(0);
    await expect(world.stored(person.pictures.unmatched)).resolves.toBe(false);
    await expect(world.stored(person.pictures.accepted)).resolves.toBe(true);
    await expect(world.stored(bystander.pictures.unmatched)).resolves.toBe(true);
    const kept = new Set(world.executions.runs.map(({ workflowId }) => workflowId));
    expect(kept).toContain(orderWorkflowId(toTypeId("ord", person.orders.toSend)));
    expect(kept.size, "four chains of the bystander and one of the person").toBe(5);

    const { told } = await world.newestCertificate(ref);
    expect(told.executions).toEqual({ deleted: 6, finished: 3, terminated: 3 });
    const messages = told.stores.find(({ store }) => store === "messages");
    expect(messages).toEqual({ store: "messages", class: "conversation", found: 6, removed: 6 });
    expect(
      world.erasureList.entries.filter(({ subjectId }) => subjectId === person.customerId),
    ).toMatchObject([{ shopId: person.shopId, purposes: ["chat"] }]);
  });

  test("takes a package, notes and limits of the person, and keeps that they asked", async () => {
    const shop = await world.addTenant();
    const person = await world.addPerson(shop, { without: ["toSend"] });
    const { shopId, customerId: subjectId } = person;
    const asked = { customerId: toTypeId("cus", subjectId), kind: "restriction", note: "She told me." };
    const { status } = await world.ask("POST", "/v1/privacy-requests", { token: shop.owner, body: asked });
    expect(status).toBe(201);
    const { packageId } = await world.buildPackage({ shopId, subjectId, kind: "access" });
    const parts = await world.rows<{ id: string }>(
      "select object_id as id from privacy_package_parts where package_id = $1",
      [packageId],
    );
    const isStored = () => Promise.all(parts.map(({ id }) => world.stored(id)));
    expect(await isStored()).toContain(true);
    const before = { privacy_packages: 1, processing_limits: 1, privacy_requests: 1 };
    expect(await world.rowsOf(person)).toMatchObject(before);

    const { told } = await world.newestCertificate(await erase(person));
    const after = await world.rowsOf(person);
    expect(after).toMatchObject({ privacy_requests: 1 });
    for (const table of ["privacy_packages", "processing_limits"]) expect(after).not.toHaveProperty(table);
    expect(await isStored()).not.toContain(true);
    expect(await world.rows("select from privacy_notes where shop_id = $1", [shopId])).toEqual([]);
    for (const store of ["privacy_packages", "privacy_notes", "processing_limits"])
      expect(told.stores).toContainEqual(expect.objectContaining({ store, found: 1, removed: 1 }));
  });

  test("goes on with a paid order that is not delivered, and takes the rest when it is", async () => {
    const shop = await world.addTenant();
    const person = await world.addPerson(shop, { without: ["delivered"] });
    const ref = await erase(person);
    expect(await stateOf(person)).toBe("erasing");
    const order = { shopId: person.shopId, orderId: person.orders.toSend };
    expect(
      (await world.ask("GET", `/v1/orders/${toTypeId("ord", order.orderId)}`, { token: shop.owner })).body,
    ).toMatchObject({ contact: { name: person.canaries[1] } });
    expect(await anotherLeg(ref)).toBe(false);
    expect(await isOpen(ref)).toBe(true);
    for (const list of ["customers", "conversations"]) {
      const { body } = await world.ask("GET", `/v1/${list}`, { token: shop.owner });
      expect(body.data, `nobody is left in the ${list}`).toEqual([]);
    }

    const path = `/v1/orders/${toTypeId("ord", order.orderId)}/ship`;
    const noted = { token: shop.owner, body: { tracking: person.canaries[2] } };
    expect((await world.ask("POST", path, noted)).status, "its tracking number is kept with it").toBe(200);
    const shipped = await world.decide(order, "shipOrder", { trackingIntakeId: null });
    expect(shipped.outcome).toBe("decided");
    expect(await anotherLeg(ref)).toBe(false);
    expect((await world.decide(order, "deliverOrder")).outcome).toBe("decided");
    const outbox = "select 1 from outbox where shop_id = $1 and customer_id = $2";
    expect(await world.rows(outbox, [person.shopId, person.customerId]), "nobody writes to them").toEqual([]);
    expect(await anotherLeg(ref)).toBe(true);
    expect(await world.keysOf(person)).toEqual(["finance"]);
    expect(await stateOf(person)).toBe("erased");
    const { body } = await world.ask("GET", `/v1/orders/${toTypeId("ord", order.orderId)}`, {
      token: shop.owner,
    });
    expect(body).toMatchObject({ contact: null, orderState: "completed", paymentState: "paid" });
    const { told } = await world.newestCertificate(ref);
    expect(told).toMatchObject({ revision: 2, holds: [{ class: "order.finance", basis: "bookkeeping" }] });
    expect(told.keys.map(({ purpose }) => purpose)).toEqual(["chat", "order"]);
  });

  test("keeps the books of a payment readable until their date, and not after", async () => {
    const shop = await world.addTenant();
    const person = await world.addPerson(shop, { without: ["toSend"] });
    const ref = await erase(person);
    expect(await readSlip(person)).toContain(person.canaries[2]);
    const { told } = await world.newestCertificate(ref);
    const until = new Date(told.holds[0]?.until ?? 0).getTime();
    expect(until - Date.now()).toBeGreaterThan(7 * year);
    expect(until - Date.now()).toBeLessThan(7 * year + 3 * 24 * 60 * 60_000);

    await world.owner.query("update erasures set final_at = now() where request_id = $1", [ref.requestId]);
    expect(await isOpen(ref), "only a date far away is waited for").toBe(false);
    const jump = until - 60_000 - Date.now();
    world.passTime(jump);
    try {
      expect(await anotherLeg(ref), "a minute before").toBe(false);
      expect(await readSlip(person)).toContain(person.canaries[2]);
      world.passTime(120_000);
      expect(await isOpen(ref), "its date has come").toBe(true);
      expect(await anotherLeg(ref), "a minute after").toBe(true);
    } finally {
      world.passTime(-jump - 120_000);
    }
    expect(await world.keysOf(person)).toEqual([]);
    expect(await world.rowsOf(person)).toEqual({});
    expect((await world.newestCertificate(ref)).told).toMatchObject({ revision: 2, holds: [] });
    await expect(world.stored(person.pictures.accepted)).resolves.toBe(false);
  });

  test("lets no late event in, and a new message begins a new person", async () => {
    const shop = await world.addTenant();
    const [person, other] = [await world.addPerson(shop), await world.addPerson(shop)];
    const before = Date.now() - 60_000;
    await erase(person);
    const late = (psid: string) => ({
      ...messageItem(shop, psid, { mid: newMid(), text: "late" }),
      timestamp: before,
    });
    const count = () => world.door.count("customers", shop);
    const known = await count();
    await world.door.deliver(shop, late(person.psid));
    const echo = { mid: newMid(), text: "from the shop", is_echo: true };
    await world.door.deliver(shop, {
      ...messageItem(shop, person.psid, echo),
      sender: { id: shop.metaPageId },
      recipient: { id: person.psid },
      timestamp: Date.now() + 1_000,
    });
    expect(await count(), "neither a late word nor what the shop says makes a person").toBe(known);
    const rows = await world.rowsOf(person);
    expect(rows["intake"]).toBeUndefined();

    const letter = (senderId: string) => ({
      reason: "not_understood",
      eventKey: randomBytes(32),
      midHash: null,
      senderId,
      raw: "{}",
    });
    const letters = [letter(person.psid), letter(other.psid)];
    const page = {
      ...shop,
      state: "connected" as const,
      languages: ["en" as const],
      conversationTimings: defaultConversationTimings,
    };
    const dropped = await bury(world.doorDeps, page, letters);
    expect([...dropped], "nor is it set aside").toEqual(letters.slice(0, 1));

    // As late, of somebody who was not erased: it is let in.
    const intake = async () => (await world.rowsOf(other))["intake"] ?? 0;
    const had = await intake();
    await world.door.deliver(shop, late(other.psid));
    expect(await intake()).toBe(had + 1);

    const now = {
      ...messageItem(shop, person.psid, { mid: newMid(), text: "hello" }),
      timestamp: Date.now() + 1_000,
    };
    await world.door.deliver(shop, now);
    await world.door.deliver(shop, late(person.psid));
    expect(await count()).toBe(known + 1);
    const [fresh] = await world.rows<{ id: string; words: number; keys: number }>(
      `select c.id, (select count(*)::int from intake i where i.customer_id = c.id) as words,
        (select count(*)::int from subject_keys k where k.subject_id = c.id) as keys
        from customers c where shop_id = $1 order by created_at desc limit 1`,
      [shop.shopId],
    );
    expect(fresh?.id).not.toBe(person.customerId);
    expect(fresh).toMatchObject({ words: 1, keys: 3 });

    world.passTime(8 * 24 * 60 * 60_000);
    try {
      await world.door.deliver(shop, late(person.psid));
    } finally {
      world.passTime(-8 * 24 * 60 * 60_000);
    }
    const words = "select 1 from intake where customer_id = $1";
    expect(await world.rows(words, [fresh?.id]), "Messenger repeats for less than eight days").toHaveLength(
      2,
    );
  });
});

describe("the certificate", () => {
  test("is signed, says nothing about the person, and gets its second date when the epochs are destroyed", async () => {
    const shop = await world.addTenant();
    const person = await world.addPerson(shop, { without: ["toSend"] });
    const ref = await erase(person);
    const { told, body, signature, key_id: keyId, salt } = await world.newestCertificate(ref);
    const [key] = await world.rows<{ public_key: Buffer }>("select * from certificate_keys where id = $1", [
      keyId,
    ]);
    const file = {
      certificate: told,
      signature: signature.toString("base64"),
      keyId,
      publicKey: key?.public_key.toString("base64") ?? "",
    };
    expect(isSigned(file)).toBe(true);
    const changed = { ...told, proof: { ...told.proof, sealedValuesTried: 0 } };
    expect(isSigned({ ...file, certificate: changed })).toBe(false);
    for (const secret of [...person.canaries, person.psid, person.customerId])
      expect(body).not.toContain(secret);
    expect(told.subject.pseudonym).toBe(pseudonymOf(person.customerId, salt));
    expect(told.finalSince).toBeNull();
    expect(told.proof.sealedValuesTried).toBeGreaterThan(8);

    expect((await world.activities.completeCertificate(ref)).isFinal).toBe(false);
    const destroyedAt = "2031-02-03T04:05:06.000Z";
    await world.owner.query("update key_epochs set state = 'destroyed', destroyed_at = $1", [destroyedAt]);
    try {
      expect(await world.activities.completeCertificate(ref)).toMatchObject({ isFinal: true, revision: 2 });
      expect(await world.activities.completeCertificate(ref)).toMatchObject({ isFinal: true, revision: 2 });
    } finally {
      await world.owner.query("update key_epochs set state = 'open', destroyed_at = null");
    }
    expect((await world.newestCertificate(ref)).told.finalSince).toBe(destroyedAt);
  });

  test("is shown to the owner, and checked by a command that needs nothing but the file", async () => {
    const shop = await world.addTenant();
    const ref = await erase(await world.addPerson(shop, { without: ["toSend", "delivered"] }));
    const path = `/v1/privacy-requests/${toTypeId("pvr", ref.requestId)}/certificate`;
    const { status, body } = await world.ask("GET", path, { token: shop.owner });
    expect(status).toBe(200);
    const keys = await world.ask("GET", "/v1/certificate-keys");
    expect(keys.body.data).toContainEqual(
      expect.objectContaining({ id: body.keyId, publicKey: body.publicKey }),
    );

    const folder = await tempFolder();
    const verify = async (name: string, content: unknown) => {
      await writeFile(join(folder, name), JSON.stringify(content));
      return runProgram("certificate-command", ["verify", join(folder, name)]);
    };
    const stores = body.certificate.stores.slice(1);
    const [genuine, changed, none] = await Promise.all([
      verify("genuine.json", body),
      verify("changed.json", { ...body, certificate: { ...body.certificate, stores } }),
      verify("none.json", { certificate: {} }),
    ]);
    expect(genuine).toMatchObject({ code: 0, err: "" });
    expect(genuine.out).toContain(`signed by key ${body.keyId}`);
    expect(genuine.out).toContain("Nothing is kept.");
    expect([changed.code, none.code]).toEqual([1, 2]);
  });

  test("is not issued while a copy of a key still opens something", async () => {
    const person = await world.addPerson(await world.addTenant());
    const ref = world.refOf(person);
    await world.run(ref, firstSteps.slice(0, firstSteps.indexOf("proveUnreadable")));
    // As a process that has not forgotten it, or a key that came back.
    await world.owner.query(
      `insert into subject_keys (shop_id, id, subject_id, purpose, epoch, wrapped) values ($1, $2, $3, 'chat', $4, $5)`,
      world.keptKeys.get(person.customerId) ?? [],
    );
    await expect(world.activities.proveUnreadable(ref)).rejects.toMatchObject({
      code: "erasure.still_readable",
    });
    await world.run(ref, ["removeRows"]);
    await expect(world.activities.issueCertificate(ref)).rejects.toMatchObject({
      code: "erasure.not_certified",
    });
    expect(await world.rowsOf(person)).toMatchObject({ messages: 6 });
    await world.owner.query("delete from subject_keys where subject_id = $1 and purpose = 'chat'", [
      person.customerId,
    ]);
    world.deps.forgetKeys(person.customerId);
    await world.run(ref, ["proveUnreadable", "removeRows", "issueCertificate"]);
  });
});
