import { sign } from "hono/jwt";
import { z } from "zod";
import { AppError } from "../domain/app-error.ts";
import type { Clock } from "../domain/clock.ts";
import type { PushClient, PushResult } from "../domain/ports/push-client.ts";
import type { Egress } from "./egress.ts";

export type PushOptions = {
  egress: Egress;
  /** `https://fcm.googleapis.com`, or the simulator. */
  baseUrl: string;
  /** `https://oauth2.googleapis.com/token`, or the simulator's. */
  tokenUrl: string;
  projectId: string;
  clientEmail: string;
  /** PEM, PKCS 8; `\n` in words, as environment files hold it, is read too. */
  privateKey: string;
  clock: Clock;
  timeoutMs?: number;
};

type AccessToken = { text: string; usableUntilMs: number };
type Answer = { status: number; json: unknown; retryAfterMs: number };

const scope = "https://www.googleapis.com/auth/firebase.messaging";
const assertionSeconds = 3_600; // the longest that Google takes
const defaultWaitMs = 30_000;
const longestWaitMs = 3_600_000;

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const errorSchema = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z.array(z.object({ errorCode: z.string().optional() })).optional(),
  }),
});

/** FCM HTTP v1. A push carries an order number and an amount, never a name or words of a customer. */
export function createPushClient(options: PushOptions): PushClient {
  const settings = { ...options, timeoutMs: options.timeoutMs ?? 8_000 };
  let cached: AccessToken | undefined;
  let fetching: Promise<AccessToken | undefined> | undefined;

  async function accessToken(): Promise<string | undefined> {
    if (cached !== undefined && cached.usableUntilMs > settings.clock.now().getTime()) return cached.text;
    fetching ??= fetchAccessToken(settings).finally(() => (fetching = undefined));
    cached = await fetching;
    return cached?.text;
  }

  async function send(push: Parameters<PushClient["sendPush"]>[0]): Promise<Answer | undefined> {
    const token = await accessToken();
    if (token === undefined) return undefined;
    const url = `${settings.baseUrl}/v1/projects/${encodeURIComponent(settings.projectId)}/messages:send`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return post(settings, url, { headers, body: JSON.stringify({ message: messageOf(push) }) });
  }

  return {
    async sendPush(push) {
      let answer = await send(push);
      if (answer?.status === 401) {
        cached = undefined;
        answer = await send(push);
      }
      return answer === undefined ? { outcome: "retry", afterMs: defaultWaitMs } : judge(answer);
    },
  };
}

/** Tag and collapse id make a repeated push replace the first one. */
function messageOf(push: Parameters<PushClient["sendPush"]>[0]) {
  const { deviceToken, noticeId, title, body, path } = push;
  return {
    token: deviceToken,
    notification: { title, body },
    data: { noticeId, path },
    android: { collapse_key: noticeId, notification: { tag: noticeId } },
    apns: { headers: { "apns-collapse-id": noticeId } },
    webpush: { notification: { tag: noticeId } },
  };
}

function judge({ status, json, retryAfterMs }: Answer): PushResult {
  if (status === 200) return { outcome: "sent" };
  const parsed = errorSchema.safeParse(json);
  const error = parsed.success ? parsed.data.error : undefined;
  const code = error?.details?.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? error?.status;
  if (code === "UNREGISTERED" || code === "SENDER_ID_MISMATCH") return { outcome: "gone" };
  if (status === 429 || status >= 500) return { outcome: "retry", afterMs: retryAfterMs };
  return {
    outcome: "refused",
    code: code !== undefined && /^[A-Z_]{1,64}$/.test(code) ? code : `HTTP_${status}`,
  };
}

async function fetchAccessToken(
  settings: PushOptions & { timeoutMs: number },
): Promise<AccessToken | undefined> {
  const nowMs = settings.clock.now().getTime();
  const issuedAt = Math.floor(nowMs / 1_000);
  const claims = {
    iss: settings.clientEmail,
    scope,
    aud: settings.tokenUrl,
    iat: issuedAt,
    exp: issuedAt + assertionSeconds,
  };
  const privateKey = settings.privateKey.replaceAll("\\n", "\n");
  const assertion = await sign(claims, privateKey, "RS256").catch((cause: unknown) => {
    throw new AppError("invalid", "config.fcm_private_key", {
      internal: "FCM_PRIVATE_KEY is no RSA key",
      cause,
    });
  });
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const answer = await post(settings, settings.tokenUrl, { body });
  const parsed = tokenSchema.safeParse(answer?.status === 200 ? answer.json : undefined);
  if (!parsed.success) return undefined;
  // A minute early, so that a token does not end on its way.
  const usableUntilMs = nowMs + (parsed.data.expires_in - 60) * 1_000;
  return { text: parsed.data.access_token, usableUntilMs };
}

/** Undefined: no answer. */
async function post(
  { egress, timeoutMs }: { egress: Egress; timeoutMs: number },
  url: string,
  init: RequestInit,
): Promise<Answer | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await egress.fetch("push", url, { ...init, method: "POST", redirect: "error", signal });
    const json: unknown = await response.json().catch(() => undefined);
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(longestWaitMs, seconds * 1_000) : defaultWaitMs;
    return { status: response.status, json, retryAfterMs };
  } catch {
    return undefined;
  }
}
