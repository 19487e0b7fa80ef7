import { lookup as resolveName } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import type {
  AttachmentFetcher,
  FetchedAttachment,
  FetchRefusal,
} from "../domain/ports/attachment-fetcher.ts";
import { classifyAttachmentUrl } from "./attachment-hosts.ts";
import type { AttachmentHosts } from "./attachment-hosts.ts";
import { startDeadline } from "./call-deadline.ts";
import type { Egress } from "./egress.ts";
import { isPublicAddress } from "./public-address.ts";

type Address = { address: string; family: number };

export type AttachmentFetcherOptions = {
  egress: Egress;
  hosts: AttachmentHosts;
  timeoutMs?: number;
  maxBytes?: number;
  /** All addresses of a name; called once a download. */
  resolve?: (hostname: string) => Promise<Address[]>;
  /** Replaces the request itself in tests of what is asked for. */
  requestTls?: typeof requestHttps;
};

/** A customer chooses these links, so they may lead nowhere but to Messenger's own hosts on the public internet. */
export function createAttachmentFetcher(options: AttachmentFetcherOptions): AttachmentFetcher {
  const timeoutMs = options.timeoutMs ?? 10_000; // Meta's hosts answer in a second or two
  const maxBytes = options.maxBytes ?? 10 * 1024 * 1024;
  const resolve = options.resolve ?? ((hostname) => resolveName(hostname, { all: true }));

  return {
    async fetchAttachment(text, callerSignal) {
      if (!URL.canParse(text)) return refused("bad_url");
      const url = new URL(text);
      const place = classifyAttachmentUrl(url, options.hosts);
      if (place === undefined) return refused("host_not_allowed");
      const { signal, isTimeout, end } = startDeadline(timeoutMs, callerSignal);
      try {
        options.egress.admit("meta", url);
        const addresses = await abortable(resolve(stripBrackets(url.hostname)), signal);
        const first = addresses.find(({ family }) => family === 4) ?? addresses[0];
        if (first === undefined) return refused("unreachable");
        if (place === "public" && !addresses.every(({ address }) => isPublicAddress(address))) {
          return refused("address_refused");
        }
        const request = place === "loopback" ? requestHttp : (options.requestTls ?? requestHttps);
        const response = await openResponse(request, url, { lookup: pinTo(first), signal });
        return await readResponse(response, maxBytes);
      } catch {
        return refused(isTimeout() ? "timeout" : "unreachable");
      } finally {
        end();
      }
    },
  };
}

function openResponse(
  request: typeof requestHttps,
  url: URL,
  options: { lookup: LookupFunction; signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: "image/*", "accept-encoding": "identity" };
    request(url, { ...options, method: "GET", agent: false, headers }, resolve)
      .on("error", reject)
      .end();
  });
}

async function readResponse(response: IncomingMessage, maxBytes: number): Promise<FetchedAttachment> {
  const refusal = statusRefusal(response.statusCode ?? 0);
  if (refusal !== undefined || Number(response.headers["content-length"] ?? 0) > maxBytes) {
    response.destroy();
    return refused(refusal ?? "too_large");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return refused("too_large"); // leaving the loop destroys the stream
    chunks.push(chunk);
  }
  return { ok: true, bytes: Buffer.concat(chunks) };
}

function statusRefusal(status: number): FetchRefusal | undefined {
  if (status === 200) return undefined;
  if (status >= 300 && status < 400) return "redirected";
  return [401, 403, 404, 410].includes(status) ? "gone" : "unreachable";
}

/** The socket goes to the address that was checked, whatever the name says a moment later. */
function pinTo({ address, family }: Address): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject);
  });
}

function stripBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function refused(reason: FetchRefusal): FetchedAttachment {
  return { ok: false, reason, isRetryable: reason === "timeout" || reason === "unreachable" };
}
