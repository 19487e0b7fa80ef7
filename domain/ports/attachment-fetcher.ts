export type FetchRefusal =
  | "bad_url"
  | "host_not_allowed"
  | "address_refused" // the name leads into a private network
  | "redirected"
  | "gone"
  | "too_large"
  | "timeout"
  | "unreachable";

export type FetchedAttachment =
  | { ok: true; bytes: Buffer }
  | { ok: false; reason: FetchRefusal; isRetryable: boolean };

/** Downloads what a customer sent, from Messenger's own hosts only. */
export interface AttachmentFetcher {
  fetchAttachment(url: string, signal?: AbortSignal): Promise<FetchedAttachment>;
}
