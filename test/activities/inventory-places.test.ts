import { expect, test } from "vitest";

import { contactPlace } from "../../activities/agent/read-context.ts";
import { orderContactPlace } from "../../activities/conversation/summary.ts";
import { bodyPlace } from "../../activities/outbox/seal-message.ts";
import { placeOf } from "../../activities/privacy/place-of.ts";
import { accountPlace, accountProfilePlace, platformShopId } from "../../db/accounts.ts";
import { billingDetailsPlace } from "../../db/billing-details.ts";
import { appealPlace } from "../../db/fraud-flags.ts";
import { merchantPlace } from "../../db/gateway-payments.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import { inventoryTables } from "../../db/inventory/list-columns.ts";
import { invitationEmailPlace } from "../../db/invitations.ts";
import { objectKeyPlace } from "../../db/objects.ts";
import { foundPagesPlace } from "../../db/page-connections.ts";
import { pageTokenPlace } from "../../db/pages.ts";
import { readingPlace } from "../../db/payment-evidence.ts";
import { paymentDetailsPlace } from "../../db/payment-methods.ts";
import { payoutDetailsPlace } from "../../db/payout-accounts.ts";
import { payoutUploadPlace } from "../../db/payout-uploads.ts";
import { reversalNotePlace } from "../../db/plan-reversals.ts";
import { ageReportPlace } from "../../db/age-reports.ts";
import { incidentNoticePlace } from "../../db/incidents.ts";
import { privacyNotePlace } from "../../db/privacy-notes.ts";
import { ticketPlace } from "../../db/tickets.ts";
import { packageTokenPlace } from "../../db/privacy-packages.ts";
import { factorSecretPlace } from "../../db/second-factors.ts";
import { sessionOriginPlace } from "../../db/sessions.ts";
import { uploadKeyPlace, upgradeNotePlace } from "../../db/upgrade-evidence.ts";
import { newId } from "../../domain/id.ts";
import type { SealedPlace } from "../../domain/sealing.ts";

/** Of any kind of id. */
const some = () => newId<never>();
const ids = {
  shopId: some(),
  id: some(),
  customerId: some(),
  accountId: some(),
  participantId: some(),
  requestId: some(),
};
const ofCustomer = (purpose: "chat" | "order", field: string): SealedPlace => ({
  shopId: ids.shopId,
  subjectId: ids.customerId,
  purpose,
  field,
  rowId: ids.id,
});
const ofShop = (field: string): SealedPlace => ({
  ...ofCustomer("chat", field),
  subjectId: ids.shopId,
  purpose: "secret",
});

