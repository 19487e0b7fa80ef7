import { markNoticeQueued, markPersonGone, markSecondWay } from "../../db/incident-people.ts";
import { changeIncident, incidentNoticePlace, insertIncidentEvent } from "../../db/incidents.ts";
import type { IncidentRow } from "../../db/incidents.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import { enqueueMessage, notifySender } from "../../db/outbox.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { lockConversation } from "../../db/conversations.ts";
import {
  breachKey,
  countIncidentPeople,
  listPeopleToTell,
  listShopsOf,
  listUnreached,
  readNoticeReceipts,
  writeDownAffected,
} from "../../db/system-incidents.ts";
import type { PersonToTell } from "../../db/system-incidents.ts";
import { AppError } from "../../domain/app-error.ts";
import { breachText } from "../../domain/breach/notice.ts";
import type { BreachNotice } from "../../domain/breach/notice.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, CustomerId } from "../../domain/id.ts";
import type { BreachRef, BreachSnapshot } from "../../workflows/breach.contract.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import type { BreachDeps } from "./breach-deps.ts";
import { getLocked } from "./breach-snapshot.ts";
import { meetBreachDeadline } from "./deadlines.ts";

/** So many are told in one run of the activity: each is sealed under a key of their own. */
const pageSize = 200;

/** Safe to run twice: one row a person, however often they are written down. */
export async function listAffected(deps: BreachDeps, ref: BreachRef): Promise<BreachSnapshot> {
  const { incidentId } = ref;
  const { scopes, state } = await deps.db.withoutShop((trx) => getLocked(trx, incidentId));
  if (state !== "notifying") return meetBreachDeadline(deps, ref, "listAffected", keep);
  for (const scope of scopes) {
    for (const shopId of await listShopsOf(deps.system, scope)) {
      await writeDownAffected(deps.system, { incidentId, shopId, scope });
    }
  }
  const { customers, accounts } = await countIncidentPeople(deps.system, incidentId);
  return meetBreachDeadline(deps, ref, "listAffected", async (trx, row, now) => {
    await insertIncidentEvent(trx, { incidentId, what: "listed", data: { customers, accounts }, now });
    return changeIncident(trx, row, { listed_at: now });
  });
}

/**
 * Queues the notice for a page of people. Safe to run twice: a person's row changes in the transaction that queues, and
 * message and mail have a key of their own.
 */
export async function tellAffected(deps: BreachDeps, ref: BreachRef): Promise<BreachSnapshot> {
  const { incidentId } = ref;
  const row = await deps.db.withoutShop((trx) => getLocked(trx, incidentId));
  if (row.state !== "notifying") return meetBreachDeadline(deps, ref, "tellAffected", keep);
  // In a drill all is done but the telling.
  const people = row.is_drill ? [] : await listPeopleToTell(deps.system, { incidentId, limit: pageSize });
  const notice = await openNotice(deps, row);
  for (const person of people) {
    await (person.kind === "customer"
      ? tellCustomer(deps, { incidentId, person, notice })
      : tellAccount(deps, { incidentId, person, notice }));
    await deps.atStep("breach.person_told");
  }
  return meetBreachDeadline(deps, ref, "tellAffected", async (trx, locked, now) => {
    // One page, then whoever waits for the incident has their turn.
    if (people.length === pageSize) return locked;
    await insertIncidentEvent(trx, { incidentId, what: "queued_for_all", now });
    return changeIncident(trx, locked, { told_at: now });
  });
}

async function openNotice({ sealer }: BreachDeps, { id, notice }: IncidentRow): Promise<BreachNotice> {
  const [plaintext] =
    notice === null ? [] : await sealer.open([{ place: incidentNoticePlace(id), sealed: notice }]);
  if (plaintext === undefined)
    throw new AppError("internal", "breach.no_notice", { internal: `incident ${id}` });
  // Our own JSON, sealed by `writeIncidentPapers`' caller.
  return JSON.parse(plaintext.toString("utf8")) as BreachNotice;
}

type Telling = { incidentId: BreachRef["incidentId"]; person: PersonToTell; notice: BreachNotice };

