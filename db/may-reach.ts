import { sql } from "kysely";

import type { ShopId, SubjectId } from "../domain/id.ts";
import { consentPurposes } from "../domain/privacy/consent.ts";
import { isLimited } from "./processing-limits.ts";
import { hasBasis } from "./shop-purposes.ts";

const subject = {
  shopId: sql.ref<ShopId>("outbox.shop_id"),
  subjectId: sql.ref<SubjectId>("outbox.customer_id"),
};

/** The agent's words; what code says in a turn, whoever is its author, was asked of no model. */
const isModelWritten = sql<boolean>`exists (select from messages m
  join turns t on t.shop_id = m.shop_id and t.id = m.turn_id and t.rounds > 0
  where m.shop_id = outbox.shop_id and m.id = outbox.id and m.author = 'agent')`;

/** What the person said last of the part's purpose, of being written to here. */
const decision = sql`(select c.decision from consents c where c.shop_id = outbox.shop_id
  and c.subject_id = outbox.customer_id and c.purpose = outbox.purpose and c.channel = 'messenger'
  order by c.seq desc limit 1)`;

/** Of a row of the outbox: what is known of its person does not stand against it. It is asked inside the claim of a send. */
export const mayReach = sql<boolean>`exists (select from subjects s
    where s.shop_id = outbox.shop_id and s.id = outbox.customer_id
      and (s.state = 'active' or (s.state = 'frozen' and outbox.purpose = 'privacy_rights')))
  and not (${isLimited(subject, "no_ai")} and ${isModelWritten})
  and not (outbox.purpose is not distinct from 'follow_up' and ${isLimited(subject, "no_follow_up")})
  and not (outbox.purpose is not distinct from 'marketing' and ${isLimited(subject, "no_marketing")})
  and (outbox.purpose is null or outbox.purpose = 'privacy_rights'
    or ${hasBasis({ shopId: subject.shopId, purpose: sql.ref("outbox.purpose") })})
  and (outbox.purpose is null or outbox.purpose not in (${sql.join(consentPurposes.map((one) => sql.lit(one)))})
    or coalesce(${decision}, 'withdrawn') = 'given')`;
