import type { OutboxRow } from "../../db/outbox.ts";
import type { SendTarget } from "../../db/send-targets.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import type { PageAccess } from "../../domain/ports/messenger-client.ts";
import type { Sealed } from "../../domain/sealing.ts";

export type ConversationRef = { shopId: ShopId; customerId: CustomerId };

/** A sender, by whose name it holds the conversation's lease. */
export type Sending = ConversationRef & { owner: string };

/** A part that may still have to be sent, with its sealed body. */
export type OpenPart = OutboxRow & { body: Sealed | null };

/** Where a part goes, opened. */
export type Target = { page: PageAccess; psid: string; row: SendTarget };
