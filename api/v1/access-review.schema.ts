import { z } from "@hono/zod-openapi";

import type { AccessReviewRow, SignOffResult } from "../../db/access-reviews.ts";
import { accessKinds } from "../../domain/access/access-review.ts";
import type { Access, AccessDecision } from "../../domain/access/access-review.ts";
import { AppError } from "../../domain/app-error.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import { TimeSchema, idText, notFound, timeOrNull } from "./fields.schema.ts";
import { pageOf, uuidPattern } from "./list.ts";

/** Roles and keys of the largest shop, several times over. */
const mostDecisions = 1_000;

const AccessSchema = z
  .object({
    kind: z.enum(accessKinds),
    id: z.string().openapi({ description: "Of the account (`acc_…`) or of the API key." }),
    detail: z.string().openapi({ description: "The role, or the key's scopes." }),
  })
  .openapi("Access");

const DecisionSchema = AccessSchema.extend({ decision: z.enum(["keep", "remove"]) }).openapi(
  "AccessDecision",
);

export const AccessReviewSchema = z
  .object({
    id: idText("arv"),
    state: z.enum(["open", "overdue", "signed"]),
    openedAt: TimeSchema,
    dueAt: TimeSchema,
    signedBy: idText("acc").nullable(),
    signedAt: TimeSchema.nullable(),
  })
  .openapi("AccessReview");

export const AccessReviewPageSchema = pageOf(AccessReviewSchema).openapi("AccessReviewPage");

export const AccessReviewCaseSchema = AccessReviewSchema.extend({
  access: z
    .array(AccessSchema)
    .openapi({ description: "Who may do what as it is now; empty once it is signed." }),
  decisions: z.array(DecisionSchema).openapi({ description: "What was said; empty until it is signed." }),
}).openapi("AccessReviewCase");

export const SignAccessReviewBody = z
  .strictObject({
    decisions: z
      .array(z.strictObject(DecisionSchema.shape))
      .max(mostDecisions)
      .openapi({ description: "One for each `access`, as it was read. What is removed ends at once." }),
  })
  .openapi("SignAccessReview");

export function toAccessReview(row: AccessReviewRow, now: Date): z.infer<typeof AccessReviewSchema> {
  return {
    id: toTypeId("arv", row.id),
    state: row.signed_at !== null ? "signed" : row.due_at <= now ? "overdue" : "open",
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    signedBy: row.signed_by === null ? null : toTypeId("acc", row.signed_by),
    signedAt: timeOrNull(row.signed_at),
  };
}

type View = { review: AccessReviewRow; current: readonly Access[]; decisions: readonly AccessDecision[] };

export function toAccessReviewCase(
  { review, current, decisions }: View,
  now: Date,
): z.infer<typeof AccessReviewCaseSchema> {
  return {
    ...toAccessReview(review, now),
    access: review.signed_at === null ? current.map(shown) : [],
    decisions: decisions.map(shown),
  };
}

function shown<Entry extends Access>(access: Entry): Entry {
  return access.kind === "api_key" ? access : { ...access, id: toTypeId("acc", access.id) };
}

/** The ids as the rows have them. One that is none is of nothing that there is. */
export function readDecisions(given: z.output<typeof SignAccessReviewBody>["decisions"]): AccessDecision[] {
  return given.map((decision) => {
    const isKey = decision.kind === "api_key" && uuidPattern.test(decision.id);
    const id = isKey ? decision.id : fromTypeId<string & { readonly __id: "account" }>("acc", decision.id);
    if (id === undefined) throw differs();
    return { ...decision, id };
  });
}

/** Throws unless it is signed, now or before. */
export function demandSigned(result: SignOffResult): void {
  switch (result) {
    case "signed":
      return;
    case "signed_before":
      throw conflict("access_review.signed_already", "This review is signed already.");
    case "differs":
      throw differs();
    case "last_owner":
      throw conflict("member.last_owner", "A shop keeps an owner: make somebody else one first.");
    case "unknown":
      throw notFound("arv");
  }
}

function differs(): AppError {
  return conflict(
    "access_review.differs",
    "The decisions are not those of each access as it is now: read the review again.",
  );
}

function conflict(code: string, text: string): AppError {
  return new AppError("conflict", code, { internal: "the rows say otherwise", public: text });
}
