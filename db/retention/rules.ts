import type { PurgeRuleName } from "../../domain/privacy/purge-rules.ts";
import { chatRules } from "./chat-rules.ts";
import { customerRules } from "./customer-rules.ts";
import { logRules } from "./log-rules.ts";
import { orderRules } from "./order-rules.ts";
import type { PurgeSql } from "./purge-sql.ts";

/** Every rule, as the database carries it out. */
export const purgeSql: Record<PurgeRuleName, PurgeSql> = {
  ...chatRules,
  ...orderRules,
  ...customerRules,
  ...logRules,
};