/** As the code seals; where it has no function for it, as its query says. */
const sealedAt: Record<string, SealedPlace> = {
  "accounts.email": accountPlace(ids.id, "account.email"),
  "accounts.profile": accountProfilePlace(ids.id),
  "account_appeals.body": accountPlace(ids.accountId, "account.appeal", ids.id),
  "account_tokens.email": accountPlace(ids.accountId, "account.email"),
  "mails.secret": accountPlace(ids.accountId, "mail.secret", ids.id),
  "sessions.origin": sessionOriginPlace(ids.accountId, ids.id),
  "second_factors.secret": factorSecretPlace(ids.accountId),
  "invitations.email": invitationEmailPlace(ids.shopId, ids.id),
  "pages.token": pageTokenPlace(ids.shopId, ids.id),
  "page_connections.found": foundPagesPlace({ shopId: ids.shopId, id: ids.id }),
  "devices.token": ofShop("device.token"),
  "customers.psid": { ...ofCustomer("chat", "customer.psid"), subjectId: ids.id },
  "messages.body": bodyPlace(ids),
  "intake.body": bodyPlace(ids),
  "dead_letters.body": ofCustomer("chat", "dead_letter.body"),
  "objects.sealed_key": objectKeyPlace({
    shop_id: ids.shopId,
    id: ids.id,
    subject_id: ids.customerId,
    purpose: "chat",
  }),
  "carts.contact": contactPlace(ids.shopId, ids.customerId),
  "orders.contact": orderContactPlace(ids, ids.id),
  "orders.tracking": ofCustomer("order", "order.tracking"),
  "order_events.note": ofCustomer("order", "order_event.note"),
  "payment_evidence.reading": readingPlace({
    shop_id: ids.shopId,
    customer_id: ids.customerId,
    id: ids.id,
    sealed_for: "finance",
  }),
  "payment_methods.details": paymentDetailsPlace(ids.shopId, ids.id),
  "payment_methods.merchant": merchantPlace(ids.shopId, ids.id),
  "upgrade_notes.body": upgradeNotePlace({ ...ids, noteId: ids.id }),
  "upgrade_uploads.sealed_key": uploadKeyPlace({ ...ids, uploadId: ids.id }),
  "plan_reversal_notes.body": reversalNotePlace({ shopId: ids.shopId, noteId: ids.id }),
  "billing_details.details": billingDetailsPlace(ids),
  "payout_accounts.details": payoutDetailsPlace(ids.participantId),
  "payouts.account_details": payoutDetailsPlace(ids.participantId),
  "payout_uploads.sealed_key": payoutUploadPlace(ids.participantId, ids.id),
  "fraud_flags.appeal": appealPlace(ids.participantId, ids.id),
  "age_reports.body": ageReportPlace(ids.shopId, ids.id),
  "incidents.notice": incidentNoticePlace(ids.id),
  "ticket_messages.body": ticketPlace(ids.requestId, ids.id),
  "privacy_notes.body": privacyNotePlace(
    { shopId: ids.shopId, subjectId: ids.customerId, subjectKind: "customer" },
    ids.id,
  ),
  "privacy_packages.token": packageTokenPlace(
    { shopId: ids.shopId, subjectId: ids.customerId, purpose: "chat" },
    ids.id,
  ),
};

/**
 * In nobody's package: the answer of a request is bound to a hash of its key, and what staff wrote about a shop lies under
 * their own account's key.
 */
const elsewhere = new Set(["idempotency_keys.response", "break_glass_grants.reason", "disclosures.basis"]);
const withoutShop = ["accounts", "sessions", "mails", "payouts", "fraud_flags", "second_factors"];
const ofPlatform = [
  ...withoutShop,
  "account_appeals",
  "account_tokens",
  "payout_accounts",
  "payout_uploads",
  "ticket_messages",
  "incidents",
];

const row = {
  id: ids.id,
  customer_id: ids.customerId,
  account_id: ids.accountId,
  participant_id: ids.participantId,
  request_id: ids.requestId,
  subject_id: ids.customerId,
  sealed_for: "finance",
  purpose: "chat",
  "owner:note": ids.customerId,
  ticket_id: ids.requestId,
};

/** Whose key it is stands in another table. */
const owners: Record<string, object> = {
  payout_uploads: { "owner:sealed_key": ids.participantId },
  privacy_notes: { "owner:body": ids.customerId },
};

test("every sealed column is where the inventory says", () => {
  const columns = inventoryTables.flatMap((table) =>
    Object.entries(tableInventory[table].sealed ?? {}).map(([column, places]) => ({ table, column, places })),
  );
  for (const { table, column, places } of columns) {
    const name = `${table}.${column}`;
    if (elsewhere.has(name)) continue;
    const at = [places].flat().at(-1);
    const shop = ofPlatform.includes(table) ? {} : { shop_id: ids.shopId };
    const place = at && placeOf({ ...row, ...shop, ...owners[table] }, column, at);
    expect({ [name]: place }).toEqual({ [name]: sealedAt[name] });
  }
  expect(columns.length - elsewhere.size).toBe(Object.keys(sealedAt).length);
  expect(placeOf(row, "email", { field: "account.email", purpose: "account", subject: "id" }).shopId).toBe(
    platformShopId,
  );
});
