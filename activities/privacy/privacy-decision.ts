import { findUnprovenByCode, listOpenOfSubject } from "../../db/privacy-requests.ts";
import type { TurnDecision } from "../../db/schema/conversations.ts";
import type { CustomerId, MessageId, ShopId } from "../../domain/id.ts";
import { privacyWish } from "../../domain/privacy/privacy-words.ts";
import { hashRequestCode, readRequestCode } from "../../domain/privacy/request-code.ts";
import type { TurnContext } from "../agent/turn-draft.ts";
import type { OpenedMessage } from "../conversation/opened-message.ts";
import type { ActivityDeps } from "../deps.ts";

type Asked = { decision: TurnDecision; askedBy: MessageId };

/** What a burst asks about the customer's own data: by the words of a list, or by the code of a request; else undefined. */
export async function privacyDecision(
  deps: ActivityDeps,
  { turn }: TurnContext,
  words: readonly OpenedMessage[],
): Promise<Asked | undefined> {
  const ref = { shopId: turn.shop.id, customerId: turn.conversation.customer_id };
  for (const { id: askedBy, body } of words.toReversed()) {
    const decision = await decisionOf(deps, ref, body.text ?? "");
    if (decision) return { decision, askedBy };
  }
  return undefined;
}

type Ref = { shopId: ShopId; customerId: CustomerId };

async function decisionOf(deps: ActivityDeps, ref: Ref, text: string): Promise<TurnDecision | undefined> {
  const wish = privacyWish(text);
  switch (wish?.wish) {
    case "ask":
      return { kind: "ask_privacy", right: wish.kind, objectsTo: wish.objectsTo };
    case "withdraw":
      return withdrawal(deps, ref);
    case undefined:
      return byCode(deps, ref, text);
  }
}

/** Whoever asked for nothing has nothing to take back. */
async function withdrawal({ db }: ActivityDeps, ref: Ref): Promise<TurnDecision | undefined> {
  const { shopId, customerId: subjectId } = ref;
  const open = await db.withShop(shopId, (trx) => listOpenOfSubject(trx, { shopId, subjectId }));
  // What a report about a child began is for the shop to judge.
  const own = open.filter(({ door }) => door !== "age_report");
  const request = own.find(({ kind }) => kind === "deletion") ?? own[0];
  return request && { kind: "privacy", act: "withdraw", requestId: request.id };
}

async function byCode(
  { db }: ActivityDeps,
  { shopId }: Ref,
  text: string,
): Promise<TurnDecision | undefined> {
  const code = readRequestCode(text);
  if (code === undefined) return undefined;
  const codeHash = hashRequestCode(code);
  const request = await db.withShop(shopId, (trx) => findUnprovenByCode(trx, { shopId, codeHash }));
  return request && { kind: "privacy", act: "show", requestId: request.id };
}