async function tellCustomer(deps: BreachDeps, { incidentId, person, notice }: Telling): Promise<void> {
  const { shopId, subjectId, language, shopName } = person;
  // Safe: the row says that the subject is a customer.
  const customerId = subjectId as CustomerId;
  const now = deps.clock.now();
  const told = { incidentId, shopId, subjectId, now };
  const text = breachText(notice, language, shopName === null ? {} : { shopName });
  const parts = await sealUnlessGone(() =>
    sealParts(deps.sealer, { shopId, customerId }, [textContent(text)]),
  );
  await deps.db.withShop(shopId, async (trx) => {
    if (parts === undefined) return markPersonGone(trx, told);
    const { subject_state: state } = await lockConversation(trx, { shopId, customerId });
    if (state === "erasing" || state === "erased") return markPersonGone(trx, told);
    if (!(await markNoticeQueued(trx, told))) return;
    await enqueueMessage(trx, {
      shopId,
      customerId,
      audience: "order",
      author: "system",
      purpose: "privacy_rights",
      businessKey: breachKey(incidentId, subjectId),
      parts,
      now,
    });
    await notifySender(trx, { shopId, customerId });
  });
}

/** By mail, and in the console: two ways at once. */
async function tellAccount(deps: BreachDeps, { incidentId, person, notice }: Telling): Promise<void> {
  const { shopId, subjectId, language, noticeShopId } = person;
  // Safe: the row says that the subject is an account.
  const accountId = subjectId as string as AccountId;
  const now = deps.clock.now();
  const told = { incidentId, shopId, subjectId, now };
  const businessKey = breachKey(incidentId, subjectId);
  if (noticeShopId !== null) {
    await deps.db.withShop(noticeShopId, (trx) =>
      insertNotice(trx, {
        shopId: noticeShopId,
        accountId,
        id: newId(),
        kind: "breach_notice",
        businessKey,
        data: {},
        now,
      }),
    );
  }
  const words = breachText(notice, language, {});
  const secret = await sealUnlessGone(() => sealMailSecret(deps.sealer, { accountId, secret: { words } }));
  await deps.db.withShop(shopId, async (trx) => {
    if (secret === undefined) return markPersonGone(trx, told);
    if (!(await markNoticeQueued(trx, told))) return;
    await queueMail(trx, { accountId, kind: "breach_notice", businessKey, data: {}, secret, language, now });
  });
}

/** Undefined: there is no key any more, the person is erased. */
async function sealUnlessGone<T>(seal: () => Promise<T>): Promise<T | undefined> {
  try {
    return await seal();
  } catch (error) {
    if (error instanceof AppError && error.code === "key.missing") return undefined;
    throw error;
  }
}

/**
 * What became of the notices. Customers whom no message has reached for a while are the shop's to reach, who is told how
 * many they are. Safe to run twice: the shop's notice and the mark change in one transaction.
 */
export async function readReceipts(deps: BreachDeps, ref: BreachRef): Promise<BreachSnapshot> {
  const { incidentId } = ref;
  const now = deps.clock.now();
  await readNoticeReceipts(deps.system, { incidentId, now });
  const { timings, state } = await deps.db.withoutShop((trx) => getLocked(trx, incidentId));
  if (state === "notifying") await takeSecondWay(deps, { incidentId, secondWayMs: timings.secondWayMs, now });
  const counts = await countIncidentPeople(deps.system, incidentId);
  return meetBreachDeadline(deps, ref, "readReceipts", async (trx, row) => {
    if (counts.unsettled > 0 && !row.is_drill) return changeIncident(trx, row, { receipts_read_at: now });
    const { sent, waiting, failed, gone } = counts;
    await insertIncidentEvent(trx, {
      incidentId,
      what: "notified",
      data: { sent, waiting, failed, gone },
      now,
    });
    return changeIncident(trx, row, { state: "notified", notified_at: now, receipts_read_at: now });
  });
}

async function takeSecondWay(
  deps: BreachDeps,
  { incidentId, secondWayMs, now }: { incidentId: BreachRef["incidentId"]; secondWayMs: number; now: Date },
): Promise<void> {
  const queuedBefore = new Date(now.getTime() - secondWayMs);
  for (const shopId of await listUnreached(deps.system, { incidentId, queuedBefore })) {
    const businessKey = `${breachKey(incidentId)}:${now.toISOString()}`;
    await deps.db.withShop(shopId, async (trx) => {
      const count = await markSecondWay(trx, { incidentId, shopId, queuedBefore, now });
      if (count === 0) return;
      const kind = "breach_unreached";
      await insertNotice(trx, { shopId, id: newId(), kind, businessKey, data: { count }, now });
    });
  }
}

function keep(_trx: unknown, row: IncidentRow): Promise<IncidentRow> {
  return Promise.resolve(row);
}
