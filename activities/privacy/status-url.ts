import type { PrivacyRequestId } from "../../domain/id.ts";
import { codeOfRequest } from "../../domain/privacy/request-code.ts";
import type { ActivityDeps } from "../deps.ts";

/** Where the person can follow the request, without signing in. */
export async function statusUrlOf(
  { blindIndexer, publicUrl }: Pick<ActivityDeps, "blindIndexer" | "publicUrl">,
  requestId: PrivacyRequestId,
): Promise<string> {
  return `${publicUrl}/privacy/requests/${await codeOfRequest(blindIndexer, requestId)}`;
}
