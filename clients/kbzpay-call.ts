import { randomBytes } from "node:crypto";
import { z } from "zod";

import type { Clock } from "../domain/clock.ts";
import { signKbzFields, verifyKbzFields } from "../domain/payment/kbzpay-signature.ts";
import type { MerchantAccount } from "../domain/ports/payment-gateway.ts";
import { isEgressRefusal } from "./egress.ts";
import type { Egress } from "./egress.ts";

export type KbzSettings = {
  egress: Egress;
  /** `https://api.kbzpay.com/payment/gateway`, or the simulator. */
  baseUrl: string;
  timeoutMs: number;
  clock: Clock;
};

type KbzRequest = {
  path: "precreate" | "queryorder" | "closeorder" | "refund";
  version: "1.0" | "3.0";
  notifyUrl?: string;
  business: Readonly<Record<string, string>>;
};

export type KbzAnswer =
  | { kind: "done"; response: Record<string, unknown> }
  | { kind: "refused"; code: string }
  | { kind: "not_reached" }
  | { kind: "unclear" };

/** Errors before a connection stands: the request cannot have arrived. */
const notConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const largestBytes = 64 * 1024;

const answerSchema = z.object({
  Response: z.looseObject({
    result: z.string(),
    code: z.coerce.string().regex(/^[\w .-]{1,64}$/u),
    sign: z.string().optional(),
  }),
});

/** One signed call, no retry. A signature in the answer must be right; who answers at all is vouched for by TLS. */
export async function callKbz(
  settings: KbzSettings,
  account: MerchantAccount,
  request: KbzRequest,
): Promise<KbzAnswer> {
  let text: string;
  try {
    const response = await settings.egress.fetch("kbzpay", `${settings.baseUrl}/${request.path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ Request: signedRequest(settings, account, request) }),
      redirect: "error",
      signal: AbortSignal.timeout(settings.timeoutMs),
    });
    text = await response.text();
    if (!response.ok || text.length > largestBytes) return { kind: "unclear" };
  } catch (error) {
    const isNotSent = isEgressRefusal(error) || notConnected.has(causeCode(error));
    return { kind: isNotSent ? "not_reached" : "unclear" };
  }
  return judge(text, account);
}

function signedRequest(
  { clock }: KbzSettings,
  { appId, merchantCode, merchantKey }: MerchantAccount,
  { path, version, notifyUrl, business }: KbzRequest,
): Record<string, unknown> {
  const fields = {
    timestamp: String(Math.floor(clock.now().getTime() / 1_000)),
    method: `kbz.payment.${path}`,
    ...(notifyUrl === undefined ? {} : { notify_url: notifyUrl }),
    nonce_str: randomBytes(16).toString("hex"),
    version,
    biz_content: { appid: appId, merch_code: merchantCode, ...business },
  };
  return { ...fields, sign_type: "SHA256", sign: signKbzFields(fields, merchantKey) };
}

function judge(text: string, { merchantKey }: MerchantAccount): KbzAnswer {
  const parsed = answerSchema.safeParse(parseJson(text));
  if (!parsed.success) return { kind: "unclear" };
  const response = parsed.data.Response;
  if (response.sign !== undefined && !verifyKbzFields(response, merchantKey)) return { kind: "unclear" };
  if (response.result === "SUCCESS" && response.code === "0") return { kind: "done", response };
  return response.result === "FAIL" ? { kind: "refused", code: response.code } : { kind: "unclear" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
