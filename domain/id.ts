import { TypeID, typeid } from "typeid-js";

type Branded<Kind extends string> = string & { readonly __id: Kind };

export type ShopId = Branded<"shop">;
export type PageId = Branded<"page">;
/** A login at Meta by which Pages are connected. */
export type PageConnectionId = Branded<"pageConnection">;
export type SubjectId = Branded<"subject">;
/** A customer is a subject: both rows carry the same uuid. */
export type CustomerId = SubjectId & { readonly __customer: true };
export type AccountId = Branded<"account">;
export type ProductId = Branded<"product">;
export type VariantId = Branded<"variant">;
export type PaymentMethodId = Branded<"paymentMethod">;
export type OrderId = Branded<"order">;
export type EvidenceId = Branded<"evidence">;
export type MessageId = Branded<"message">;
export type ObjectId = Branded<"object">;
export type TurnId = Branded<"turn">;
export type NoticeId = Branded<"notice">;
export type GatewayPaymentId = Branded<"gatewayPayment">;
export type KeyId = Branded<"key">;
export type UpgradeRequestId = Branded<"upgradeRequest">;
export type UploadId = Branded<"upload">;
/** Of a payment to the platform: for a plan, or for a package of credits. */
export type PlanPaymentId = Branded<"planPayment">;
/** A participant is a subject: its keys live under the platform's id. */
export type ParticipantId = SubjectId & { readonly __participant: true };
export type CommissionId = Branded<"commission">;
export type ReferralApplicationId = Branded<"referralApplication">;
export type FraudFlagId = Branded<"fraudFlag">;
export type PayoutId = Branded<"payout">;
export type GrantId = Branded<"grant">;
export type MailId = Branded<"mail">;
export type AppealId = Branded<"appeal">;
export type AgeReportId = Branded<"ageReport">;
export type InvoiceId = Branded<"invoice">;
export type AccessReviewId = Branded<"accessReview">;
export type DisclosureId = Branded<"disclosure">;
export type BreakGlassId = Branded<"breakGlass">;
export type BillingDetailsId = Branded<"billingDetails">;
/** A ticket is a subject: its key goes with it. */
export type TicketId = SubjectId & { readonly __ticket: true };
/** Likewise an incident. */
export type IncidentId = SubjectId & { readonly __incident: true };
export type RetentionRunId = Branded<"retentionRun">;
export type PrivacyRequestId = Branded<"privacyRequest">;
/** A copy of somebody's data, for that person. */
export type PrivacyPackageId = Branded<"privacyPackage">;

/** TypeID prefix of each kind of id that is shown outside. */
export type IdPrefix =
  | "shop"
  | "page"
  | "pgc"
  | "cus"
  | "acc"
  | "prd"
  | "var"
  | "pm"
  | "pay"
  | "ord"
  | "evd"
  | "msg"
  | "obj"
  | "turn"
  | "ntc"
  | "upg"
  | "upl"
  | "ppm"
  | "cmm"
  | "flg"
  | "rap"
  | "grt"
  | "apl"
  | "agr"
  | "inv"
  | "ptc"
  | "pout"
  | "tkt"
  | "inc"
  | "bgg"
  | "dsc"
  | "arv"
  | "rtr"
  | "pvr";

/** A fresh uuid v7, lower case. The brand is the caller's: a new id belongs to whatever is being made. */
export function newId<T extends string>(): T {
  return typeid("").toUUID() as T;
}

/** `ord_01h…` for a uuid; the only form that leaves the program. */
export function toTypeId(prefix: IdPrefix, id: string): string {
  return TypeID.fromUUID(prefix, id).toString();
}

/** The uuid in a TypeID text, or undefined when the text is not one of that prefix. */
export function fromTypeId<T extends string>(prefix: IdPrefix, text: string): T | undefined {
  try {
    const parsed = TypeID.fromString(text);
    return parsed.getType() === prefix ? (parsed.toUUID() as T) : undefined;
  } catch {
    return undefined;
  }
}
